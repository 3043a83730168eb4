import { model, provider, verdictOf } from '../registry.fixtures';
import { providerOn } from './provider-on.rule';

describe('a provider', () => {
  it.each<[number, string | null]>([
    [0, 'Provider glm is off: its in-flight cap is 0.'],
    [1, null],
    [10, null],
  ])('whose in-flight cap is %i is refused or not, whoever names it', (maxInflight, sentence) => {
    const fixture = { providers: [provider('glm', { maxInflight })], models: [model('glm/x')] };
    for (const chosenBy of ['policy', 'caller'] as const)
      expect(verdictOf(providerOn, fixture, { of: 'glm/x', chosenBy })).toBe(sentence);
  });
});
