import { ReasoningEffort, REASONING_EFFORTS } from '@longhaul/contract';

const placeOf = (effort: ReasoningEffort): number => REASONING_EFFORTS.indexOf(effort);

/**
 * Of two that are as near the smaller one: thinking costs money. Who asks for thinking gets some: from `low` on, `none`
 * is no neighbour. Undefined when there is none.
 */
export const nearestEffort = (
  wanted: ReasoningEffort,
  taken: readonly ReasoningEffort[],
): ReasoningEffort | undefined =>
  taken
    .filter((effort) => effort !== 'none' || placeOf(wanted) < placeOf('low'))
    .sort(
      (left, right) =>
        Math.abs(placeOf(left) - placeOf(wanted)) - Math.abs(placeOf(right) - placeOf(wanted)) ||
        placeOf(left) - placeOf(right),
    )[0];
