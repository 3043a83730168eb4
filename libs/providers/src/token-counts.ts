/** Twice the largest window there is; beyond it a number is garbage. */
const MOST_TOKENS = 20_000_000;

export const isTokenCount = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) >= 0 && Number(value) <= MOST_TOKENS;

/** A detail that is no count is as good as absent; one larger than its whole is cut to it. */
export const tokensWithin = (value: unknown, whole: number): number =>
  isTokenCount(value) ? Math.min(value, whole) : 0;
