import fc from 'fast-check';
import { KEEP, weightedMean } from './weighted-mean';

/** By the definition: each value weighs `KEEP` times as much as the one after it. */
function byDefinition(values: readonly number[]): number {
  const weights = values.map((_, index) => KEEP ** (values.length - 1 - index));
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  return values.reduce((sum, value, index) => sum + value * (weights[index] ?? 0), 0) / whole;
}

describe('a weighted mean', () => {
  it('is by its definition, and between the least and the most', () => {
    const values = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(values, (each) => {
        const mean = weightedMean(each) ?? Number.NaN;
        expect(mean).toBeCloseTo(byDefinition(each), 3);
        expect(mean).toBeGreaterThanOrEqual(Math.min(...each) - 1e-6);
        expect(mean).toBeLessThanOrEqual(Math.max(...each) + 1e-6);
      }),
    );
  });

  it('of nothing is none, of one value that value, and the latest count most', () => {
    expect([weightedMean([]), weightedMean([7])]).toEqual([null, 7]);
    expect(weightedMean([0, 0, 1])).toBeGreaterThan(weightedMean([1, 0, 0]) ?? 1);
  });
});
