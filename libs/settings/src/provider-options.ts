import { KEEP_ALIVE_FORM } from './keep-alive';
import { NumberRange } from './table-reader';

/** One key of a `[[provider]]` block, for the loader and for docs/configuration.md. */
export interface BlockKey {
  readonly form: string;
  readonly builtIn: string;
  readonly meaning: string;
}

export const BLOCK_KEYS = {
  name: { form: 'a-z, 0-9, _', builtIn: 'required', meaning: 'Its name, its lane and its prefix.' },
  base_url: { form: 'URL', builtIn: 'required', meaning: 'Where the calls go, with the version path.' },
  dialect: { form: 'string', builtIn: 'openai_compatible', meaning: 'The wire protocol.' },
  auth: {
    form: 'none, bearer, x_api_key, x_goog_api_key, api_key_query',
    builtIn: 'bearer',
    meaning: 'How the key travels.',
  },
  auth_env: {
    form: 'a variable or a list',
    builtIn: '<NAME>_API_KEY',
    meaning: 'The variables that may hold the key, in order.',
  },
  auth_fallback_files: {
    form: 'list of paths',
    builtIn: 'none',
    meaning: 'Files with KEY=value lines or a JSON object, read when no variable has the key.',
  },
  headers: {
    form: 'table of strings',
    builtIn: 'none',
    meaning: 'Sent with every call; never a key. See below.',
  },
  default_model: {
    form: 'string',
    builtIn: 'none',
    meaning: 'Used when a job names the provider but no model.',
  },
  fallback_order: {
    form: 'list of model strings',
    builtIn: 'none',
    meaning: 'Tried in this order after a target of this provider; eight at most.',
  },
  speed_model: {
    form: 'string',
    builtIn: 'none',
    meaning: 'What `tier:fast` means inside this provider.',
  },
  quality_model: {
    form: 'string',
    builtIn: 'none',
    meaning: 'What `tier:powerful` means inside this provider.',
  },
  preferred_models: {
    form: 'list of its ids or aliases',
    builtIn: 'none',
    meaning: 'Which of its models to look at first, best first.',
  },
  allowed_models: {
    form: 'list of its ids or aliases',
    builtIn: 'all',
    meaning: 'Only these are used; an empty list is refused.',
  },
  allow_expensive_thinking_fallback: {
    form: 'true or false',
    builtIn: 'ALLOW_EXPENSIVE_THINKING_FALLBACK',
    meaning: 'The same for fallbacks to this provider alone.',
  },
  prefix: {
    form: 'a word or a list',
    builtIn: 'none',
    meaning: 'More prefixes that mean this provider, besides its name.',
  },
  family: {
    form: 'a word',
    builtIn: 'none',
    meaning: 'In the lists of providers this word means every provider of the family, by `priority`.',
  },
  timeout_s: { form: 'seconds', builtIn: 'TIMEOUT_SECS', meaning: 'Total clock of one call.' },
  first_token_timeout_s: {
    form: 'seconds or "total"',
    builtIn: 'FIRST_TOKEN_TIMEOUT_SECS',
    meaning: 'Time to the first token; "total" = no clock of its own.',
  },
  idle_timeout_s: {
    form: 'seconds',
    builtIn: 'IDLE_TIMEOUT_SECS',
    meaning: 'Longest silence between two tokens.',
  },
  retry_attempts: {
    form: 'whole number',
    builtIn: 'RETRY_ATTEMPTS',
    meaning: 'Repeats on the same target of this provider after a failure that may pass.',
  },
  retry_backoff_s: {
    form: 'seconds',
    builtIn: 'RETRY_BACKOFF_SECS',
    meaning: 'Upper end of the random wait before the first repeat on it; it doubles.',
  },
  max_inflight: {
    form: 'whole number',
    builtIn: '10',
    meaning: 'Calls in flight over all processes; 0 = off.',
  },
  requests_per_minute: {
    form: 'whole number',
    builtIn: 'none',
    meaning: 'Calls that its key may start in any minute, over all processes.',
  },
  tokens_per_minute: {
    form: 'whole number',
    builtIn: 'none',
    meaning: 'Tokens that its key may use in any minute, input and output together.',
  },
  tokens_per_day: {
    form: 'whole number',
    builtIn: 'none',
    meaning: 'The same for a day of UTC.',
  },
  explicit_only: {
    form: 'true or false',
    builtIn: 'false',
    meaning: 'Never chosen by policy, only by a caller who names it.',
  },
  accept_unlisted_models: {
    form: 'true or false',
    builtIn: 'false',
    meaning: 'Takes model ids that models.toml does not list, without a price.',
  },
  hosted: {
    form: 'true or false',
    builtIn: 'false',
    meaning:
      "For the dialect `ollama`: the vendor's own service. Its models have their full windows, so no `num_ctx` is sent, and none is loaded or unloaded on demand.",
  },
  keep_alive: {
    form: KEEP_ALIVE_FORM,
    builtIn: 'none',
    meaning:
      'For the dialect `ollama`: how long a model stays loaded after a call. Left out = as Ollama has it, which is 5 minutes.',
  },
  priority: { form: 'whole number', builtIn: '100', meaning: 'Place in the default order, lower first.' },
  description: { form: 'string', builtIn: 'empty', meaning: 'When to use it.' },
} as const satisfies Record<string, BlockKey>;

