import { PROFILES, TIERS } from '@longhaul/contract';
import { FlagOption, ListOption, TextOption } from './option';

const LOG_LEVELS = 'fatal, error, warn, info, debug, trace or silent';

/** Every single word that is not a provider's, for the loader and for docs/configuration.md. */
export const TEXT_OPTIONS = {
  DATABASE_URL: {
    section: 'Stores and places',
    file: null,
    secret: true,
    builtIn: null,
    otherwise: 'embedded PostgreSQL, by `npm start`',
    form: 'a postgresql:// URL',
    accepts: /^postgres(ql)?:\/\//,
    meaning: 'The record store. It may hold a password, so it stands in no file.',
  },
  REDIS_URL: {
    section: 'Stores and places',
    file: null,
    secret: true,
    builtIn: null,
    otherwise: 'lanes in PostgreSQL',
    form: 'a redis:// or rediss:// URL',
    accepts: /^rediss?:\/\//,
    meaning: 'The dispatch store of BullMQ; Redis 6.2 or Valkey with `maxmemory-policy noeviction`.',
  },
  LONGHAUL_DATA_DIR: {
    section: 'Stores and places',
    file: null,
    builtIn: '.longhaul',
    form: 'a directory',
    meaning: 'Spool, embedded stores, logs.',
  },
  LONGHAUL_CONFIG_DIR: {
    section: 'Stores and places',
    file: null,
    builtIn: null,
    otherwise: '`config`, here or in the repository',
    form: 'a directory',
    meaning: 'Where longhaul.toml, providers.toml, models.toml and policy.toml are.',
  },
  HOST: {
    section: 'Server',
    file: 'longhaul.toml',
    builtIn: '127.0.0.1',
    form: 'an address or a host name',
    accepts: /^[\w.:%[\]-]+$/,
    meaning: 'Where the API listens. Anything but loopback needs LONGHAUL_API_KEYS_FILE.',
  },
  WORKER_HOST: {
    section: 'Server',
    file: 'longhaul.toml',
    builtIn: '127.0.0.1',
    form: 'an address or a host name',
    accepts: /^[\w.:%[\]-]+$/,
    meaning: "Where a worker's health and metrics listen. They need no key: for private networks only.",
  },
  LONGHAUL_API_KEYS_FILE: {
    section: 'Server',
    file: null,
    builtIn: null,
    otherwise: 'one caller, `local`',
    form: 'a file',
    meaning: 'The callers: name, SHA-256 of the key, scopes.',
  },
  LONGHAUL_SPOOL_KEY_FILE: {
    section: 'Stores and places',
    file: null,
    builtIn: null,
    otherwise: 'answers lie in the spool as they are',
    form: 'a file',
    meaning:
      'Seals what lies in the spool: 32 bytes as base64 or hex on each line. The first key seals, every one opens.',
  },
  LOG_LEVEL: {
    section: 'Server',
    file: 'longhaul.toml',
    builtIn: 'info',
    form: LOG_LEVELS,
    accepts: /^(fatal|error|warn|info|debug|trace|silent)$/,
    meaning: `How much is logged: ${LOG_LEVELS}.`,
  },
  BARE_MODEL_PROVIDER: {
    section: 'Choice of providers',
    file: 'policy.toml',
    builtIn: 'ollama',
    form: 'a provider name',
    live: true,
    meaning: 'Gets a bare model name that the catalogue does not know.',
  },
  ROUTING_PROFILE: {
    section: 'Choice of models',
    file: 'policy.toml',
    builtIn: 'balanced',
    form: PROFILES.join(', '),
    accepts: new RegExp(`^(${PROFILES.join('|')})$`),
    aliases: ['EX_ROUTING_PROFILE'],
    live: true,
    meaning:
      'What a job leans to that says nothing of itself; `cost` puts the price before the order of providers.',
  },
  DEFAULT_MODEL: {
    section: 'Choice of models',
    file: 'policy.toml',
    builtIn: null,
    otherwise: 'none',
    form: 'a model string',
    live: true,
    meaning: 'Goes after DEFAULT_MODELS.',
  },
  TIER_DEFAULT: {
    section: 'Tiers',
    file: 'policy.toml',
    builtIn: null,
    otherwise: 'as ROUTING_PROFILE; `cost` = `balanced`',
    form: TIERS.join(', '),
    accepts: new RegExp(`^(${TIERS.join('|')})$`),
    live: true,
    meaning: 'The tier of a job that says nothing of itself.',
  },
} as const satisfies Record<string, TextOption>;

