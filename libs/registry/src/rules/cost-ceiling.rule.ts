import { usdFromNano } from '@longhaul/contract';
import { estimateOf } from '../estimate';
import { Rule } from './rule';

/** An unknown price may be any price, so that a ceiling refuses it. */
export const costCeiling: Rule = {
  name: 'cost-ceiling',
  refuse(entry, need, { ceilingNanoUsd }) {
    if (ceilingNanoUsd === null) return null;
    const { nanoUsd } = estimateOf(entry, need);
    if (nanoUsd !== null && nanoUsd <= ceilingNanoUsd) return null;
    const ceiling = `one call may cost ${usd(ceilingNanoUsd)}`;
    return nanoUsd === null
      ? `The price of ${entry.name} is unknown, and ${ceiling}.`
      : `One call of ${entry.name} may come to ${usd(nanoUsd)}, and ${ceiling}.`;
  },
};

const SHOWN_DIGITS = 4;
const usd = (nanoUsd: number): string =>
  `$${String(Number((usdFromNano(nanoUsd) ?? 0).toPrecision(SHOWN_DIGITS)))}`;
