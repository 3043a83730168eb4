import { Fixture, model, provider, verdictOf } from '../registry.fixtures';
import { allowedModel } from './allowed-model.rule';

const worldWith = (allowedModels: readonly string[] | null): Fixture => ({
  providers: [
    provider('glm', { allowedModels }),
    provider('other'),
    provider('openrouter', { acceptUnlistedModels: true, allowedModels: ['vendor/mine'] }),
  ],
  models: [
    model('glm/one', { aliases: ['uno'] }),
    model('glm/two'),
    model('glm/old', { status: 'retired', successor: 'two' }),
    model('other/one-more'),
  ],
});
const REFUSED = (name: string): string => `${name} is not among the models that GLM_ALLOWED_MODELS leaves.`;

describe('the allowed models of a provider', () => {
  it.each<[string, readonly string[] | null, string, string | null]>([
    ['leave every model when the list is not set', null, 'glm/two', null],
    ['leave a model that they name', ['two'], 'glm/two', null],
    ['leave one that they name in other letters', ['TWO'], 'glm/two', null],
    ['leave one that they name by an alias', ['uno'], 'glm/one', null],
    ['leave the successor of a retired one', ['old'], 'glm/two', null],
    ['leave no other', ['two'], 'glm/one', REFUSED('glm/one')],
    ['leave none when the list is empty', [], 'glm/one', REFUSED('glm/one')],
    ['say nothing of the models of others', ['two'], 'other/one-more', null],
    ['leave an unlisted id that they name', null, 'openrouter/vendor/mine', null],
  ])('%s', (_, ...[allowed, of, sentence]) => {
    for (const chosenBy of ['policy', 'caller'] as const)
      expect(verdictOf(allowedModel, worldWith(allowed), { of, chosenBy })).toBe(sentence);
  });

  it('leave no other unlisted id', () => {
    expect(verdictOf(allowedModel, worldWith(null), { of: 'openrouter/vendor/other' })).toBe(
      'openrouter/vendor/other is not among the models that OPENROUTER_ALLOWED_MODELS leaves.',
    );
  });
});
