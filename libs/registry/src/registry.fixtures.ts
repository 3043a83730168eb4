import { GatewayError, Need, RouteRequest, nameOf } from '@longhaul/contract';
import {
  LimitSettings,
  ModelSettings,
  PolicySettings,
  ProviderSettings,
  Secret,
  TierSettings,
} from '@longhaul/settings';
import { Catalogue } from './catalogue';
import { ask } from './ask';
import { CatalogueEntry } from './entry';
import { Listings } from './listings';
import { Order } from './orders';
import { defaultPolicy } from './policy';
import { Question } from './question';
import { Registry } from './registry';
import { EVERYTHING_WELL } from './registry.module';
import { ChosenBy, Rule } from './rules';
import { RegistrySettings, RegistryState, StateParts, buildState } from './state';

/** Made-up settings for specs: a provider with a key, a model without limits, a need that fits anywhere. */
export const provider = (name: string, changes: Partial<ProviderSettings> = {}): ProviderSettings => ({
  name,
  dialect: 'openai',
  baseUrl: `http://127.0.0.1:1/${name}`,
  auth: 'bearer',
  keyVariables: [`${name.toUpperCase()}_API_KEY`],
  key: new Secret('sk-fixture'),
  keySource: `${name.toUpperCase()}_API_KEY`,
  headers: {},
  defaultModel: null,
  prefixes: [name],
  family: null,
  connectMs: 10_000,
  firstTokenMs: 120_000,
  idleMs: 120_000,
  totalMs: 600_000,
  retryAttempts: 1,
  retryBackoffMs: 1000,
  maxInflight: 10,
  limits: { requestsPerMinute: null, tokensPerMinute: null, tokensPerDay: null },
  explicitOnly: false,
  acceptUnlistedModels: false,
  hosted: false,
  keepAliveS: null,
  priority: 100,
  fallbackOrder: [],
  allowedModels: null,
  preferredModels: [],
  speedModel: null,
  qualityModel: null,
  allowExpensiveFallback: null,
  description: '',
  ...changes,
});

/** `model('glm/glm-5')`: the first segment is the provider. */
export const model = (name: string, changes: Partial<ModelSettings> = {}): ModelSettings => ({
  id: name.slice(name.indexOf('/') + 1),
  provider: name.slice(0, name.indexOf('/')),
  aliases: [],
  status: 'active',
  retiresAt: null,
  successor: null,
  contextWindow: 100_000,
  maxOutputTokens: null,
  minOutputTokens: null,
  capabilities: [],
  toolChoices: null,
  reasoningControl: null,
  reasoningEfforts: null,
  temperature: { kind: 'any' },
  rank: 100,
  price: null,
  prices: [],
  free: false,
  tags: [],
  group: null,
  ...changes,
});

export const need = (changes: Partial<Need> = {}): Need => ({
  type: 'chat',
  inputTokens: 1_000,
  outputTokens: 1_000,
  capabilities: [],
  ...changes,
});

/** No tier has a target, so that `auto` goes by the ranking alone. */
export const tierSettings = (changes: Partial<TierSettings> = {}): TierSettings => ({
  targets: { fast: [], balanced: [], powerful: [] },
  byDefault: 'balanced',
  fastBelow: 3,
  balancedBelow: 6.5,
  agentWeight: 0.6,
  stepWeight: 0.4,
  intentWeights: {
    default: { prompt: 0.2, data: 0.15, conditions: 0.15, context: 0.15, reasoning: 0.2, output: 0.15 },
  },
  ...changes,
});

export const policySettings = (changes: Partial<PolicySettings> = {}): PolicySettings => ({
  allowedProviders: null,
  disabledProviders: [],
  providerOrder: [],
  bareModelProvider: 'ollama',
  routerEnabled: true,
  preflightChat: false,
  profile: 'balanced',
  order: null,
  costAware: false,
  freeFirst: false,
  freeModels: [],
  maxCostNanoUsd: null,
  defaultModels: [],
  preferredProviders: {},
  allowExpensiveFallback: false,
  expensiveFactor: 3,
  health: { minSamples: 20, minSuccess: 0.5, halfLifeMs: 300_000 },
  tiers: tierSettings(),
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

export const settingsOf = ({ providers, models, policy, limits }: Fixture): RegistrySettings => ({
  ...{ providers, models },
  policy: policySettings(policy),
  limits: { ...LIMITS, ...limits },
});

export const stateOf = (fixture: Fixture, parts: Partial<StateParts> = {}): RegistryState =>
  buildState(settingsOf(fixture), { policy: defaultPolicy, health: EVERYTHING_WELL, version: 0, ...parts });

/** What rules and ranking steps see of a job. */
export const questionOf = (fixture: Fixture, changes: Partial<Question> = {}): Question => ({
  ...ask(stateOf(fixture), need(), { request: {}, assumed: {} }),
  ...changes,
});

export const registryOf = (fixture: Fixture, parts: Partial<StateParts> = {}): Registry =>
  new Registry(stateOf(fixture, parts));

export const listingsOf = (fixture: Fixture, parts: Partial<StateParts> = {}): Listings =>
  new Listings(registryOf(fixture, parts));

/** Targets of the route, best first. */
export const chainOf = (fixture: Fixture, request: RouteRequest, wanted = need()): string[] =>
  registryOf(fixture).route(wanted, request).chain.map(nameOf);

/** The fault that must be thrown. */
export function faultOf(run: () => unknown): GatewayError {
  try {
    run();
  } catch (thrown) {
    return GatewayError.from(thrown);
  }
  throw new Error('nothing was thrown');
}

/** `<provider>/<model>` of a catalogue; what it does not list is taken as an unlisted id. */
export function entryNamed(catalogue: Catalogue, name: string): CatalogueEntry {
  const entry = catalogue.lookUpAnywhere(name);
  if (entry === null) throw new Error(`The fixture has no model ${name}.`);
  return entry;
}

export interface RuleAsked {
  readonly of: string;
  readonly need?: Partial<Need>;
  readonly chosenBy?: ChosenBy;
  readonly question?: Partial<Question>;
}

/** What a rule says of one model: a sentence, or null. */
export function verdictOf(rule: Rule, fixture: Fixture, asked: RuleAsked): string | null {
  const wanted = need(asked.need);
  const { chosenBy = 'policy' } = asked;
  const context = { ...questionOf(fixture, { need: wanted, ...asked.question }), chosenBy };
  return rule.refuse(entryNamed(context.catalogue, asked.of), wanted, context);
}

/** These models as one ranking step puts them; equals stay as they were given. */
export function orderedBy(order: Order, question: Question, names: readonly string[]): string[] {
  const place = (name: string): number => order.place(entryNamed(question.catalogue, name), question);
  return [...names].sort((left, right) => place(left) - place(right));
}

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
    model('glm/glm-5', { rank: 10, contextWindow: 200_000 }),
    model('glm/glm-4.5-x', { status: 'deprecated', successor: 'glm-5' }),
    model('openrouter/openai/gpt-oss-120b:free'),
    model('openai/gpt-5.4'),
    model('ollama_cloud/glm-5'),
  ],
  policy: { providerOrder: ['kimi', 'glm', 'custom', 'openrouter', 'moonshot'] },
};

export function samplePrice(): ModelSettings['price'] {
  return { inputPerMTok: 0.95, outputPerMTok: 4, effectiveFrom: '2026-04-21', source: 'fixture' };
}
