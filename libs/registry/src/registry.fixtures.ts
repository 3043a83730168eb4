import { Need } from '@longhaul/contract';
import { LimitSettings, ModelSettings, PolicySettings, ProviderSettings, Secret } from '@longhaul/settings';
import { Catalogue } from './catalogue';
import { Listings } from './listings';
import { defaultPolicy } from './policy';
import { EVERYTHING_WELL, Registry, RegistryParts } from './registry';

/** Made-up settings for specs: a provider with a key, a model without limits, a need that fits anywhere. */
export const provider = (name: string, changes: Partial<ProviderSettings> = {}): ProviderSettings => ({
  name,
  dialect: 'openai',
  baseUrl: `http://127.0.0.1:1/${name}`,
  auth: 'bearer',
  keyVariables: [`${name.toUpperCase()}_API_KEY`],
  key: new Secret('sk-fixture'),
  keySource: `${name.toUpperCase()}_API_KEY`,
  defaultModel: null,
  prefixes: [name],
  family: null,
  connectMs: 10_000,
  firstTokenMs: 120_000,
  idleMs: 120_000,
  totalMs: 600_000,
  maxInflight: 10,
  explicitOnly: false,
  acceptUnlistedModels: false,
  priority: 100,
  fallbackOrder: [],
  description: '',
  ...changes,
});

/** `model('glm/glm-5')`: the first segment is the provider. */
export const model = (name: string, changes: Partial<ModelSettings> = {}): ModelSettings => ({
  id: name.slice(name.indexOf('/') + 1),
  provider: name.slice(0, name.indexOf('/')),
  aliases: [],
  status: 'active',
  successor: null,
  contextWindow: 100_000,
  maxOutputTokens: null,
  minOutputTokens: null,
  capabilities: [],
  rank: 100,
  price: null,
  ...changes,
});

export const need = (changes: Partial<Need> = {}): Need => ({
  type: 'chat',
  inputTokens: 1_000,
  outputTokens: 1_000,
  capabilities: [],
  ...changes,
});

export const policySettings = (changes: Partial<PolicySettings> = {}): PolicySettings => ({
  allowedProviders: null,
  disabledProviders: [],
  providerOrder: [],
  bareModelProvider: 'ollama',
  ...changes,
});

const LIMITS: LimitSettings = {
  maxInflightTotal: 48,
  laneDepth: null,
  retryAttempts: 1,
  maxRungs: 4,
  maxCallsPerJob: 8,
  bodyLimitBytes: 1_000_000,
};

export interface Fixture {
  readonly providers: readonly ProviderSettings[];
  readonly models: readonly ModelSettings[];
  readonly policy?: Partial<PolicySettings>;
  readonly limits?: Partial<LimitSettings>;
}

export const catalogueOf = ({ providers, models, policy }: Fixture): Catalogue =>
  new Catalogue({ providers, models, policy: policySettings(policy) });

const partsOf = (fixture: Fixture, parts: Partial<RegistryParts>): RegistryParts => ({
  catalogue: catalogueOf(fixture),
  policy: defaultPolicy,
  settings: { policy: policySettings(fixture.policy), limits: { ...LIMITS, ...fixture.limits } },
  health: EVERYTHING_WELL,
  ...parts,
});

export const registryOf = (fixture: Fixture, parts: Partial<RegistryParts> = {}): Registry =>
  new Registry(partsOf(fixture, parts));

export const listingsOf = (fixture: Fixture, parts: Partial<RegistryParts> = {}): Listings =>
  new Listings(partsOf(fixture, parts));

/** A small world like the shipped one. */
export const WORLD: Fixture = {
  providers: [
    provider('moonshot', {
      family: 'kimi',
      defaultModel: 'kimi-k2.6',
      fallbackOrder: ['kimi-k2.5', 'glm/glm-5'],
    }),
    provider('kimi', { family: 'kimi', explicitOnly: true, defaultModel: 'kimi-for-coding' }),
    provider('glm', { defaultModel: 'glm-5' }),
    provider('openrouter', { acceptUnlistedModels: true, defaultModel: 'openai/gpt-oss-120b:free' }),
    provider('openai', { key: null, keySource: null }),
    provider('ollama', { auth: 'none', key: null, keyVariables: [], acceptUnlistedModels: true }),
    provider('ollama_cloud', {
      prefixes: ['ollama_cloud', 'cloud'],
      key: null,
      keyVariables: ['OLLAMA_CLOUD_KEY', 'OLLAMA_API_KEY'],
      acceptUnlistedModels: true,
    }),
  ],
  models: [
    model('moonshot/kimi-k2.5', { rank: 10 }),
    model('moonshot/kimi-k2.6', { rank: 20, aliases: ['K2'], price: samplePrice(), minOutputTokens: 1_500 }),
    model('moonshot/kimi-k2-0905-preview', { status: 'retired', successor: 'kimi-k2.6' }),
    model('moonshot/kimi-gone', { status: 'retired' }),
    model('kimi/kimi-for-coding'),
    model('glm/glm-5', { contextWindow: 200_000 }),
    model('glm/glm-4.5-x', { status: 'deprecated', successor: 'glm-5' }),
    model('openrouter/openai/gpt-oss-120b:free'),
    model('openai/gpt-5.4'),
    model('ollama_cloud/glm-5'),
  ],
  policy: { providerOrder: ['kimi', 'glm', 'custom', 'openrouter', 'moonshot'] },
};

function samplePrice(): ModelSettings['price'] {
  return { inputPerMTok: 0.95, outputPerMTok: 4, effectiveFrom: '2026-04-21', source: 'fixture' };
}
