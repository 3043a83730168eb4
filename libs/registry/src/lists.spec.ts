import { TIERS } from '@longhaul/contract';
import { Lists, namedLists } from './lists';
import {
  Fixture,
  entryNamed,
  faultOf,
  model,
  policySettings,
  provider,
  stateOf,
  tierSettings,
} from './registry.fixtures';

const FIXTURE: Fixture = {
  providers: [
    provider('moonshot', { family: 'kimi', preferredModels: ['b', 'a'], allowedModels: ['a', 'B-alias'] }),
    provider('kimi', { family: 'kimi', explicitOnly: true }),
    provider('glm'),
    provider('ollama', { acceptUnlistedModels: true, preferredModels: ['mine:7b'], defaultModel: 'own:3b' }),
  ],
  models: [
    model('moonshot/a', { rank: 1 }),
    model('moonshot/b', { rank: 2, aliases: ['b-alias'] }),
    model('moonshot/c', { rank: 3 }),
    model('kimi/coding'),
    model('glm/flash', { free: true }),
    model('glm/old', { status: 'retired', successor: 'flash' }),
  ],
};
const listsOf = (policy: Fixture['policy'] = {}, fixture: Fixture = FIXTURE): Lists =>
  stateOf({ ...fixture, policy }).lists;
const tierWith = (words: string[]): string[] =>
  listsOf({ tiers: tierSettings({ targets: { fast: words, balanced: [], powerful: [] } }) })
    .tier('fast')
    .map(({ name }) => name);
const entry = (name: string) => entryNamed(stateOf(FIXTURE).catalogue, name);

describe('the targets of a tier', () => {
  it.each<[string, string[], string[]]>([
    [
      'are models in the order in which they are written',
      ['glm/flash', 'moonshot/b'],
      ['glm/flash', 'moonshot/b'],
    ],
    ['may be bare ids and aliases', ['B-ALIAS', 'c'], ['moonshot/b', 'moonshot/c']],
    [
      'are all models of a provider that is named, its preferred ones first',
      ['moonshot'],
      ['moonshot/b', 'moonshot/a', 'moonshot/c'],
    ],
    [
      'E24: are those of a whole family where its word is written',
      ['kimi'],
      ['kimi/coding', 'moonshot/b', 'moonshot/a', 'moonshot/c'],
    ],
    ['have each model once', ['moonshot/c', 'moonshot', 'c'], ['moonshot/c', 'moonshot/b', 'moonshot/a']],
    ['are successors where a retired name is written', ['old'], ['glm/flash']],
    ['may be unlisted ids behind their provider', ['ollama/some:1b'], ['ollama/some:1b']],
    ['have the default model of a provider among its models', ['ollama'], ['ollama/own:3b']],
    ['are none where none is written', [], []],
  ])('%s', (_, words, names) => {
    expect(tierWith(words)).toEqual(names);
  });

  it('have places, and what is none of them comes after', () => {
    const lists = listsOf({
      tiers: tierSettings({ targets: { fast: ['c', 'a'], balanced: ['a'], powerful: [] } }),
    });
    expect([lists.tierPlace('fast', entry('c')), lists.tierPlace('fast', entry('a'))]).toEqual([0, 1]);
    expect(lists.tierPlace('balanced', entry('a'))).toBe(0);
    expect(lists.tierPlace('balanced', entry('c'))).toBeGreaterThan(1_000);
  });
});

describe('the lists of a provider', () => {
  const lists = listsOf();

  it('give places to what it prefers, unlisted ids too', () => {
    const places = ['b', 'a', 'c', 'ollama/mine:7b'].map((name) => lists.preferencePlace(entry(name)));
    expect(places).toEqual([0, 1, Number.MAX_SAFE_INTEGER, 0]);
  });

  it('allow what they name and what is of others, and everything where there is no list', () => {
    const allowed = ['a', 'b', 'c', 'flash', 'coding'].map((name) => lists.allows(entry(name)));
    expect(allowed).toEqual([true, true, false, true, true]);
  });
});

describe('the lists of the policy', () => {
  it('B12: keep the default models in their order, successors for retired ones, each once', () => {
    const lists = listsOf({ defaultModels: ['glm/old', 'moonshot/c', 'flash'] });
    expect(lists.defaults.map(({ name }) => name)).toEqual(['glm/flash', 'moonshot/c']);
  });

  it('B17: count as free what the catalogue marks and what FREE_MODELS names', () => {
    const lists = listsOf({ freeModels: ['b-alias'] });
    expect(['flash', 'b', 'a'].map((name) => lists.isFree(entry(name)))).toEqual([true, true, false]);
  });
});

