import { ConfigFolder, providerBlock } from './config-folder.fixtures';
import { effectiveSettings, EffectiveSetting, overriddenPrices } from './effective';
import { liveNames } from './override-names';
import { Overrides } from './overrides';

let folder: ConfigFolder;

beforeEach(() => {
  folder = new ConfigFolder();
  folder.write(
    'providers.toml',
    providerBlock('glm', 'max_inflight = 4', 'auth_env = ["GLM_API_KEY", "ZHIPU_KEY"]') +
      providerBlock('moonshot', 'family = "kimi"') +
      providerBlock('kimi', 'family = "kimi"'),
  );
  folder.write(
    'models.toml',
    '[[model]]\nid = "glm-5"\nprovider = "glm"\n[[model]]\nid = "k3"\nprovider = "kimi"\n',
  );
  folder.write('longhaul.toml', '\nlease_secs = 4\n');
  folder.write('policy.toml', 'tier_fast = ["glm"]\n');
});
afterEach(() => folder.remove());

const settings = (env: Record<string, string> = {}, overrides: Partial<Overrides> = {}) =>
  folder.load(env, { overrides: { settings: {}, prices: {}, ...overrides }, today: '2026-07-01' });
const named = (name: string, ...from: Parameters<typeof settings>): EffectiveSetting | undefined =>
  effectiveSettings(settings(...from)).find((setting) => setting.name === name);

describe('the effective settings', () => {
  const ROWS: [name: string, expected: Omit<EffectiveSetting, 'name'>][] = [
    ['LEASE_SECS', { value: 4, origin: 'file', place: 'longhaul.toml:2', live: false }],
    ['TIER_FAST', { value: ['glm'], origin: 'file', place: 'policy.toml:1', live: true }],
    ['TIER_POWERFUL', { value: ['kimi'], origin: 'override', place: null, live: true }],
    ['ROUTING_PROFILE', { value: 'cost', origin: 'environment', place: 'EX_ROUTING_PROFILE', live: true }],
    ['COST_AWARE', { value: false, origin: 'built-in', place: null, live: true }],
    ['MAX_COST_PER_REQUEST', { value: null, origin: 'built-in', place: null, live: true }],
    ['MAX_INFLIGHT_GLM', { value: 4, origin: 'file', place: 'providers.toml:4', live: true }],
    [
      'GLM_BASE_URL',
      { value: 'https://glm.example/v1', origin: 'file', place: 'providers.toml:3', live: false },
    ],
    ['GLM_TIMEOUT_SECS', { value: 7, origin: 'environment', place: 'TIMEOUT_SECS', live: false }],
    [
      'KIMI_PREFERRED_MODELS',
      { value: ['k3'], origin: 'environment', place: 'KIMI_PREFERRED_MODELS', live: true },
    ],
    [
      'MOONSHOT_PREFERRED_MODELS',
      { value: [], origin: 'environment', place: 'KIMI_PREFERRED_MODELS', live: true },
    ],
    ['DATABASE_URL', { value: 'set', origin: 'environment', place: 'DATABASE_URL', live: false }],
    ['REDIS_URL', { value: 'not set', origin: 'built-in', place: null, live: false }],
    ['ZHIPU_KEY', { value: 'set', origin: 'environment', place: 'ZHIPU_KEY', live: false }],
    ['KIMI_API_KEY', { value: 'not set', origin: 'built-in', place: null, live: false }],
  ];
  const ENV = {
    EX_ROUTING_PROFILE: 'cost',
    TIMEOUT_SECS: '7',
    KIMI_PREFERRED_MODELS: 'k3',
    DATABASE_URL: 'postgres://user:canary@host/db',
    ZHIPU_KEY: 'canary',
  };

  it.each(ROWS)('say of %s: %j', (name, expected) => {
    expect(named(name, ENV, { settings: { TIER_POWERFUL: ['kimi'] } })).toEqual({ name, ...expected });
  });

  it('name the file that holds a key, and the weights of each intent', () => {
    const path = folder.write('key', 'canary');
    expect(named('GLM_API_KEY', { GLM_API_KEY_FILE: path })).toMatchObject({
      value: 'set',
      origin: 'file',
      place: path,
    });
    expect(named('intent_weights.default')).toMatchObject({
      value: { prompt: 0.2 },
      origin: 'built-in',
      live: false,
    });
  });

  it('stand in the order of their names, each once, and hold no secret', () => {
    const rows = effectiveSettings(settings(ENV));
    const names = rows.map(({ name }) => name);
    expect(names).toEqual([...new Set(names)].sort());
    expect(JSON.stringify(rows)).not.toContain('canary');
    expect(Object.isFrozen(rows)).toBe(true);
  });

  it('have every setting that has an origin, and every one that may be overridden', () => {
    const { origins, providers, effective } = settings();
    const names = effective.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(Object.keys(origins)));
    const live = effective.filter((setting) => setting.live).map(({ name }) => name);
    expect(live).toEqual([...liveNames(providers)].sort());
  });
});

describe('the overridden prices', () => {
  it('are those of the overrides alone, in order, with what holds', () => {
    const prices = { 'kimi/k3': null, 'glm/glm-5': { input: 1, output: 2, source: 's' } };
    expect(overriddenPrices(settings({}, { prices }))).toEqual([
      {
        provider: 'glm',
        model: 'glm-5',
        price: { inputPerMTok: 1, outputPerMTok: 2, effectiveFrom: '2026-07-01', source: 's' },
      },
      { provider: 'kimi', model: 'k3', price: null },
    ]);
    expect(overriddenPrices(settings())).toEqual([]);
  });
});
