/** What one more value keeps of the weight of all before it: the latest twenty or so count. */
export const KEEP = 0.95;

/** Older values weigh nothing that a number could hold, and PostgreSQL refuses an underflow. */
export const MOST_COUNTED = 1000;

/**
 * The exponentially weighted mean of values that came in this order; null of none. Divided by the weight that they have
 * together, so that the first of them counts no more than the second.
 */
export function weightedMean(values: readonly number[]): number | null {
  let sum = 0;
  let weight = 0;
  for (const value of values) {
    sum = sum * KEEP + value;
    weight = weight * KEEP + 1;
  }
  return weight === 0 ? null : sum / weight;
}

const weightOf = (count: string): string =>
  `(1 - power(${String(KEEP)}, least(${count}, ${String(MOST_COUNTED)})))`;

/** A mean and of how many values, in SQL. */
interface Mean {
  readonly mean: string;
  readonly count: string;
}

/** The mean of earlier values and of those that came after them, as if all had been averaged at once. */
export const mergedMean = (earlier: Mean, later: Mean): string =>
  `(${earlier.mean} * ${weightOf(earlier.count)} * power(${String(KEEP)}, least(${later.count}, ${String(MOST_COUNTED)}))
    + ${later.mean} * ${weightOf(later.count)}) / ${weightOf(`${earlier.count} + ${later.count}`)}`;
