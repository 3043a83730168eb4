import { Order } from './order';

export const freeFirst: Order = {
  name: 'free_first',
  meaning: 'Models that cost nothing, when FREE_FIRST is on or the profile is cost.',
  place(entry, { lists, settings, profile }) {
    if (!settings.freeFirst && profile !== 'cost') return 0;
    return lists.isFree(entry) ? 0 : 1;
  },
};