export type BlockKeyName = keyof typeof BLOCK_KEYS;

export const MAX_INFLIGHT_DEFAULT = 10;
export const PRIORITY_DEFAULT = 100;
export const PRIORITY_RANGE: NumberRange = { min: 0, max: 1_000_000, whole: true };

/** Longer ones are a mistake: no job may try that many targets. */
export const MOST_FALLBACKS = 8;

/** The keys that a variable may beat. */
interface ProviderVariable {
  readonly names: (provider: string) => readonly string[];
  /** May be overridden while Longhaul runs. */
  readonly live?: true;
  /** A family's word in place of the name speaks to all its members. */
  readonly family?: true;
}

const choice = (suffix: string, ...older: readonly string[]) => ({
  names: (name: string) => [suffix, ...older].map((each) => `${name}_${each}`),
  live: true as const,
  family: true as const,
});

/** Names from before Longhaul that are still read. */
const OLDER_NAMES: Readonly<Record<string, readonly string[]>> = { GLM_BASE_URL: ['GLM_API_URL'] };

const VARIABLES = {
  base_url: { names: (name) => [`${name}_BASE_URL`, ...(OLDER_NAMES[`${name}_BASE_URL`] ?? [])] },
  default_model: choice('DEFAULT_MODEL'),
  speed_model: choice('SPEED_MODEL', 'FLASH_MODEL'),
  quality_model: choice('QUALITY_MODEL'),
  preferred_models: choice('PREFERRED_MODELS'),
  allowed_models: choice('ALLOWED_MODELS'),
  fallback_order: choice('FALLBACK_ORDER'),
  allow_expensive_thinking_fallback: choice('ALLOW_EXPENSIVE_THINKING_FALLBACK'),
  timeout_s: { names: (name) => [`${name}_TIMEOUT_SECS`] },
  first_token_timeout_s: { names: (name) => [`${name}_FIRST_TOKEN_TIMEOUT_SECS`] },
  idle_timeout_s: { names: (name) => [`${name}_IDLE_TIMEOUT_SECS`] },
  keep_alive: { names: (name) => [`${name}_KEEP_ALIVE`] },
  retry_attempts: { names: (name) => [`${name}_RETRY_ATTEMPTS`] },
  retry_backoff_s: { names: (name) => [`${name}_RETRY_BACKOFF_SECS`] },
  max_inflight: {
    names: (name) => [`MAX_INFLIGHT_${name}`, `EXAI_WS_${name}_MAX_INFLIGHT`],
    live: true,
  },
  requests_per_minute: { names: (name) => [`${name}_REQUESTS_PER_MINUTE`] },
  tokens_per_minute: { names: (name) => [`${name}_TOKENS_PER_MINUTE`] },
  tokens_per_day: { names: (name) => [`${name}_TOKENS_PER_DAY`] },
} as const satisfies Record<string, ProviderVariable>;

export type OverridableKey = keyof typeof VARIABLES;

/** The keys whose variable also takes a family's word. */
export type FamilyKey = {
  [Key in OverridableKey]: (typeof VARIABLES)[Key] extends { readonly family: true } ? Key : never;
}[OverridableKey];

export const OVERRIDABLE_KEYS = Object.keys(VARIABLES) as readonly OverridableKey[];

const variableOf = (key: OverridableKey): ProviderVariable => VARIABLES[key];

export const isLive = (key: OverridableKey): boolean => variableOf(key).live === true;

export const isFamilyKey = (key: OverridableKey): boolean => variableOf(key).family === true;

/** The variables that override a key of a provider's block: ours first, then older names that are still read. */
export const variablesFor = (key: OverridableKey, provider: string): readonly string[] =>
  variableOf(key).names(provider.toUpperCase());

/** What a setting is called: the first of its variables. */
export const settingName = (key: OverridableKey, provider: string): string =>
  variablesFor(key, provider)[0] ?? '';
