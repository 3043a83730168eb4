import { estimateOf } from '../estimate';
import { Order } from './order';

export const cost: Order = {
  name: 'cost',
  meaning:
    'The lower estimate for one call, an unknown one last, when COST_AWARE is on or the profile is cost.',
  place(entry, { need, settings, profile }) {
    if (!settings.costAware && profile !== 'cost') return 0;
    return estimateOf(entry, need).nanoUsd ?? Number.MAX_VALUE;
  },
};
