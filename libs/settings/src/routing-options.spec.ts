import { ConfigFolder, providerBlock } from './config-folder.fixtures';
import { PolicySettings } from './settings';

let folder: ConfigFolder;

beforeEach(() => {
  folder = new ConfigFolder();
  folder.write(
    'providers.toml',
    providerBlock('moonshot', 'family = "kimi"', 'priority = 10') +
      providerBlock('kimi', 'family = "kimi"', 'priority = 20') +
      providerBlock('glm'),
  );
});
afterEach(() => folder.remove());

const HEALTH = { minSamples: 20, minSuccess: 0.5, halfLifeMs: 300_000 };

const policy = (env: Record<string, string> = {}): PolicySettings => folder.load(env).policy;

describe('the choice of models', () => {
  it('has the built-in values where nothing is said', () => {
    expect(policy()).toMatchObject({
      routerEnabled: true,
      profile: 'balanced',
      order: null,
      costAware: false,
      freeFirst: false,
      freeModels: [],
      maxCostNanoUsd: null,
      defaultModels: [],
      preferredProviders: { chat: [], audit: [] },
      allowExpensiveFallback: false,
      expensiveFactor: 3,
      health: HEALTH,
    });
  });

  const STATED: [variable: string, text: string, toml: string, expected: Partial<PolicySettings>][] = [
    ['ROUTER_ENABLED', 'off', 'false', { routerEnabled: false }],
    ['ROUTING_PROFILE', 'cost', '"cost"', { profile: 'cost' }],
    ['ROUTING_ORDER', 'Cost,rank', '["Cost", "rank"]', { order: ['cost', 'rank'] }],
    ['COST_AWARE', 'yes', 'true', { costAware: true }],
    ['FREE_FIRST', '1', 'true', { freeFirst: true }],
    ['FREE_MODELS', 'a, b', '["a", "b"]', { freeModels: ['a', 'b'] }],
    ['MAX_COST_PER_REQUEST', '0.25', '0.25', { maxCostNanoUsd: 250_000_000 }],
    ['MAX_COST_PER_REQUEST', '0', '0', { maxCostNanoUsd: 0 }],
    ['DEFAULT_MODELS', 'a,b', '["a", "b"]', { defaultModels: ['a', 'b'] }],
    ['DEFAULT_MODEL', 'a', '"a"', { defaultModels: ['a'] }],
    ['PREFERRED_PROVIDERS_CHAT', 'glm', '"glm"', { preferredProviders: { chat: ['glm'], audit: [] } }],
    [
      'PREFERRED_PROVIDERS_AUDIT',
      'KIMI',
      '["KIMI"]',
      { preferredProviders: { chat: [], audit: ['moonshot', 'kimi'] } },
    ],
    ['ROUTER_PREFLIGHT_CHAT', 'true', 'true', { preflightChat: true }],
    ['ALLOW_EXPENSIVE_THINKING_FALLBACK', 'true', 'true', { allowExpensiveFallback: true }],
    ['EXPENSIVE_FALLBACK_FACTOR', '1.5', '1.5', { expensiveFactor: 1.5 }],
    ['HEALTH_MIN_SAMPLES', '7', '7', { health: { ...HEALTH, minSamples: 7 } }],
    ['HEALTH_MIN_SUCCESS', '0.25', '0.25', { health: { ...HEALTH, minSuccess: 0.25 } }],
    ['HEALTH_HALF_LIFE_SECS', '0.5', '0.5', { health: { ...HEALTH, halfLifeMs: 500 } }],
  ];

  it.each(STATED)(
    'takes %s=%s from the environment, and %s from policy.toml',
    (...[name, text, toml, expected]) => {
      expect(policy({ [name]: text })).toMatchObject(expected);
      folder.write('policy.toml', `${name.toLowerCase()} = ${toml}\n`);
      const { policy: ofFile, origins } = folder.load();
      expect(ofFile).toMatchObject(expected);
      expect(origins[name]).toBe('file');
    },
  );

  it.each([
    ['EX_ROUTING_PROFILE', 'fast', 'ROUTING_PROFILE', 'cost', 'profile'],
    ['COST_AWARE_ROUTING_ENABLED', 'true', 'COST_AWARE', 'false', 'costAware'],
    ['FREE_TIER_PREFERENCE_ENABLED', 'true', 'FREE_FIRST', 'false', 'freeFirst'],
    ['FREE_MODEL_LIST', 'a', 'FREE_MODELS', 'b', 'freeModels'],
  ] as const)('still reads %s=%s, after %s=%s', (...[older, before, now, after, key]) => {
    const values = [{}, { [older]: before }, { [older]: before, [now]: after }].map(
      (env) => policy(env)[key],
    );
    expect(values.map((value) => String(value))).toEqual([String(policy()[key]), before, after]);
  });

  it.each(['true', 'TRUE', '1', 'yes', 'on'])('takes %s for on', (text) => {
    expect(policy({ COST_AWARE: text }).costAware).toBe(true);
  });

  it.each(['false', 'False', '0', 'no', 'off'])('takes %s for off', (text) => {
    expect(policy({ ROUTER_ENABLED: text }).routerEnabled).toBe(false);
  });

  it('puts DEFAULT_MODEL last, once', () => {
    expect(policy({ DEFAULT_MODELS: 'a,B,c', DEFAULT_MODEL: 'b' }).defaultModels).toEqual(['a', 'c', 'b']);
  });

  it('takes WORKFLOWS_PREFER_KIMI=true for kimi in both lists, unless a list says otherwise', () => {
    const older = { WORKFLOWS_PREFER_KIMI: 'true' };
    const family = ['moonshot', 'kimi'];
    expect(policy(older).preferredProviders).toEqual({ chat: family, audit: family });
    expect(folder.load(older).origins['PREFERRED_PROVIDERS_CHAT']).toBe('environment');
    expect(policy({ WORKFLOWS_PREFER_KIMI: 'false' }).preferredProviders).toEqual({ chat: [], audit: [] });
    expect(policy({ ...older, PREFERRED_PROVIDERS_CHAT: 'glm' }).preferredProviders).toEqual({
      chat: ['glm'],
      audit: family,
    });
  });

  it('refuses WORKFLOWS_PREFER_KIMI=true where there is no kimi', () => {
    folder.write('providers.toml', providerBlock('glm'));
    expect(folder.refusal({ WORKFLOWS_PREFER_KIMI: 'true' }).message).toMatch(
      /^WORKFLOWS_PREFER_KIMI names "kimi", which is no provider/,
    );
  });

  it.each([
    ['ROUTER_ENABLED', 'maybe', 'true or false'],
    ['WORKFLOWS_PREFER_KIMI', '2', 'true or false'],
    ['ROUTING_PROFILE', 'cheap', 'fast, balanced, powerful, cost'],
    ['EX_ROUTING_PROFILE', 'cheap', 'fast, balanced, powerful, cost'],
    ['MAX_COST_PER_REQUEST', '-1', 'a number, fractions allowed, from 0'],
    ['EXPENSIVE_FALLBACK_FACTOR', '0.5', 'from 1 up to 1000'],
    ['HEALTH_MIN_SUCCESS', '1.5', 'from 0 up to 1'],
    ['HEALTH_MIN_SAMPLES', '0.5', 'whole'],
    ['HEALTH_HALF_LIFE_SECS', '0', 'above 0'],
    ['GLM_ALLOW_EXPENSIVE_THINKING_FALLBACK', 'perhaps', 'true or false'],
  ])('refuses %s=%s, naming what is accepted', (variable, value, accepted) => {
    const { message } = folder.refusal({ [variable]: value });
    expect(message).toMatch(new RegExp(`^${variable} has a wrong value\\. It must be `));
    expect(message).toContain(accepted);
  });

  it.each([
    ['router_enabled = "true"', 'true or false, without quotes'],
    ['cost_aware = 1', 'true or false, without quotes'],
    ['routing_profile = "cheap"', 'fast, balanced, powerful, cost'],
    ['max_cost_per_request = -1', 'a number'],
    ['free_models = [1]', 'a list of strings'],
    ['default_model = ["a"]', 'a string in quotes'],
  ])('refuses `%s` in policy.toml, with its line', (line, accepted) => {
    folder.write('policy.toml', `\n${line}\n`);
    expect(folder.refusal().message).toMatch(/^policy\.toml:2: "\w+" has a wrong value\. It must be /);
    expect(folder.refusal().message).toContain(accepted);
  });
});
