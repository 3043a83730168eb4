import { Order } from './order';

export const tier: Order = {
  name: 'tier',
  meaning: 'Models of the job’s tier, in the order of its targets.',
  place(entry, { lists, tier: choice }) {
    return choice === null ? 0 : lists.tierPlace(choice.tier, entry);
  },
};
