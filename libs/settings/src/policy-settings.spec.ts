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
    expect(folder.load().policy).toMatchObject({
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
    expect(() => folder.load({ PROVIDER_PRIORITY_ORDER: 'KIMI,GLM,CUSTOM' })).not.toThrow();
    expect(folder.load({ PROVIDER_PRIORITY_ORDER: 'glm,kimi' }).policy.providerOrder).toEqual([
      'glm',
      'moonshot',
      'kimi',
      'ollama',
    ]);
  });

  it.each([
    ['ALLOWED_PROVIDERS', 'glm,kimmi', 'kimmi', 'Did you mean "kimi"?'],
    ['DISABLED_PROVIDERS', 'openrouter', 'openrouter', 'The known ones are: moonshot, kimi, glm, ollama'],
    ['PROVIDER_PRIORITY_ORDER', 'moonshoot', 'moonshoot', 'Did you mean "moonshot"?'],
    ['PREFERRED_PROVIDERS_CHAT', 'ollamma', 'ollamma', 'Did you mean "ollama"?'],
    ['PREFERRED_PROVIDERS_AUDIT', 'glm, x', 'x', 'The known ones are: '],
    ['WORKER_LANES', 'kimi,GLM,nobody', 'nobody', 'The known ones are: '],
    ['BARE_MODEL_PROVIDER', 'olama', 'olama', 'Did you mean "ollama"?'],
  ])('stops for %s=%s, with the word and the one that was meant', (...[variable, value, word, fix]) => {
    const { message } = folder.refusal({ [variable]: value });
    expect(message).toContain(`${variable} names "${word}", which is no provider. ${fix}`);
  });

  it('stops for such a word in policy.toml, with its line', () => {
    folder.write('policy.toml', '# lists\n\ndisabled_providers = ["glmm"]\n');
    expect(folder.refusal().message).toBe(
      'policy.toml:3: "disabled_providers" names "glmm", which is no provider. Did you mean "glm"?',
    );
  });

  it('passes over words of the built-in order, and a built-in bare_model_provider, that this setup does not have', () => {
    folder.write('providers.toml', providerBlock('glm'));
    folder.write('models.toml', '');
    expect(folder.load()).toMatchObject({
      policy: { providerOrder: ['glm'], bareModelProvider: 'ollama' },
      warnings: [],
    });
  });

  it('puts kimi, glm, custom and openrouter before the others', () => {
    const names = ['ollama', 'openrouter', 'custom', 'glm', 'kimi', 'moonshot'];
    const family = (name: string): string[] => (/kimi|moon/.test(name) ? ['family = "kimi"'] : []);
    folder.write('providers.toml', names.map((name) => providerBlock(name, ...family(name))).join(''));
    expect(folder.load().policy.providerOrder).toEqual([
      ...['kimi', 'moonshot', 'glm', 'custom', 'openrouter', 'ollama'],
    ]);
  });

  it.each(['ALLOWED_PROVIDERS', 'ROUTING_ORDER'])(
    'refuses an empty %s, which would leave nothing',
    (variable) => {
      expect(folder.refusal({ [variable]: ',' }).message).toContain(`${variable} is an empty list`);
      folder.write('policy.toml', `${variable.toLowerCase()} = []\n`);
      expect(folder.refusal().message).toMatch(/^policy\.toml:1: .*an empty list.*Name one at least/);
    },
  );

  it('limits a worker to lanes, where kimi is one provider', () => {
    expect(folder.load({ WORKER_LANES: 'kimi,GLM' }).workerLanes).toEqual(['kimi', 'glm']);
  });
});
