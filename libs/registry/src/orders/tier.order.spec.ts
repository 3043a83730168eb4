import { Tier, TierChoice } from '@longhaul/contract';
import { Fixture, model, orderedBy, provider, questionOf, tierSettings } from '../registry.fixtures';
import { tier } from './tier.order';

const NAMES = ['glm/a', 'glm/b', 'glm/c'];
const FIXTURE: Fixture = {
  providers: [provider('glm')],
  models: NAMES.map((name) => model(name)),
  policy: {
    tiers: tierSettings({ targets: { fast: ['glm/c', 'glm/b'], balanced: ['glm/b'], powerful: [] } }),
  },
};
const chosen = (name: Tier): TierChoice => ({
  ...{ tier: name, cause: 'no_signal', score: null, agentScore: null, stepScore: null },
  ...{ intent: null, factors: [], escalatedFrom: null },
});

describe('the tier', () => {
  it.each<[string, TierChoice | null, string[]]>([
    ['E7: puts its targets first, in their order', chosen('fast'), ['glm/c', 'glm/b', 'glm/a']],
    ['E7: knows the targets of each tier', chosen('balanced'), ['glm/b', 'glm/a', 'glm/c']],
    ['changes nothing where it has no targets', chosen('powerful'), NAMES],
    ['changes nothing where the caller named a model', null, NAMES],
  ])('%s', (_, choice, expected) => {
    expect(orderedBy(tier, questionOf(FIXTURE, { tier: choice }), NAMES)).toEqual(expected);
  });
});
