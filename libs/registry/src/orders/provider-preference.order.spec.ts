import { Fixture, model, orderedBy, provider, questionOf } from '../registry.fixtures';
import { providerPreference } from './provider-preference.order';

const NAMES = ['glm/a', 'glm/b', 'glm/c', 'glm/d'];
const worldWith = (preferredModels: string[]): Fixture => ({
  providers: [provider('glm', { preferredModels })],
  models: [
    ...NAMES.map((name) => model(name, { aliases: [`${name.slice(-1)}-alias`] })),
    model('glm/old', { status: 'retired', successor: 'd' }),
  ],
});

describe("a provider's preference", () => {
  it.each<[string, string[], string[]]>([
    ['B20: puts its list first, in the order of the list', ['c', 'b'], ['glm/c', 'glm/b', 'glm/a', 'glm/d']],
    ['B20: may name aliases', ['d-alias', 'B-ALIAS'], ['glm/d', 'glm/b', 'glm/a', 'glm/c']],
    ['means the successor of a retired name', ['old', 'c'], ['glm/d', 'glm/c', 'glm/a', 'glm/b']],
    [
      'counts a model once when a retired name means it too',
      ['d', 'old', 'b'],
      ['glm/d', 'glm/b', 'glm/a', 'glm/c'],
    ],
    ['B20: is none when the list is empty', [], NAMES],
  ])('%s', (_, preferred, expected) => {
    expect(orderedBy(providerPreference, questionOf(worldWith(preferred)), NAMES)).toEqual(expected);
  });
});