const POLICY = { file: 'policy.toml', live: true } as const;
const PROVIDER_LIST = {
  ...POLICY,
  section: 'Choice of providers',
  builtIn: null,
  form: 'provider or family names',
} as const;
const MODEL_LIST = {
  ...POLICY,
  section: 'Choice of models',
  builtIn: null,
  form: 'model strings',
  otherwise: 'none',
} as const;
const TIER_LIST = {
  ...MODEL_LIST,
  section: 'Tiers',
  form: 'model strings, provider or family names',
} as const;
const FLAG = { ...POLICY, section: 'Choice of models', builtIn: false } as const;

/** The same for comma-separated lists; in a file they are TOML lists. */
export const LIST_OPTIONS = {
  WORKER_LANES: {
    section: 'Server',
    file: null,
    builtIn: null,
    otherwise: 'every lane',
    form: 'provider names',
    meaning: 'The lanes that this worker serves.',
  },
  ALLOWED_PROVIDERS: {
    ...PROVIDER_LIST,
    otherwise: 'all',
    needsOne: true,
    meaning: 'Only these are used.',
  },
  DISABLED_PROVIDERS: { ...PROVIDER_LIST, otherwise: 'none', meaning: 'These are not used.' },
  PROVIDER_PRIORITY_ORDER: {
    ...PROVIDER_LIST,
    builtIn: ['kimi', 'glm', 'custom', 'openrouter'],
    meaning: 'The order in which `auto` looks at them; the rest follow by `priority`, then by name.',
  },
  PREFERRED_PROVIDERS_CHAT: {
    ...PROVIDER_LIST,
    otherwise: 'none',
    meaning: 'For a chat these go before PROVIDER_PRIORITY_ORDER.',
  },
  PREFERRED_PROVIDERS_AUDIT: { ...PROVIDER_LIST, otherwise: 'none', meaning: 'The same for an audit.' },
  ROUTING_ORDER: {
    ...MODEL_LIST,
    form: 'ranking steps, see docs/routing.md',
    otherwise: 'as ROUTING_PROFILE',
    needsOne: true,
    meaning: 'The steps that rank what may be chosen, the strongest first.',
  },
  FREE_MODELS: {
    ...MODEL_LIST,
    aliases: ['FREE_MODEL_LIST'],
    meaning: 'These count as free, besides those that models.toml marks.',
  },
  DEFAULT_MODELS: { ...MODEL_LIST, meaning: 'Tried when nothing else is left, in this order.' },
  TIER_FAST: { ...TIER_LIST, meaning: 'What `tier:fast` means, best first.' },
  TIER_BALANCED: { ...TIER_LIST, meaning: 'What `tier:balanced` means.' },
  TIER_POWERFUL: { ...TIER_LIST, meaning: 'What `tier:powerful` means.' },
} as const satisfies Record<string, ListOption>;

/** The same for what is on or off. */
export const FLAG_OPTIONS = {
  LONGHAUL_IGNORE_OVERRIDES: {
    section: 'Server',
    file: null,
    builtIn: false,
    meaning:
      'True = this process uses its files and environment alone, whatever was overridden: the way back in.',
  },
  ROUTER_ENABLED: {
    ...FLAG,
    builtIn: true,
    meaning: 'False = only models that a caller names; `auto` and tiers are refused.',
  },
  ROUTER_PREFLIGHT_CHAT: {
    ...FLAG,
    meaning:
      'True = a ping of a provider also runs a tiny chat job, which is paid for. No other check ever costs anything.',
  },
  COST_AWARE: {
    ...FLAG,
    aliases: ['COST_AWARE_ROUTING_ENABLED'],
    meaning: 'The ranking step `cost` counts: the cheaper model first.',
  },
  FREE_FIRST: {
    ...FLAG,
    aliases: ['FREE_TIER_PREFERENCE_ENABLED'],
    meaning: 'The ranking step `free_first` counts: free models first.',
  },
  ALLOW_EXPENSIVE_THINKING_FALLBACK: {
    ...FLAG,
    meaning:
      'Reasoning and much dearer models may stand in for others. A caller who names one always gets it.',
  },
} as const satisfies Record<string, FlagOption>;

export type TextName = keyof typeof TEXT_OPTIONS;
export type ListName = keyof typeof LIST_OPTIONS;
export type FlagName = keyof typeof FLAG_OPTIONS;
