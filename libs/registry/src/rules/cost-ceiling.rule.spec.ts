import { Fixture, model, provider, verdictOf } from '../registry.fixtures';
import { costCeiling } from './cost-ceiling.rule';

const price = { inputPerMTok: 1, outputPerMTok: 4, effectiveFrom: '2026-01-01', source: 'fixture' };
const FIXTURE: Fixture = {
  providers: [provider('glm')],
  models: [
    model('glm/priced', { price }),
    model('glm/thinking', { price, minOutputTokens: 1_500 }),
    model('glm/gift', { price: { ...price, inputPerMTok: 0, outputPerMTok: 0 } }),
    model('glm/unpriced'),
    model('glm/stepped', {
      price: { ...price, steps: [{ ...price, aboveInputTokens: 999, inputPerMTok: 2 }] },
    }),
  ],
};
/** 1,000 tokens in and 1,000 out: 0.001 + 0.004 USD. */
const COST = 5_000_000;

describe('the ceiling for one call', () => {
  it.each<[string, string, number | null, string | null]>([
    ['B16: that is not set refuses nothing, not even an unknown price', 'unpriced', null, null],
    ['B16: leaves a call that costs just as much', 'priced', COST, null],
    [
      'B16: refuses one that costs a nano-dollar more',
      'priced',
      COST - 1,
      'One call of glm/priced may come to $0.005, and one call may cost $0.005.',
    ],
    [
      'B16: refuses a price that is not known',
      'unpriced',
      COST * 1_000,
      'The price of glm/unpriced is unknown, and one call may cost $5.',
    ],
    [
      'counts the output that a reasoning model is given at least',
      'thinking',
      COST,
      'One call of glm/thinking may come to $0.007, and one call may cost $0.005.',
    ],
    ['of zero leaves what costs nothing', 'gift', 0, null],
    [
      'of zero refuses everything else',
      'priced',
      0,
      'One call of glm/priced may come to $0.005, and one call may cost $0.',
    ],
    [
      'counts the price of a long context',
      'stepped',
      COST,
      'One call of glm/stepped may come to $0.006, and one call may cost $0.005.',
    ],
  ])('%s', (_, ...[id, ceilingNanoUsd, sentence]) => {
    for (const chosenBy of ['policy', 'caller'] as const) {
      const asked = { of: `glm/${id}`, chosenBy, question: { ceilingNanoUsd } };
      expect(verdictOf(costCeiling, FIXTURE, asked)).toBe(sentence);
    }
  });
});
