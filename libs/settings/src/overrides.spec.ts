import { ConfigFolder, providerBlock } from './config-folder.fixtures';
import { Overrides, OverrideValue } from './overrides';
import { Settings } from './settings';
import { SettingsError } from './settings-error';

const row = (provider: string, id: string, ...lines: readonly string[]): string =>
  ['[[model]]', `id = "${id}"`, `provider = "${provider}"`, ...lines, ''].join('\n');
const PRICE = 'price = { input = 1, output = 2, effective_from = "2026-01-01", source = "file" }';

let folder: ConfigFolder;

beforeEach(() => {
  folder = new ConfigFolder();
  folder.write(
    'providers.toml',
    providerBlock('moonshot', 'family = "kimi"', 'priority = 10') +
      providerBlock('kimi', 'family = "kimi"', 'priority = 20') +
      providerBlock('glm', 'fallback_order = ["kimi"]', 'preferred_models = ["glm-5"]'),
  );
  folder.write(
    'models.toml',
    row('moonshot', 'kimi-k2.6') + row('kimi', 'k3') + row('glm', 'glm-5', PRICE) + row('glm', 'glm-4.7'),
  );
});
afterEach(() => folder.remove());

type Values = Readonly<Record<string, unknown>>;

const over = (settings: Values, prices: Values = {}): { today: string; overrides: Overrides } => ({
  today: '2026-07-01',
  overrides: { settings: settings as Overrides['settings'], prices: prices as Overrides['prices'] },
});
const load = (settings: Values, env: Record<string, string> = {}): Settings =>
  folder.load(env, over(settings));
const refusal = (settings: Values, prices: Values = {}): string => {
  const fault = folder.refusal({}, over(settings, prices));
  expect(fault).toBeInstanceOf(SettingsError);
  return fault.message;
};

