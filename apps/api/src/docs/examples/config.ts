import type { ConfigVersionView, ReloadReport } from '@longhaul/jobs';
import type { EffectiveView } from '../../config/effective.controller';
import type { RegistrySnapshot } from '../../config/registry-snapshot';
import { MODEL } from './registry';

export const VERSION: ConfigVersionView = {
  object: 'config.version',
  version: 3,
  kind: 'change',
  author: 'operator',
  reason: 'The cheaper model is good enough for short jobs.',
  rolled_back_to: null,
  created_at: 1_780_000_000,
  changes: { TIER_FAST: { before: null, after: ['glm/glm-4.7-flash'] } },
  settings: { MAX_INFLIGHT_GLM: 4, TIER_FAST: ['glm/glm-4.7-flash'] },
  prices: { 'glm/glm-5': { input: 0.9, output: 3, source: 'our contract' } },
};

export const ROLLBACK: ConfigVersionView = {
  ...VERSION,
  version: 4,
  kind: 'rollback',
  reason: 'Answers were worse.',
  rolled_back_to: 0,
  changes: { TIER_FAST: { before: ['glm/glm-4.7-flash'], after: null } },
  settings: {},
  prices: {},
};

export const EFFECTIVE: EffectiveView = {
  object: 'config.effective',
  version: 3,
  hash: '3f1c09be22d07a41',
  trouble: null,
  data: [
    {
      name: 'MAX_INFLIGHT_GLM',
      value: 4,
      origin: 'override',
      place: null,
      overridable: true,
    },
    {
      name: 'ROUTING_PROFILE',
      value: 'balanced',
      origin: 'built-in',
      place: null,
      overridable: true,
    },
  ],
  prices: [],
};

export const RELOAD: ReloadReport = {
  object: 'registry.reload',
  version: 5,
  hash: '3f1c09be22d07a41',
  warnings: [],
  restart_needed: ['Provider mistral is new: it has no lane yet, and is off until then.'],
};

export const SNAPSHOT: RegistrySnapshot = {
  object: 'registry.snapshot',
  generated_at: 1_780_000_000,
  version: 3,
  hash: '3f1c09be22d07a41',
  catalogue_version: '9b2d40c1a7e3f586',
  policy: 'default',
  profile: 'balanced',
  router_enabled: true,
  rules: ['allowed-provider', 'key-present'],
  fallback_rules: ['expensive-fallback'],
  ranking: ['preferred_providers', 'provider_priority'],
  priority: ['moonshot'],
  providers: [
    {
      name: 'moonshot',
      family: 'kimi',
      on: true,
      key_present: true,
      explicit_only: false,
      base_url: 'https://api.moonshot.ai/v1',
      dialect: 'openai_compatible',
      max_in_flight: 10,
      accepts_unlisted_models: false,
      default_model: 'kimi-k2.6',
      fallback_order: [],
      counts: { models: 1, aliases: 1 },
    },
  ],
  models: [MODEL],
  aliases: { kimi: 'moonshot/kimi-k2.6' },
  restrictions: {
    allowed_providers: null,
    disabled_providers: [],
    allowed_models: {},
    max_cost_per_request_usd: null,
  },
  preferences: { models: {}, providers: {}, default_models: [], free_models: [] },
  tiers: {
    targets: { fast: ['glm'], balanced: ['moonshot'], powerful: ['moonshot'] },
    default: 'balanced',
    fast_below: 3,
    balanced_below: 6.5,
    agent_weight: 0.6,
    step_weight: 0.4,
  },
  counts: { providers: 1, models: 1, aliases: 1 },
};
