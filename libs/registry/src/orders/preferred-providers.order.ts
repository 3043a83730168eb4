import { Order } from './order';

export const preferredProviders: Order = {
  name: 'preferred_providers',
  meaning: 'The providers that the caller prefers, then those preferred for the type of job.',
  place({ provider }, { preferred }) {
    const place = preferred.indexOf(provider.name);
    return place < 0 ? preferred.length : place;
  },
};
