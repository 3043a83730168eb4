import { PROFILES, Profile } from '@longhaul/contract';
import { Fixture, model, orderedBy, provider, questionOf } from '../registry.fixtures';
import { freeFirst } from './free-first.order';

const NAMES = ['glm/a', 'glm/b', 'glm/marked', 'glm/named'];
const worldWith = (isOn: boolean, freeModels: string[] = []): Fixture => ({
  providers: [provider('glm')],
  models: NAMES.map((name) =>
    model(name, { free: name === 'glm/marked', aliases: [`${name.slice(4)}-alias`] }),
  ),
  policy: { freeFirst: isOn, freeModels },
});

describe('free first', () => {
  it.each<[string, boolean, string[], Profile, string[]]>([
    ['B17: changes nothing while it is off', false, ['named'], 'balanced', NAMES],
    [
      'B17: puts what the catalogue marks first',
      true,
      [],
      'balanced',
      ['glm/marked', 'glm/a', 'glm/b', 'glm/named'],
    ],
    [
      'B17: puts what FREE_MODELS names first too, equals among themselves',
      true,
      ['glm/named-alias'],
      'fast',
      ['glm/marked', 'glm/named', 'glm/a', 'glm/b'],
    ],
    [
      'A7: is on in the profile cost',
      false,
      ['named'],
      'cost',
      ['glm/marked', 'glm/named', 'glm/a', 'glm/b'],
    ],
  ])('%s', (_, ...[isOn, free, profile, expected]) => {
    expect(orderedBy(freeFirst, questionOf(worldWith(isOn, free), { profile }), NAMES)).toEqual(expected);
  });

  it('is on in no profile but cost', () => {
    for (const profile of PROFILES.filter((each) => each !== 'cost'))
      expect(orderedBy(freeFirst, questionOf(worldWith(false), { profile }), NAMES)).toEqual(NAMES);
  });
});