describe('an override', () => {
  const POLICY: [name: string, value: OverrideValue, env: string, expected: object][] = [
    ['ROUTER_ENABLED', false, 'true', { routerEnabled: false }],
    ['ROUTING_PROFILE', 'cost', 'fast', { profile: 'cost' }],
    ['ROUTING_ORDER', ['rank'], 'cost', { order: ['rank'] }],
    ['COST_AWARE', true, 'false', { costAware: true }],
    ['MAX_COST_PER_REQUEST', 0.5, '3', { maxCostNanoUsd: 500_000_000 }],
    ['FREE_MODELS', [], 'a', { freeModels: [] }],
    ['DEFAULT_MODELS', ['a', 'b'], 'c', { defaultModels: ['a', 'b'] }],
    ['DEFAULT_MODELS', 'a, b', 'c', { defaultModels: ['a', 'b'] }],
    ['DEFAULT_MODEL', 'a', 'c', { defaultModels: ['a'] }],
    ['ALLOWED_PROVIDERS', ['kimi'], 'glm', { allowedProviders: ['moonshot', 'kimi'] }],
    ['DISABLED_PROVIDERS', ['glm'], 'kimi', { disabledProviders: ['glm'] }],
    ['DISABLED_PROVIDERS', [], 'glm', { disabledProviders: [] }],
    ['PROVIDER_PRIORITY_ORDER', ['glm'], 'kimi', { providerOrder: ['glm', 'moonshot', 'kimi'] }],
    ['PREFERRED_PROVIDERS_CHAT', [], 'glm', { preferredProviders: { chat: [], audit: [] } }],
    ['BARE_MODEL_PROVIDER', 'GLM', 'kimi', { bareModelProvider: 'glm' }],
    ['TIER_FAST', ['glm'], 'kimi', { tiers: { targets: { fast: ['glm'] } } }],
    ['TIER_FAST_BELOW', 1, '2', { tiers: { fastBelow: 1 } }],
    ['TIER_DEFAULT', 'fast', 'powerful', { tiers: { byDefault: 'fast' } }],
    ['EXPENSIVE_FALLBACK_FACTOR', 2, '5', { expensiveFactor: 2 }],
    ['ALLOW_EXPENSIVE_THINKING_FALLBACK', true, 'false', { allowExpensiveFallback: true }],
  ];

  it.each(POLICY)(
    '%s = %p beats the environment and the file, and says so',
    (...[name, value, text, expected]) => {
      const { policy, origins, effective } = load({ [name]: value }, { [name]: text });
      expect(policy).toMatchObject(expected);
      expect(origins[name]).toBe('override');
      expect(effective.find((setting) => setting.name === name)).toMatchObject({
        origin: 'override',
        place: null,
      });
    },
  );

  const PROVIDERS: [name: string, value: OverrideValue, env: Record<string, string>, expected: object][] = [
    ['GLM_FALLBACK_ORDER', [], {}, { glm: { fallbackOrder: [] } }],
    [
      'GLM_PREFERRED_MODELS',
      ['glm-4.7'],
      { GLM_PREFERRED_MODELS: 'glm-5' },
      { glm: { preferredModels: ['glm-4.7'] } },
    ],
    ['GLM_PREFERRED_MODELS', [], { GLM_PREFERRED_MODELS: 'glm-5' }, { glm: { preferredModels: [] } }],
    ['GLM_ALLOWED_MODELS', ['glm-5'], {}, { glm: { allowedModels: ['glm-5'] } }],
    ['GLM_DEFAULT_MODEL', 'glm-4.7', {}, { glm: { defaultModel: 'glm-4.7' } }],
    ['GLM_SPEED_MODEL', 'glm-4.7', { GLM_FLASH_MODEL: 'glm-5' }, { glm: { speedModel: 'glm-4.7' } }],
    ['GLM_QUALITY_MODEL', 'glm-5', {}, { glm: { qualityModel: 'glm-5' } }],
    ['GLM_ALLOW_EXPENSIVE_THINKING_FALLBACK', true, {}, { glm: { allowExpensiveFallback: true } }],
    ['MAX_INFLIGHT_GLM', 0, { EXAI_WS_GLM_MAX_INFLIGHT: '4' }, { glm: { maxInflight: 0 } }],
    [
      'KIMI_PREFERRED_MODELS',
      ['k3', 'kimi-k2.6'],
      { MOONSHOT_PREFERRED_MODELS: 'x' },
      { moonshot: { preferredModels: ['kimi-k2.6'] }, kimi: { preferredModels: ['k3'] } },
    ],
    [
      'MOONSHOT_PREFERRED_MODELS',
      [],
      { KIMI_PREFERRED_MODELS: 'k3,kimi-k2.6' },
      { moonshot: { preferredModels: [] }, kimi: { preferredModels: ['k3'] } },
    ],
    [
      'KIMI_DEFAULT_MODEL',
      'k3',
      { MOONSHOT_DEFAULT_MODEL: 'kimi-k2.6' },
      { moonshot: { defaultModel: 'kimi-k2.6' }, kimi: { defaultModel: 'k3' } },
    ],
  ];

  it.each(PROVIDERS)('%s = %p holds over %j', (...[name, value, env, expected]) => {
    const { providers } = load({ [name]: value }, env);
    expect(Object.fromEntries(providers.map((provider) => [provider.name, provider]))).toMatchObject(
      expected,
    );
  });

  it('MAX_INFLIGHT_TOTAL holds too', () => {
    expect(load({ MAX_INFLIGHT_TOTAL: 3 }, { MAX_INFLIGHT_TOTAL: '5' }).limits.maxInflightTotal).toBe(3);
  });

  it('of a member beats an override of its family', () => {
    const { providers } = load({ KIMI_PREFERRED_MODELS: ['kimi-k2.6'], MOONSHOT_PREFERRED_MODELS: [] });
    expect(providers[0]?.preferredModels).toEqual([]);
  });

  it('is kept as it came, in a copy that is frozen', () => {
    const overrides = { settings: { TIER_FAST: ['glm'] }, prices: {} };
    const settings = folder.load({}, { overrides });
    expect(settings.overrides).toEqual(overrides);
    expect(Object.isFrozen(settings.overrides.settings)).toBe(true);
    expect(Object.isFrozen(overrides.settings.TIER_FAST)).toBe(false);
  });
});

