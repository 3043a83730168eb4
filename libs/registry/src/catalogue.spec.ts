import { GatewayError } from '@longhaul/contract';
import { Fixture, WORLD, catalogueOf, model, provider } from './registry.fixtures';

const bootOf = (fixture: Fixture): string => {
  try {
    catalogueOf(fixture);
  } catch (thrown) {
    expect(GatewayError.from(thrown).code).toBe('config_rejected');
    return GatewayError.from(thrown).message;
  }
  return 'started';
};
const glm = provider('glm');

describe('the catalogue', () => {
  const catalogue = catalogueOf(WORLD);
  const moonshot = catalogue.provider('moonshot')!;

  it('orders providers by the policy, then priority, then name, and names that are no provider are passed over', () => {
    const fixture = {
      providers: [
        provider('zeta', { priority: 1 }),
        provider('beta'),
        provider('alpha'),
        provider('last', { priority: 900 }),
        glm,
      ],
      models: [],
      policy: { providerOrder: ['custom', 'GLM'] },
    };
    expect(catalogueOf(fixture).providers.map(({ name }) => name)).toEqual([
      'glm',
      'zeta',
      'alpha',
      'beta',
      'last',
    ]);
  });

  it('goes by rank, then id, and a default model that is listed has no place of its own', () => {
    const models = [
      model('glm/c', { rank: 1 }),
      model('glm/b', { rank: 5 }),
      model('glm/a', { rank: 5 }),
      model('glm/z'),
    ];
    const ordered = catalogueOf({ providers: [provider('glm', { defaultModel: 'z' })], models });
    expect(ordered.entries.map(({ model: { id } }) => id)).toEqual(['c', 'a', 'b', 'z']);
  });

  it('takes an unlisted default model of a provider that accepts such ids', () => {
    const ollama = provider('ollama', { acceptUnlistedModels: true, defaultModel: 'mine:7b' });
    const [first] = catalogueOf({ providers: [ollama], models: [] }).entries;
    expect(first).toMatchObject({
      listed: false,
      target: { model: 'mine:7b', contextWindow: null, price: null },
    });
  });

  it('finds ids and aliases in any case, and only within the provider that was asked', () => {
    expect(catalogue.find(moonshot, 'KIMI-K2.6')).toMatchObject({
      by: 'id',
      entry: { model: { id: 'kimi-k2.6' } },
    });
    expect(catalogue.find(moonshot, 'k2')).toMatchObject({
      by: 'alias',
      entry: { model: { id: 'kimi-k2.6' } },
    });
    expect(catalogue.find(moonshot, 'glm-5')).toBeNull();
  });

  it('splits only the first segment off, and only when it is a provider or a prefix', () => {
    expect(catalogue.split('openrouter/openai/gpt-x:free')).toMatchObject({
      prefix: 'openrouter',
      rest: 'openai/gpt-x:free',
    });
    expect(catalogue.split('Cloud/gpt-oss:120b')).toMatchObject({
      provider: { name: 'ollama_cloud' },
      rest: 'gpt-oss:120b',
    });
    expect(catalogue.split('nobody/x')).toBeNull();
    expect(catalogue.split('glm')).toBeNull();
  });

  it('carries window, limits and price into the target', () => {
    expect(catalogue.find(moonshot, 'kimi-k2.6')?.entry.target).toEqual({
      provider: 'moonshot',
      model: 'kimi-k2.6',
      contextWindow: 100_000,
      maxOutputTokens: null,
      minOutputTokens: 1_500,
      price: WORLD.models[1]!.price,
    });
  });

  it('reads a retired name of the configuration as its successor, and says so for the boot log', () => {
    const providers = [provider('glm', { defaultModel: 'old', fallbackOrder: ['older', 'new'] })];
    const models = [
      model('glm/new'),
      model('glm/old', { status: 'retired', successor: 'new' }),
      model('glm/older', { status: 'retired', successor: 'old' }),
    ];
    const built = catalogueOf({ providers, models });
    expect(built.defaultOf(built.providers[0]!)!.name).toBe('glm/new');
    expect(built.configured(built.providers[0]!, 'older')!.name).toBe('glm/new');
    expect(built.warnings).toEqual([
      '"old" in GLM_DEFAULT_MODEL is retired; glm/new stands in for it.',
      '"older" in GLM_FALLBACK_ORDER is retired; glm/new stands in for it.',
    ]);
  });

  it('lets one default stand for a family: it belongs to the member that lists it', () => {
    const kimi = provider('kimi', { family: 'kimi', defaultModel: 'kimi-k2.6' });
    const family = catalogueOf({
      providers: [kimi, provider('moonshot', { family: 'kimi', defaultModel: 'kimi-k2.6' })],
      models: [model('moonshot/kimi-k2.6'), model('kimi/kimi-for-coding')],
    });
    expect(family.defaultOf(kimi)).toBeNull();
  });
});

describe('a catalogue that cannot be used stops the boot', () => {
  const rows = [model('glm/a'), model('glm/b')];
  it.each<[string, Fixture, RegExp]>([
    ['two rows of one model', { providers: [glm], models: [...rows, model('glm/A')] }, /glm\/A has two rows/],
    [
      'a row of no provider',
      { providers: [glm], models: [model('nobody/a')] },
      /nobody\/a belongs to an unknown provider/,
    ],
    [
      'an alias twice',
      { providers: [glm], models: [model('glm/a', { aliases: ['x'] }), model('glm/b', { aliases: ['X'] })] },
      /"X" is claimed by glm\/a and by glm\/b/,
    ],
    [
      'an alias that is an id',
      { providers: [glm], models: [model('glm/a', { aliases: ['B'] }), model('glm/b')] },
      /"B" is claimed by glm\/b and by glm\/a/,
    ],
    [
      'a reserved alias',
      { providers: [glm], models: [model('glm/a', { aliases: ['Auto'] })] },
      /"Auto" of glm\/a is a reserved word/,
    ],
    [
      'an alias behind a prefix',
      { providers: [glm], models: [model('glm/a', { aliases: ['glm/x'] })] },
      /could never be reached/,
    ],
    [
      'a prefix twice',
      { providers: [glm, provider('zai', { prefixes: ['zai', 'GLM'] })], models: [] },
      /glm and zai both claim the prefix "glm\/"/,
    ],
    [
      'an unknown successor',
      { providers: [glm], models: [model('glm/a', { status: 'retired', successor: 'c' })] },
      /Successor "c" of glm\/a/,
    ],
    [
      'successors in a circle',
      {
        providers: [glm],
        models: [
          model('glm/a', { status: 'retired', successor: 'b' }),
          model('glm/b', { status: 'retired', successor: 'a' }),
        ],
      },
      /successors of glm\/a lead to no model/,
    ],
    [
      'an unknown default',
      { providers: [provider('glm', { defaultModel: 'c' })], models: rows },
      /default_model "c" of provider glm/,
    ],
    [
      'an unknown fallback',
      { providers: [provider('glm', { fallbackOrder: ['a', 'c'] })], models: rows },
      /"c" in GLM_FALLBACK_ORDER is not in the catalogue/,
    ],
  ])('for %s, naming it', (_, fixture, message) => {
    expect(bootOf(fixture)).toMatch(message);
  });

  it('names every fault at once', () => {
    const models = [model('nobody/a'), model('glm/a', { aliases: ['auto'] })];
    expect(bootOf({ providers: [glm], models }).match(/^- /gm)).toHaveLength(2);
  });
});
