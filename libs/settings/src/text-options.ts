import { TextOption } from './option';

const LOG_LEVELS = 'fatal, error, warn, info, debug, trace or silent';

/** Every single word that is not a provider's, for the loader and for docs/configuration.md. */
export const TEXT_OPTIONS = {
  DATABASE_URL: {
    section: 'Stores and places',
    file: null,
    builtIn: null,
    otherwise: 'embedded PostgreSQL, by `npm start`',
    form: 'a postgresql:// URL',
    accepts: /^postgres(ql)?:\/\//,
    meaning: 'The record store. It may hold a password, so it stands in no file.',
  },
  REDIS_URL: {
    section: 'Stores and places',
    file: null,
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
  LONGHAUL_API_KEYS_FILE: {
    section: 'Server',
    file: null,
    builtIn: null,
    otherwise: 'one caller, `local`',
    form: 'a file',
    meaning: 'The callers: name, SHA-256 of the key, scopes.',
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
    meaning: 'Gets a bare model name that the catalogue does not know.',
  },
} as const satisfies Record<string, TextOption>;

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
    section: 'Choice of providers',
    file: 'policy.toml',
    builtIn: null,
    otherwise: 'all',
    form: 'provider or family names',
    meaning: 'Only these are used.',
  },
  DISABLED_PROVIDERS: {
    section: 'Choice of providers',
    file: 'policy.toml',
    builtIn: null,
    otherwise: 'none',
    form: 'provider or family names',
    meaning: 'These are not used.',
  },
  PROVIDER_PRIORITY_ORDER: {
    section: 'Choice of providers',
    file: 'policy.toml',
    builtIn: null,
    otherwise: 'by `priority`',
    form: 'provider or family names',
    meaning: 'The order in which `auto` looks at them; the rest follow by `priority`, then by name.',
  },
} as const satisfies Record<string, TextOption>;

export type TextName = keyof typeof TEXT_OPTIONS;
export type ListName = keyof typeof LIST_OPTIONS;
