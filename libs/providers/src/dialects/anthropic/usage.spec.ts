import fc from 'fast-check';
import { usageOf } from './usage';

describe('usage', () => {
  it.each([
    [{ input_tokens: 1, output_tokens: 1 }, undefined],
    [{ input_tokens: 1, output_tokens: 1 }, null],
    [{ input_tokens: 1, output_tokens: 1 }, 'many'],
    [{ input_tokens: 1, output_tokens: 1 }, {}],
    [{ input_tokens: 1, output_tokens: 1 }, { output_tokens: null }],
    [{ input_tokens: 1 }, { output_tokens: -1 }],
    [{ input_tokens: 1 }, { output_tokens: 1.5 }],
    [{ input_tokens: '1' }, { output_tokens: 1 }],
    [undefined, { output_tokens: 1 }],
    [{ input_tokens: 1 }, { output_tokens: 1e12 }],
  ])('is null, never zero, for %j and %j', (opening, closing) => {
    expect(usageOf(opening, closing)).toBeNull();
  });

  it('takes the last word, and what it leaves out from the first', () => {
    const opening = {
      input_tokens: 10,
      cache_read_input_tokens: 3,
      cache_creation_input_tokens: 4,
      output_tokens: 1,
    };
    const closing = { input_tokens: 12, cache_read_input_tokens: null, output_tokens: 9 };
    expect(usageOf(opening, closing)).toEqual({
      freshInput: 12,
      cacheRead: 3,
      cacheWrite: 4,
      output: 9,
      reasoning: 0,
    });
  });

  it('counts in whole tokens of disjoint buckets, whatever the details claim', () => {
    const anything = fc.oneof(fc.integer(), fc.double(), fc.constant(null), fc.string());
    const wires = fc.record({
      input_tokens: fc.nat(1_000_000),
      output_tokens: fc.nat(1_000_000),
      cache_read_input_tokens: anything,
      cache_creation_input_tokens: anything,
      output_tokens_details: fc.oneof(fc.record({ thinking_tokens: anything }), anything),
    });
    fc.assert(
      fc.property(wires, (wire) => {
        const usage = usageOf(undefined, wire)!;
        expect([usage.freshInput, usage.output]).toEqual([wire.input_tokens, wire.output_tokens]);
        expect(usage.reasoning).toBeLessThanOrEqual(usage.output);
        for (const count of Object.values(usage)) expect(Number.isInteger(count) && count >= 0).toBe(true);
      }),
    );
  });
});
