import { Fixture, model, need, orderedBy, provider, questionOf } from '../registry.fixtures';
import { cost } from './cost.order';

const priceOf = (inputPerMTok: number, outputPerMTok: number) => {
  return { inputPerMTok, outputPerMTok, effectiveFrom: '2026-01-01', source: 'fixture' };
};
const NAMES = ['glm/unpriced', 'glm/long-answers', 'glm/long-prompts', 'glm/gift'];
const worldWith = (costAware: boolean): Fixture => ({
  providers: [provider('glm')],
  models: [
    model('glm/unpriced'),
    model('glm/long-answers', { price: priceOf(4, 1) }),
    model('glm/long-prompts', { price: priceOf(1, 4) }),
    model('glm/gift', { price: priceOf(0, 0) }),
  ],
  policy: { costAware },
});
const READS = need({ inputTokens: 10_000, outputTokens: 10 });
const WRITES = need({ inputTokens: 10, outputTokens: 10_000 });

describe('cost', () => {
  it('B16: changes nothing while it is off', () => {
    expect(orderedBy(cost, questionOf(worldWith(false)), NAMES)).toEqual(NAMES);
  });

  it('B16: puts the cheaper call first, and an unknown price last', () => {
    const ordered = orderedBy(cost, questionOf(worldWith(true), { need: READS }), NAMES);
    expect(ordered).toEqual(['glm/gift', 'glm/long-prompts', 'glm/long-answers', 'glm/unpriced']);
  });

  it('counts the call that this job would be, not the price of a token', () => {
    const ordered = orderedBy(cost, questionOf(worldWith(true), { need: WRITES }), NAMES);
    expect(ordered).toEqual(['glm/gift', 'glm/long-answers', 'glm/long-prompts', 'glm/unpriced']);
  });

  it('A7: is on in the profile cost', () => {
    const question = questionOf(worldWith(false), { need: READS, profile: 'cost' });
    expect(orderedBy(cost, question, NAMES)[0]).toBe('glm/gift');
  });
});
