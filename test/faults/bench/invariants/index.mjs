import { ACCEPTING } from './accepting.mjs';
import { CALLS } from './calls.mjs';
import { CANCELS } from './cancels.mjs';
import { CAPS } from './caps.mjs';
import { ENDINGS } from './endings.mjs';
import { MONEY } from './money.mjs';
import { REMOVALS } from './removals.mjs';
import { RECOVERY } from './recovery.mjs';

/**
 * What must hold, whatever was done: `{ name, what, isTime, judge }`. `judge(evidence)` answers `{ said, bad }`: the
 * count in words, and a line for each breach. A bound of time (`isTime`) is not judged in a lenient run.
 */
export const INVARIANTS = [
  ...ACCEPTING,
  ...ENDINGS,
  ...CALLS,
  ...MONEY,
  ...CAPS,
  ...CANCELS,
  ...REMOVALS,
  ...RECOVERY,
];
