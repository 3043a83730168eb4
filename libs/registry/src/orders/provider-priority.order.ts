import { Order } from './order';

export const providerPriority: Order = {
  name: 'provider_priority',
  meaning: 'The providers in the order of PROVIDER_PRIORITY_ORDER, the rest by their priority.',
  place({ provider }, { catalogue }) {
    return catalogue.placeOf(provider);
  },
};
