import { Decision, RouteRequest } from '@longhaul/contract';
import { ModelSettings } from '@longhaul/settings';
import { Fixture, model, need, provider, registryOf, tierSettings } from './registry.fixtures';

/**
 * The seeds' own world, on which their ids are active. Kimi's 14 ids with 4 aliases and GLM's 5 ids with 1 alias
 * (contradiction C1) are those of EX-AI-MCP-Server's kimi_config.py and glm_config.py at 4f10bcf, in their order.
 */
export const KIMI: readonly (readonly [id: string, ...aliases: string[]])[] = [
  ['kimi-k2-0905-preview', 'kimi-k2-0905', 'kimi-k2'],
  ['kimi-k2-0711-preview', 'kimi-k2-0711'],
  ['moonshot-v1-8k'],
  ['moonshot-v1-32k'],
  ['kimi-k2-turbo-preview', 'kimi-k2-turbo'],
  ['moonshot-v1-128k'],
  ['moonshot-v1-8k-vision-preview'],
  ['moonshot-v1-32k-vision-preview'],
  ['moonshot-v1-128k-vision-preview'],
  ['kimi-latest'],
  ['kimi-latest-8k'],
  ['kimi-latest-32k'],
  ['kimi-latest-128k'],
  ['kimi-thinking-preview'],
];
export const GLM: typeof KIMI = [
  ['glm-4.6'],
  ['glm-4.5-flash'],
  ['glm-4.5'],
  ['glm-4.5-air', 'glm-4.5-x'],
  ['glm-4.5v'],
];

export const KIMI_PREFERRED_MODELS = [
  'kimi-k2-0905-preview',
  'kimi-k2-turbo-preview',
  'kimi-k2-0711-preview',
];
export const GLM_PREFERRED_MODELS = ['glm-4.5-flash', 'glm-4.5', 'glm-4.6'];

/** Windows and prices where a row of the seeds speaks of them; the price of 0905 is the list price of C3. */
const DETAILS: Readonly<Record<string, Partial<ModelSettings>>> = {
  'kimi-k2-0905-preview': { contextWindow: 262_144, price: priceOf(0.6, 2.5, 0.15) },
  'kimi-thinking-preview': { tags: ['reasoning'] },
  'glm-4.5-flash': { free: true, price: priceOf(0, 0) },
};

const rowsOf = (name: string, models: typeof KIMI): ModelSettings[] =>
  models.map(([id, ...aliases], index) =>
    model(`${name}/${id}`, { aliases, rank: (index + 1) * 10, ...DETAILS[id] }),
  );

export const SEEDS: Fixture = {
  providers: [
    provider('moonshot', { family: 'kimi' }),
    provider('kimi', { family: 'kimi', explicitOnly: true, defaultModel: 'kimi-for-coding' }),
    provider('glm'),
    provider('custom'),
    provider('openrouter', { acceptUnlistedModels: true, defaultModel: 'openai/gpt-oss-120b:free' }),
    provider('anthropic', { priority: 10 }),
    provider('openai', { priority: 20 }),
    provider('ollama', {
      auth: 'none',
      key: null,
      acceptUnlistedModels: true,
      defaultModel: 'qwen3.5:latest',
    }),
    provider('ollama_cloud', {
      prefixes: ['ollama_cloud', 'cloud'],
      acceptUnlistedModels: true,
      defaultModel: 'gpt-oss:120b',
    }),
  ],
  models: [
    ...rowsOf('moonshot', KIMI),
    ...rowsOf('glm', GLM),
    model('kimi/kimi-for-coding'),
    model('custom/own'),
    model('openrouter/openai/gpt-oss-120b:free'),
    model('anthropic/claude-3-haiku-20240307', { price: priceOf(0.25, 1.25) }),
    model('anthropic/claude-3-5-sonnet-20241022', { price: priceOf(3, 15) }),
    model('openai/gpt-4o-mini', { contextWindow: 128_000, price: priceOf(0.15, 0.6) }),
    model('ollama_cloud/gpt-oss:120b'),
  ],
  policy: {
    providerOrder: ['moonshot', 'kimi', 'glm', 'custom', 'openrouter'],
    tiers: tierSettings({
      targets: {
        fast: ['anthropic/claude-3-haiku-20240307'],
        balanced: ['moonshot/kimi-k2-0905-preview', 'openai/gpt-4o-mini'],
        powerful: ['anthropic/claude-3-5-sonnet-20241022'],
      },
    }),
  },
  limits: { maxRungs: 9, maxCallsPerJob: 9 },
};

/** What is set in one `.env`: of a provider, by its name, and of the policy. */
export interface Setup {
  readonly providers?: Readonly<Record<string, Parameters<typeof provider>[1]>>;
  readonly policy?: Fixture['policy'];
}

export const seedsWith = ({ providers = {}, policy = {} }: Setup): Fixture => ({
  ...SEEDS,
  providers: SEEDS.providers.map((each) => ({ ...each, ...providers[each.name] })),
  policy: { ...SEEDS.policy, ...policy },
});

export const decided = (request: RouteRequest = {}, setup: Setup = {}, wanted = need()): Decision =>
  registryOf(seedsWith(setup)).route(wanted, request).decision;

function priceOf(inputPerMTok: number, outputPerMTok: number, cachedInputPerMTok = inputPerMTok) {
  return {
    inputPerMTok,
    outputPerMTok,
    cachedInputPerMTok,
    effectiveFrom: '2025-09-05',
    source: 'the seeds',
  };
}
