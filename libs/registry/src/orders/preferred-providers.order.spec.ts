import { WORLD, orderedBy, questionOf } from '../registry.fixtures';
import { preferredProviders } from './preferred-providers.order';

const NAMES = ['openai/gpt-5.4', 'glm/glm-5', 'moonshot/kimi-k2.6', 'moonshot/kimi-k2.5'];

describe('preferred providers', () => {
  it.each<[string, string[], string[]]>([
    [
      'A8: go first, in their order',
      ['moonshot', 'glm'],
      ['moonshot/kimi-k2.6', 'moonshot/kimi-k2.5', 'glm/glm-5', 'openai/gpt-5.4'],
    ],
    ['change nothing when there are none', [], NAMES],
    ['change nothing when they are others', ['openrouter'], NAMES],
  ])('%s', (_, preferred, expected) => {
    expect(orderedBy(preferredProviders, questionOf(WORLD, { preferred }), NAMES)).toEqual(expected);
  });
});