describe('an override is refused', () => {
  it.each([
    [
      'LEASE_SECS',
      5,
      'is a setting that no override may change. Set LEASE_SECS in the environment, or its key in longhaul.toml',
    ],
    [
      'DATABASE_URL',
      'x',
      'is a setting that no override may change. Set DATABASE_URL in the environment, and start again',
    ],
    ['LONGHAUL_IGNORE_OVERRIDES', true, 'is a setting that no override may change'],
    ['WORKER_LANES', ['glm'], 'is a setting that no override may change'],
    ['GLM_BASE_URL', 'https://x.example', 'is a setting that no override may change'],
    ['GLM_API_URL', 'https://x.example', 'is a setting that no override may change'],
    ['GLM_TIMEOUT_SECS', 5, 'is a setting that no override may change'],
    ['MAX_RUNGS', 2, 'is a setting that no override may change'],
    ['EX_ROUTING_PROFILE', 'fast', 'has an older name. Write ROUTING_PROFILE'],
    ['GLM_FLASH_MODEL', 'glm-5', 'has an older name. Write GLM_SPEED_MODEL'],
    ['EXAI_WS_GLM_MAX_INFLIGHT', 5, 'has an older name. Write MAX_INFLIGHT_GLM'],
    ['TIER_FATS', ['glm'], 'is no setting that can be changed while Longhaul runs. Did you mean TIER_FAST?'],
    ['GLM_PREFERED_MODELS', [], 'Did you mean GLM_PREFERRED_MODELS?'],
    ['GLM_API_KEY', 'x', 'is no setting that can be changed while Longhaul runs'],
    ['tier_fast', ['glm'], 'Did you mean TIER_FAST?'],
    ['MAX_INFLIGHT_NOBODY', 5, 'docs/configuration.md lists those that can'],
    ['__proto__x', 5, 'is no setting'],
    ['constructor', 5, 'is no setting'],
  ])('for its name: %s', (name, value, problem) => {
    const message = refusal({ [name]: value });
    expect(message).toMatch(new RegExp(`^the override ${name} `));
    expect(message).toContain(problem);
  });

  it('for a name with line breaks, which is shown on one line', () => {
    expect(refusal({ 'A\nB': 1 })).toMatch(/^the override A\\nB is no setting/);
    expect(refusal({ ['X'.repeat(500)]: 1 }).length).toBeLessThan(300);
  });

  it.each([
    ['TIER_FAST_BELOW', '3', 'a number, fractions allowed, from 0 up to 10; or delete it'],
    ['TIER_FAST_BELOW', -1, 'a number'],
    ['TIER_FAST_BELOW', Number.NaN, 'a number'],
    ['MAX_INFLIGHT_GLM', 1.5, 'a whole number from 0 up to 10000'],
    ['MAX_INFLIGHT_GLM', null, 'a whole number'],
    ['ROUTER_ENABLED', 'true', 'true or false, without quotes'],
    ['ROUTER_ENABLED', 1, 'true or false'],
    ['ROUTING_PROFILE', 5, 'a string'],
    ['ROUTING_PROFILE', '', 'a string that is not empty'],
    ['ROUTING_PROFILE', 'cheap', 'fast, balanced, powerful, cost; or delete it'],
    ['TIER_FAST', 5, 'a list of at most 100 strings'],
    ['TIER_FAST', ['a', 5], 'a list of at most 100 strings'],
    ['TIER_FAST', ['a', ' '], 'a list of at most 100 strings that are not empty'],
    ['TIER_FAST', { a: 1 }, 'a list of at most 100 strings'],
    ['GLM_DEFAULT_MODEL', ['a'], 'a string'],
  ])('for its value: %s = %p', (name, value, accepted) => {
    const message = refusal({ [name]: value });
    expect(message).toMatch(new RegExp(`^the override ${name} has a wrong value\\. It must be `));
    expect(message).toContain(accepted);
  });

  it.each([
    ['ALLOWED_PROVIDERS', ['gml5', 'glm'], 'names "gml5", which is no provider. The known ones are: '],
    ['ALLOWED_PROVIDERS', ['moonshoot'], 'names "moonshoot", which is no provider. Did you mean "moonshot"?'],
    ['ALLOWED_PROVIDERS', [], 'is an empty list, which would leave nothing'],
    ['GLM_ALLOWED_MODELS', [], 'is an empty list'],
    ['ROUTING_ORDER', [], 'is an empty list'],
    ['BARE_MODEL_PROVIDER', 'nobody', 'names "nobody", which is no provider'],
    ['TIER_FAST_BELOW', 7, 'puts the tiers out of order'],
    ['TIER_STEP_WEIGHT', 0.5, 'does not sum to 1'],
    ['KIMI_PREFERRED_MODELS', ['k33'], 'names "k33", which none of moonshot, kimi lists'],
    ['GLM_FALLBACK_ORDER', 'a,b,c,d,e,f,g,h,i', 'names 9 fallbacks, and 8 are the most'],
    ['TIER_FAST', 'a\nb', 'holds a line break or a control character. Write it on one line'],
    ['TIER_FAST', ['a\u2028b'], 'holds a line break'],
    ['TIER_FAST', ['gemini/\ud800'], 'holds half a character. Write it as text that can be printed'],
    ['TIER_FAST', ['a\u0000b'], 'holds a line break or a control character'],
    ['TIER_FAST', ['x'.repeat(4096)], 'is longer than 4096 bytes. Make it shorter'],
    ['TIER_FAST', ['sk-canary0123456789abcdef'], 'holds what looks like a key. Put the key into'],
  ])('for what it says: %s = %p', (name, value, problem) => {
    const message = refusal({ [name]: value });
    expect(message).toMatch(new RegExp(`^the override ${name} `));
    expect(message).toContain(problem);
    expect(message).not.toContain('canary');
  });

  it('for being one of more than five hundred', () => {
    const settings = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`A${String(index)}`, 1]));
    expect(refusal(settings, { 'glm/glm-5': null })).toMatch(
      /^there are 501 overrides, and 500 are the most/,
    );
    expect(refusal(settings)).toContain('is no setting');
  });
});
