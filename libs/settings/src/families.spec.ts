import { ConfigFolder, providerBlock } from './config-folder.fixtures';
import { ProviderSettings } from './settings';

const row = (provider: string, id: string, ...lines: readonly string[]): string =>
  ['[[model]]', `id = "${id}"`, `provider = "${provider}"`, ...lines, ''].join('\n');

const MODELS = [
  row('moonshot', 'kimi-k2.6', 'aliases = ["K2"]'),
  row('moonshot', 'kimi-old', 'status = "retired"', 'successor = "kimi-k2.6"'),
  row('kimi', 'kimi-for-coding'),
  row('kimi', 'k3'),
  row('glm', 'glm-5'),
].join('');

let folder: ConfigFolder;

beforeEach(() => {
  folder = new ConfigFolder();
  folder.write(
    'providers.toml',
    [
      providerBlock('kimi', 'family = "kimi"', 'priority = 20', 'default_model = "kimi-for-coding"'),
      providerBlock('moonshot', 'family = "kimi"', 'priority = 10', 'default_model = "kimi-k2.6"'),
      providerBlock('glm', 'priority = 30'),
    ].join('\n'),
  );
  folder.write('models.toml', MODELS);
});
afterEach(() => folder.remove());

const of = <Key extends keyof ProviderSettings>(
  key: Key,
  env: Record<string, string>,
): Record<string, ProviderSettings[Key]> =>
  Object.fromEntries(folder.load(env).providers.map((provider) => [provider.name, provider[key]]));

describe("a family's list", () => {
  const LISTS: [variable: string, value: string, key: keyof ProviderSettings, expected: object][] = [
    [
      'KIMI_PREFERRED_MODELS',
      'k3,kimi-old, kimi-k2.6 ,kimi-for-coding',
      'preferredModels',
      { moonshot: ['kimi-old', 'kimi-k2.6'], kimi: ['k3', 'kimi-for-coding'], glm: [] },
    ],
    [
      'KIMI_PREFERRED_MODELS',
      'k2,moonshot/kimi-old,kimi/k3',
      'preferredModels',
      { moonshot: ['k2', 'moonshot/kimi-old'], kimi: ['kimi/k3'], glm: [] },
    ],
    ['KIMI_ALLOWED_MODELS', 'K2', 'allowedModels', { moonshot: ['K2'], kimi: [], glm: null }],
    [
      'KIMI_FALLBACK_ORDER',
      'kimi-old,k3,glm/glm-5,moonshot/kimi-k2.6,new',
      'fallbackOrder',
      {
        moonshot: ['kimi-old', 'glm/glm-5', 'moonshot/kimi-k2.6', 'new'],
        kimi: ['k3', 'glm/glm-5', 'moonshot/kimi-k2.6', 'new'],
        glm: [],
      },
    ],
    ['KIMI_SPEED_MODEL', 'kimi-old', 'speedModel', { moonshot: 'kimi-old', kimi: null, glm: null }],
    ['KIMI_FLASH_MODEL', 'k3', 'speedModel', { moonshot: null, kimi: 'k3', glm: null }],
    ['KIMI_QUALITY_MODEL', 'K2', 'qualityModel', { moonshot: 'K2', kimi: null, glm: null }],
    [
      'KIMI_ALLOW_EXPENSIVE_THINKING_FALLBACK',
      'true',
      'allowExpensiveFallback',
      { moonshot: true, kimi: true, glm: null },
    ],
  ];

  it.each(LISTS)(
    '%s=%s gives each member of %s what it lists itself',
    (...[variable, value, key, expected]) => {
      expect(of(key, { [variable]: value })).toEqual(expected);
      expect(folder.load({ [variable]: value }).warnings).toEqual([]);
    },
  );

  it("yields to a member's own, whole", () => {
    const env = { KIMI_PREFERRED_MODELS: 'kimi-old,k3', MOONSHOT_PREFERRED_MODELS: 'kimi-k2.6' };
    expect(of('preferredModels', env)).toEqual({ moonshot: ['kimi-k2.6'], kimi: ['k3'], glm: [] });
    const flags = {
      KIMI_ALLOW_EXPENSIVE_THINKING_FALLBACK: 'true',
      MOONSHOT_ALLOW_EXPENSIVE_THINKING_FALLBACK: 'false',
    };
    expect(of('allowExpensiveFallback', flags)).toEqual({ moonshot: false, kimi: true, glm: null });
  });

  it.each([
    ['KIMI_PREFERRED_MODELS', 'kimi-k2.7', 'Did you mean "kimi-k2.6"?'],
    ['KIMI_ALLOWED_MODELS', 'K2,glm-5', 'Correct it, or add its row to models.toml'],
    ['KIMI_SPEED_MODEL', 'kimi-for-codin', 'Did you mean "kimi-for-coding"?'],
  ])('stops for %s=%s, a model that no member lists', (variable, value, fix) => {
    const word = value.split(',').at(-1) ?? '';
    expect(folder.refusal({ [variable]: value }).message).toBe(
      `${variable} names "${word}", which none of kimi, moonshot lists. ${fix}`,
    );
  });

  it('goes to a member that takes unlisted models, where none lists the model', () => {
    folder.write(
      'providers.toml',
      providerBlock('kimi', 'family = "kimi"') +
        providerBlock('moonshot', 'family = "kimi"', 'accept_unlisted_models = true') +
        providerBlock('glm'),
    );
    const env = { KIMI_PREFERRED_MODELS: 'new,k3' };
    expect(of('preferredModels', env)).toEqual({ moonshot: ['new'], kimi: ['k3'], glm: [] });
  });

  it('stops for more than eight fallbacks', () => {
    const nine = Array.from({ length: 9 }, (_, index) => `glm/m${String(index)}`).join();
    expect(folder.refusal({ KIMI_FALLBACK_ORDER: nine }).message).toMatch(
      /^KIMI_FALLBACK_ORDER names 9 fallbacks/,
    );
  });

  it('leaves the cap and the clocks of kimi to the provider kimi', () => {
    const env = { MAX_INFLIGHT_KIMI: '3', KIMI_TIMEOUT_SECS: '5' };
    expect(of('maxInflight', env)).toEqual({ kimi: 3, moonshot: 10, glm: 10 });
    expect(of('totalMs', env)).toMatchObject({ kimi: 5000, moonshot: 600_000 });
  });
});

describe("a family's default model", () => {
  it('goes to the member that lists it, by id or alias', () => {
    expect(of('defaultModel', { KIMI_DEFAULT_MODEL: 'kimi-old' })).toMatchObject({
      kimi: 'kimi-for-coding',
      moonshot: 'kimi-old',
    });
    expect(of('defaultModel', { KIMI_DEFAULT_MODEL: 'k2' })).toMatchObject({ moonshot: 'k2' });
    const own = { KIMI_DEFAULT_MODEL: 'K2', MOONSHOT_DEFAULT_MODEL: 'mine' };
    expect(of('defaultModel', own)).toMatchObject({ moonshot: 'mine' });
  });

  it('goes to the first member where none lists it, with a warning', () => {
    expect(of('defaultModel', { KIMI_DEFAULT_MODEL: 'new' })).toMatchObject({
      kimi: 'kimi-for-coding',
      moonshot: 'new',
    });
    expect(folder.load({ KIMI_DEFAULT_MODEL: 'new' }).warnings[0]).toMatch(
      /^KIMI_DEFAULT_MODEL names a model that no provider of the family "kimi" lists; moonshot gets it/,
    );
  });
});
