import { Order } from './order';

export const providerPreference: Order = {
  name: 'provider_preference',
  meaning: 'Inside a provider, the models of its preferred_models, in their order.',
  place(entry, { lists }) {
    return lists.preferencePlace(entry);
  },
};
