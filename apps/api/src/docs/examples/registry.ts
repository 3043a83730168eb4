import type {
  CapabilitiesView,
  CheckView,
  HealthView,
  LoadedView,
  PingView,
  ProviderView,
  RouteExplanation,
} from '@longhaul/jobs';
import type { ModelView } from '../../registry/model-view';
import type { StatusAnswer } from '../../status/status.controller';

export const MODEL: ModelView = {
  id: 'moonshot/kimi-k2.6',
  object: 'model',
  owned_by: 'moonshot',
  provider: 'moonshot',
  model: 'kimi-k2.6',
  aliases: ['kimi'],
  status: 'active',
  successor: null,
  context_window: 262_144,
  max_output_tokens: 262_144,
  min_output_tokens: 1500,
  capabilities: ['tools', 'json_mode', 'reasoning'],
  price: {
    input_per_mtok_usd: 0.95,
    cached_input_per_mtok_usd: 0.16,
    cache_write_per_mtok_usd: null,
    output_per_mtok_usd: 4,
    effective_from: '2026-01-01',
    source: 'the provider’s price list',
    steps: [],
  },
  tool_choice: ['auto', 'none'],
  temperature: { kind: 'fixed', value: 1 },
  free: false,
  tags: [],
  group: 'kimi-k2.6',
  tiers: ['balanced'],
  retires_at: null,
  warning: null,
  available: false,
  unavailable_because: 'moonshot has no key; set MOONSHOT_API_KEY.',
  explicit_only: false,
  health: null,
};

export const PROVIDER: ProviderView = {
  id: 'sandbox',
  object: 'provider',
  description: 'The upstream that ships with Longhaul.',
  family: null,
  dialect: 'openai_compatible',
  base_url: 'http://127.0.0.1:4010/v1',
  auth: 'none',
  key: { present: false, variables: [], source: null },
  on: true,
  available: true,
  unavailable_because: null,
  cap: 10,
  in_flight: 1,
  waiting: 0,
  scheduled: 0,
  explicit_only: true,
  accepts_unlisted_models: false,
  default_model: null,
  timeouts: { connect_s: 10, first_token_s: 120, idle_s: 120, total_s: 600 },
  limits: {
    requests_per_minute: { configured: 50, seen: null, used: 3 },
    tokens_per_minute: { configured: null, seen: 200_000, used: 14_250 },
    tokens_per_day: { configured: 5_000_000, seen: null, used: 812_400 },
  },
  circuits: [
    {
      ...{ scope: 'target', model: 'echo', state: 'half_open', until: 1_795_262_400, code: 'timeout' },
      ...{ strikes: 1, probing: false },
    },
  ],
  cooling: [],
  last_error: { code: 'timeout', at: 1_795_262_400 },
  last_errors: [{ model: 'echo', code: 'timeout', at: 1_795_262_400 }],
};

const HEALTH: HealthView = {
  ...{ samples: 212, success_rate: 0.981, latency_ms: 2140, first_token_ms: 610 },
  ...{ p50_ms: 1980, p95_ms: 5200, updated_at: 1_795_262_400 },
};

const CHECK: CheckView = {
  object: 'provider.ping',
  provider: 'moonshot',
  reachable: true,
  authorised: true,
  latency_ms: 184,
  error: null,
  account: [{ of: 'balance', used: null, limit: null, remaining: 49.58, unit: 'USD', resets_at: null }],
  asked_at: 1_795_262_400,
};

export const PING: PingView = { ...CHECK, chat: null };

export const LOADED: LoadedView = {
  object: 'provider.model',
  provider: 'ollama',
  model: 'qwen3.5:latest',
  loaded: true,
};

export const CAPABLE: CapabilitiesView = {
  object: 'provider.capabilities',
  provider: PROVIDER,
  hints: [{ code: 'overloaded', hint: 'Wait, or name a fallback.', docs_url: null }],
  models: [
    {
      ...{ model: 'echo', status: 'active', capabilities: ['streaming'], available: true },
      ...{ context_window: 32_768, max_output_tokens: 4096, health: HEALTH },
    },
  ],
  live: {
    ...CHECK,
    provider: 'sandbox',
    authorised: null,
    account: null,
    models: { listed: 2, missing: [], unknown: ['reviewer-2'], retired: [] },
  },
};

const ESTIMATE = { input_tokens: 12, output_tokens: 4096, cost_usd: 0 };

export const EXPLANATION: RouteExplanation = {
  object: 'route.explanation',
  decided_by: 'explicit',
  requested: { model: 'sandbox/echo', provider: null, fallbacks: null, routing: null },
  policy: 'default',
  config: { version: 0, hash: '4d1f0c2a9b7e6f53' },
  tier: null,
  degraded: null,
  need: { type: 'chat', input_tokens: 12, output_tokens: 4096, capabilities: [] },
  chain: [{ provider: 'sandbox', model: 'echo', because: 'explicit', estimate: ESTIMATE, retry_attempts: 1 }],
  rules: ['allowed-provider', 'key-present'],
  order: ['provider_priority', 'rank', 'name'],
  candidates: [
    {
      ...{ provider: 'sandbox', model: 'echo', eligible: true, reasons: [], not_as_fallback: [] },
      estimate: ESTIMATE,
    },
  ],
  omitted_candidates: 0,
  notes: [],
  warnings: [],
  hand_overs: [],
  limits: { max_rungs: 4, max_calls: 8, retry_attempts: 1, binding: 'chain' },
  expected_wait: {
    seconds: 0,
    because: 'In the lane sandbox 1 of 10 calls are in flight and 0 jobs wait: it would start at once.',
  },
  error: null,
};

export const STATUS: StatusAnswer = {
  object: 'status',
  summary: 'All is well: 1 call in flight, nothing waits.',
  version: '0.1.0',
  uptime_s: 4711,
  stores: { database: 'ok', queue: 'redis: ok' },
  total: { cap: 48, in_flight: 1, waiting: 0, scheduled: 0 },
  lanes: [
    {
      lane: 'sandbox',
      cap: 10,
      in_flight: 1,
      waiting: 0,
      scheduled: 0,
      oldest_waiting_s: null,
      cooling_until: null,
      words: '1 of 10 calls in flight, nothing waits.',
    },
  ],
};
