import { Order } from './order';

export const rank: Order = {
  name: 'rank',
  meaning: 'Models in the order of their rank in the catalogue.',
  place({ model, listed }) {
    return listed ? model.rank : -1;
  },
};
