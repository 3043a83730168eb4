import { PolicySettings, ProviderSettings, Secret } from '@longhaul/settings';
import { defaultPolicy } from './policy';
import { EVERYTHING_WELL } from './registry.module';
import {
  Fixture,
  WORLD,
  faultOf,
  model,
  need,
  provider,
  registryOf,
  stateOf,
  tierSettings,
} from './registry.fixtures';

const hashOf = (fixture: Fixture): string => stateOf(fixture).config.hash;
const SEED = hashOf(WORLD);
const firstWith = (changes: Partial<ProviderSettings>): Fixture => ({
  ...WORLD,
  providers: WORLD.providers.map((each, index) => (index === 0 ? { ...each, ...changes } : each)),
});
const policyWith = (changes: Partial<PolicySettings>): Fixture => ({
  ...WORLD,
  policy: { ...WORLD.policy, ...changes },
});

describe('the hash of a state', () => {
  it('is short, and the same for the same settings', () => {
    expect(SEED).toMatch(/^[0-9a-f]{16}$/);
    expect(hashOf({ ...WORLD })).toBe(SEED);
  });

  it.each<[string, Fixture]>([
    ['a key that is gone', firstWith({ key: null })],
    ['an in-flight cap', firstWith({ maxInflight: 0 })],
    ['allowed models', firstWith({ allowedModels: ['kimi-k2.6'] })],
    ['preferred models', firstWith({ preferredModels: ['kimi-k2.6'] })],
    ['a fallback order', firstWith({ fallbackOrder: [] })],
    ['explicit_only', firstWith({ explicitOnly: true })],
    ['one model more', { ...WORLD, models: [...WORLD.models, model('glm/new')] }],
    ['a price', { ...WORLD, models: WORLD.models.map((row) => ({ ...row, price: null })) }],
    ['the priority of providers', policyWith({ providerOrder: ['glm'] })],
    ['a flag', policyWith({ freeFirst: true })],
    ['a ceiling', policyWith({ maxCostNanoUsd: 1 })],
    ['a threshold', policyWith({ tiers: tierSettings({ fastBelow: 2 }) })],
    ['the length of chains', { ...WORLD, limits: { maxRungs: 2 } }],
  ])('changes with %s', (_, fixture) => {
    expect(hashOf(fixture)).not.toBe(SEED);
  });

  it('changes with the name of the policy', () => {
    expect(stateOf(WORLD, { policy: { ...defaultPolicy, name: 'other' } }).config.hash).not.toBe(SEED);
  });

  it.each<[string, Fixture]>([
    ['the value of a key', firstWith({ key: new Secret('sk-another') })],
    ['the place of a key', firstWith({ keySource: '/run/secrets/key' })],
    ['the order in which providers are written', { ...WORLD, providers: [...WORLD.providers].reverse() }],
    ['the order in which models are written', { ...WORLD, models: [...WORLD.models].reverse() }],
  ])('does not change with %s', (_, fixture) => {
    expect(hashOf(fixture)).toBe(SEED);
  });
});

describe('a state', () => {
  it('carries the version that it was built for', () => {
    expect(stateOf(WORLD, { version: 7 }).config).toEqual({ version: 7, hash: SEED });
  });

  it('is not built from settings with faults, and tells all of them', () => {
    const models = [model('nobody/a'), model('glm/a', { aliases: ['auto'] })];
    const error = faultOf(() => stateOf({ providers: [provider('glm')], models }));
    expect(error.code).toBe('config_rejected');
    expect(error.detail.extra?.['faults']).toEqual([
      'Model nobody/a belongs to an unknown provider; add a [[provider]] block or remove the row.',
      'Alias "auto" of glm/a is a reserved word; choose another.',
    ]);
  });

  it('E18: is exchanged whole: later questions are answered out of the new one, earlier decisions stay', () => {
    const registry = registryOf(WORLD);
    const before = registry.route(need(), { model: 'glm-5' }).decision;
    const kept = JSON.stringify(before);
    registry.exchange(stateOf({ ...WORLD, policy: { disabledProviders: ['glm'] } }, { version: 2 }));
    expect(faultOf(() => registry.route(need(), { model: 'glm/glm-5' })).code).toBe('no_route');
    expect(registry.route(need()).decision.config.version).toBe(2);
    expect(JSON.stringify(before)).toBe(kept);
  });

  it('keeps the health that it was given', () => {
    expect(stateOf(WORLD).health).toBe(EVERYTHING_WELL);
  });
});