describe('a name in a list', () => {
  const boot = (fixture: Partial<Fixture>): string[] =>
    faultOf(() => stateOf({ ...FIXTURE, ...fixture })).detail.extra?.['faults'] as string[];
  const glmWith = (changes: Parameters<typeof provider>[1]): Partial<Fixture> => ({
    providers: [provider('glm', changes), provider('ollama', { acceptUnlistedModels: true })],
    models: [model('glm/flash'), model('glm/plain')],
  });

  it.each<[string, Parameters<typeof provider>[1]]>([
    ['GLM_PREFERRED_MODELS', { preferredModels: ['flsh'] }],
    ['GLM_ALLOWED_MODELS', { allowedModels: ['flsh'] }],
    ['GLM_FALLBACK_ORDER', { fallbackOrder: ['flsh'] }],
    ['GLM_SPEED_MODEL', { speedModel: 'flsh' }],
    ['GLM_QUALITY_MODEL', { qualityModel: 'flsh' }],
  ])('that nobody knows stops the boot: %s', (variable, changes) => {
    expect(boot(glmWith(changes))).toEqual([
      `"flsh" in ${variable} is not in the catalogue (near: glm/flash); correct or remove it.`,
    ]);
  });

  it.each<[string, Fixture['policy']]>([
    ['DEFAULT_MODELS', { defaultModels: ['flsh'] }],
    ['FREE_MODELS', { freeModels: ['flsh'] }],
    ...TIERS.map((tier): [string, Fixture['policy']] => [
      `TIER_${tier.toUpperCase()}`,
      { tiers: tierSettings({ targets: { ...{ fast: [], balanced: [], powerful: [] }, [tier]: ['flsh'] } }) },
    ]),
  ])('that nobody knows stops the boot: %s', (variable, policy) => {
    expect(boot({ ...glmWith({}), policy })).toEqual([
      `"flsh" in ${variable} is not in the catalogue (near: glm/flash); correct or remove it.`,
    ]);
  });

  it('that stands twice stops the boot', () => {
    expect(boot(glmWith({ preferredModels: ['flash', 'FLASH'] }))).toEqual([
      '"FLASH" stands twice in GLM_PREFERRED_MODELS; remove one of the two.',
    ]);
  });

  it('is one fault among all the others', () => {
    const policy = { defaultModels: ['x1', 'x2'], order: ['luck', 'cost', 'cost'] };
    expect(boot({ ...glmWith({ speedModel: 'zzz' }), policy })).toHaveLength(5);
  });

  it('of a ranking step that there is not stops the boot, naming those that there are', () => {
    const [fault] = boot({ ...glmWith({}), policy: { order: ['luck'] } });
    expect(fault).toBe(
      'ROUTING_ORDER names "luck", which is no ranking step; there are preferred_providers, ' +
        'provider_priority, provider_preference, free_first, cost, tier, rank.',
    );
    expect(boot({ ...glmWith({}), policy: { order: ['cost', 'rank', 'cost'] } })).toEqual([
      '"cost" stands twice in ROUTING_ORDER; remove one of the two.',
    ]);
  });

  it('may be the word of a provider in a tier, and nowhere else', () => {
    const targets = { fast: ['glm'], balanced: [], powerful: [] };
    expect(() => stateOf({ ...FIXTURE, policy: { tiers: tierSettings({ targets }) } })).not.toThrow();
    expect(boot({ policy: { defaultModels: ['glm'] } })).toHaveLength(1);
  });

  it('may be an unlisted id where its provider takes such ids', () => {
    const open = {
      acceptUnlistedModels: true,
      fallbackOrder: ['a/b:free'],
      speedModel: 'c',
      allowedModels: ['d'],
    };
    expect(() => stateOf({ providers: [provider('openrouter', open)], models: [] })).not.toThrow();
  });

  it('is told by the variable that sets it', () => {
    const variables = namedLists([provider('glm')], policySettings()).map(({ variable }) => variable);
    expect(variables).toEqual([
      ...['GLM_FALLBACK_ORDER', 'GLM_PREFERRED_MODELS', 'GLM_ALLOWED_MODELS', 'GLM_SPEED_MODEL'],
      ...[
        'GLM_QUALITY_MODEL',
        'DEFAULT_MODELS',
        'FREE_MODELS',
        'TIER_FAST',
        'TIER_BALANCED',
        'TIER_POWERFUL',
      ],
    ]);
  });
});
