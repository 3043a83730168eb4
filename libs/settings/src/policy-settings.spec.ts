import { ConfigFolder, providerBlock } from './config-folder.fixtures';

const MODELS = [
  ['moonshot', 'kimi-k2.6'],
  ['kimi', 'kimi-for-coding'],
]
  .map(([provider, id]) => `[[model]]\nid = "${id}"\nprovider = "${provider}"\n`)
  .join('');

let folder: ConfigFolder;

beforeEach(() => {
  folder = new ConfigFolder();
  folder.write(
    'providers.toml',
    [
      providerBlock('kimi', 'family = "kimi"', 'priority = 20', 'default_model = "kimi-for-coding"'),
      providerBlock('moonshot', 'family = "kimi"', 'priority = 10', 'default_model = "kimi-k2.6"'),
      providerBlock('glm', 'priority = 30'),
      providerBlock('ollama', 'priority = 40'),
    ].join('\n'),
  );
  folder.write('models.toml', MODELS);
});
afterEach(() => folder.remove());

describe('the choice of providers', () => {
  it('is open to all in the order of their priority when nothing is said', () => {
    expect(folder.load().policy).toEqual({
      allowedProviders: null,
      disabledProviders: [],
      providerOrder: ['moonshot', 'kimi', 'glm', 'ollama'],
      bareModelProvider: 'ollama',
    });
  });

  it('comes from policy.toml, and from the environment before that', () => {
    folder.write(
      'policy.toml',
      'provider_priority_order = ["glm"]\ndisabled_providers = ["ollama"]\nbare_model_provider = "glm"\n',
    );
    expect(folder.load().policy).toMatchObject({
      providerOrder: ['glm', 'moonshot', 'kimi', 'ollama'],
      disabledProviders: ['ollama'],
      bareModelProvider: 'glm',
    });
    expect(folder.load({ PROVIDER_PRIORITY_ORDER: 'ollama,glm' }).policy.providerOrder).toEqual([
      'ollama',
      'glm',
      'moonshot',
      'kimi',
    ]);
  });

  it.each(['ALLOWED_PROVIDERS', 'DISABLED_PROVIDERS'] as const)(
    'takes the word kimi in %s for the whole family, in any case, and each name once',
    (variable) => {
      const { policy } = folder.load({ [variable]: 'GLM, KIMI ,moonshot' });
      const list = variable === 'ALLOWED_PROVIDERS' ? policy.allowedProviders : policy.disabledProviders;
      expect(list).toEqual(['glm', 'moonshot', 'kimi']);
    },
  );

  it('takes it so in the order too', () => {
    expect(folder.load({ PROVIDER_PRIORITY_ORDER: 'glm,kimi' }).policy.providerOrder).toEqual([
      'glm',
      'moonshot',
      'kimi',
      'ollama',
    ]);
  });

  it('warns of a name that is no provider, and an allow-list of only such names allows nobody', () => {
    const { policy, warnings } = folder.load({ ALLOWED_PROVIDERS: 'kimmi', BARE_MODEL_PROVIDER: 'lama' });
    expect(policy.allowedProviders).toEqual([]);
    expect(warnings).toEqual([
      expect.stringMatching(/^ALLOWED_PROVIDERS names "kimmi", which is no provider/),
      expect.stringMatching(/^BARE_MODEL_PROVIDER names "lama", which is no provider/),
    ]);
  });

  it('limits a worker to lanes, where kimi is one provider', () => {
    const { workerLanes, warnings } = folder.load({ WORKER_LANES: 'kimi,GLM,nobody' });
    expect(workerLanes).toEqual(['kimi', 'glm']);
    expect(warnings[0]).toMatch(/^WORKER_LANES names "nobody"/);
  });
});

describe("a family's variables", () => {
  const defaults = (env: Record<string, string>): unknown =>
    Object.fromEntries(folder.load(env).providers.map(({ name, defaultModel }) => [name, defaultModel]));

  it('give the fallback order to every member, unless it has its own', () => {
    const { providers } = folder.load({ KIMI_FALLBACK_ORDER: 'a,b', MOONSHOT_FALLBACK_ORDER: 'c' });
    const orders = providers.map(({ name, fallbackOrder }) => [name, fallbackOrder]);
    expect(orders.slice(0, 3)).toEqual([
      ['kimi', ['a', 'b']],
      ['moonshot', ['c']],
      ['glm', []],
    ]);
    expect(folder.load({ KIMI_FALLBACK_ORDER: 'a' }).providers[1]?.fallbackOrder).toEqual(['a']);
  });

  it('give the default model to the member that lists it', () => {
    expect(defaults({ KIMI_DEFAULT_MODEL: 'kimi-k2.6' })).toMatchObject({
      kimi: 'kimi-for-coding',
      moonshot: 'kimi-k2.6',
    });
    folder.write('models.toml', `${MODELS}[[model]]\nid = "other"\nprovider = "moonshot"\naliases = ["o"]\n`);
    expect(defaults({ KIMI_DEFAULT_MODEL: 'o' })).toMatchObject({ kimi: 'kimi-for-coding', moonshot: 'o' });
    expect(defaults({ KIMI_DEFAULT_MODEL: 'o', MOONSHOT_DEFAULT_MODEL: 'mine' })).toMatchObject({
      moonshot: 'mine',
    });
  });

  it('give a default model that no member lists to the first one, with a warning', () => {
    expect(defaults({ KIMI_DEFAULT_MODEL: 'new' })).toMatchObject({
      kimi: 'kimi-for-coding',
      moonshot: 'new',
    });
    expect(folder.load({ KIMI_DEFAULT_MODEL: 'new' }).warnings[0]).toMatch(
      /^KIMI_DEFAULT_MODEL names a model that no provider of the family "kimi" lists; moonshot gets it/,
    );
  });
});
