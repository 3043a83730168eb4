import fc from 'fast-check';
import { statedCostNanoUsd, usageOf } from './usage';

describe('usage', () => {
  it.each([
    undefined,
    null,
    'many',
    [],
    {},
    { prompt_tokens: 1 },
    { completion_tokens: 1 },
    { prompt_tokens: -1, completion_tokens: 1 },
    { prompt_tokens: 1, completion_tokens: 1.5 },
    { prompt_tokens: '1', completion_tokens: 1 },
    { prompt_tokens: 1, completion_tokens: 1e12 },
    { prompt_tokens: NaN, completion_tokens: 1 },
  ])('is null, never zero, for %j', (wire) => {
    expect(usageOf(wire)).toBeNull();
  });

  it('takes a cache larger than the prompt for the whole prompt', () => {
    const wire = {
      prompt_tokens: 10,
      completion_tokens: 0,
      prompt_tokens_details: { cached_tokens: 99, cache_write_tokens: 5 },
    };
    expect(usageOf(wire)).toEqual({ freshInput: 0, cacheRead: 10, cacheWrite: 0, output: 0, reasoning: 0 });
  });

  it('counts every token in exactly one bucket, whatever the details claim', () => {
    const count = fc.nat(1_000_000);
    const anything = fc.oneof(
      fc.integer(),
      fc.double(),
      fc.constant(null),
      fc.string(),
      fc.constant(undefined),
    );
    const wires = fc.record({
      prompt_tokens: count,
      completion_tokens: count,
      cached_tokens: anything,
      prompt_tokens_details: fc.oneof(
        fc.record({ cached_tokens: anything, cache_write_tokens: anything }),
        anything,
      ),
      completion_tokens_details: fc.oneof(fc.record({ reasoning_tokens: anything }), anything),
    });
    fc.assert(
      fc.property(wires, (wire) => {
        const usage = usageOf(wire)!;
        expect(usage.freshInput + usage.cacheRead + usage.cacheWrite).toBe(wire.prompt_tokens);
        expect(usage.output).toBe(wire.completion_tokens);
        expect(usage.reasoning).toBeLessThanOrEqual(usage.output);
        expect(Math.min(...Object.values(usage))).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe('the stated price', () => {
  it.each([
    [0, 0],
    [0.0003, 300_000],
    [0.1 + 0.2, 300_000_000],
    [1e-10, 1],
  ])('reads %d USD as %d nano-USD', (cost, nano) => {
    expect(statedCostNanoUsd({ cost })).toBe(nano);
  });

  it.each([-1, NaN, Infinity, '0.1', null, undefined, 1e9])('ignores %p', (cost) => {
    expect(statedCostNanoUsd({ cost })).toBeUndefined();
  });
});
