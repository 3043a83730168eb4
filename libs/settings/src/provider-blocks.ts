import { BASE_URL_FORM, parseBaseUrl } from './base-url';
import { KEEP_ALIVE_FORM, LOADING_DIALECT, parseKeepAlive } from './keep-alive';
import { NUMBER_OPTIONS } from './number-options';
import { CAP, DAY_RATE, RATE, SOME_SECONDS } from './option';
import { BLOCK_KEYS, PRIORITY_DEFAULT, PRIORITY_RANGE } from './provider-options';
import { readHeaders } from './provider-headers';
import { AUTH_KINDS, AuthKind, RateLimits } from './settings';
import { TableReader } from './table-reader';

/** One `[[provider]]` block as the file states it; null = left out. */
export interface ProviderBlock {
  readonly name: string;
  readonly dialect: string;
  readonly baseUrl: string;
  readonly auth: AuthKind;
  readonly keyVariables: readonly string[];
  readonly keyFiles: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly defaultModel: string | null;
  readonly fallbackOrder: readonly string[] | null;
  readonly speedModel: string | null;
  readonly qualityModel: string | null;
  readonly preferredModels: readonly string[] | null;
  readonly allowedModels: readonly string[] | null;
  readonly allowExpensiveFallback: boolean | null;
  /** The name itself first. */
  readonly prefixes: readonly string[];
  readonly family: string | null;
  readonly timeoutS: number | null;
  readonly firstTokenS: number | 'total' | null;
  readonly idleS: number | null;
  readonly retryAttempts: number | null;
  readonly retryBackoffS: number | null;
  readonly maxInflight: number | null;
  readonly limits: RateLimits;
  readonly explicitOnly: boolean;
  readonly acceptUnlistedModels: boolean;
  readonly hosted: boolean;
  readonly keepAliveS: number | null;
  readonly priority: number;
  readonly description: string;
  /** For complaints that come up later. */
  readonly reader: TableReader;
}

const DEFAULT_DIALECT = 'openai_compatible';
const WORD = /^[a-z][a-z0-9_]*$/;
const WORD_FORM = 'a lower-case word of a-z, 0-9 and _ that starts with a letter';
/** Words that mean something else at the head of a model string. */
const RESERVED_WORDS: readonly string[] = ['auto', 'tier'];

export function readProviderBlock(reader: TableReader, knownDialects?: readonly string[]): ProviderBlock {
  const name =
    readWord(reader, 'name') ?? reader.fail(undefined, 'a [[provider]] block has no name', 'Add name');
  reader.refuseUnknownKeys(Object.keys(BLOCK_KEYS), `[[provider]] "${name}"`);
  const auth = readAuth(reader);
  return {
    name,
    ...readProtocol(reader, name, knownDialects),
    baseUrl: readBaseUrl(reader, name),
    auth,
    keyVariables: auth === 'none' ? [] : readKeyVariables(reader, name),
    keyFiles: reader.strings('auth_fallback_files') ?? [],
    headers: readHeaders(reader, name),
    defaultModel: reader.string('default_model'),
    fallbackOrder: reader.strings('fallback_order'),
    speedModel: reader.string('speed_model'),
    qualityModel: reader.string('quality_model'),
    preferredModels: reader.strings('preferred_models'),
    allowedModels: reader.strings('allowed_models'),
    allowExpensiveFallback: reader.boolean('allow_expensive_thinking_fallback'),
    prefixes: readPrefixes(reader, name),
    family: readWord(reader, 'family'),
    timeoutS: reader.number('timeout_s', SOME_SECONDS),
    firstTokenS:
      reader.raw('first_token_timeout_s') === 'total'
        ? 'total'
        : reader.number('first_token_timeout_s', SOME_SECONDS),
    idleS: reader.number('idle_timeout_s', SOME_SECONDS),
    retryAttempts: reader.number('retry_attempts', NUMBER_OPTIONS.RETRY_ATTEMPTS.range),
    retryBackoffS: reader.number('retry_backoff_s', NUMBER_OPTIONS.RETRY_BACKOFF_SECS.range),
    maxInflight: reader.number('max_inflight', CAP),
    limits: readLimits(reader),
    explicitOnly: reader.boolean('explicit_only') ?? false,
    acceptUnlistedModels: reader.boolean('accept_unlisted_models') ?? false,
    priority: reader.number('priority', PRIORITY_RANGE) ?? PRIORITY_DEFAULT,
    description: reader.string('description') ?? '',
    reader,
  };
}

const readLimits = (reader: TableReader): RateLimits => ({
  requestsPerMinute: reader.number('requests_per_minute', RATE),
  tokensPerMinute: reader.number('tokens_per_minute', RATE),
  tokensPerDay: reader.number('tokens_per_day', DAY_RATE),
});

function readWord(reader: TableReader, key: string): string | null {
  const word = reader.string(key);
  if (word === null) return null;
  if (!WORD.test(word)) return reader.failType(key, WORD_FORM);
  if (!RESERVED_WORDS.includes(word)) return word;
  return reader.fail(key, `"${word}" has its own meaning in model strings`, 'Choose another word');
}

function readPrefixes(reader: TableReader, name: string): readonly string[] {
  const stated = reader.strings('prefix') ?? [];
  const wrong = stated.find((prefix) => !WORD.test(prefix) || RESERVED_WORDS.includes(prefix));
  if (wrong !== undefined) reader.failType('prefix', `${WORD_FORM}, without the slash, and not auto or tier`);
  return [...new Set([name, ...stated])];
}

function readBaseUrl(reader: TableReader, name: string): string {
  const stated = reader.string('base_url');
  if (stated === null) return reader.fail(undefined, `provider "${name}" has no base_url`, 'Add base_url');
  return parseBaseUrl(stated) ?? reader.failType('base_url', BASE_URL_FORM);
}

function readAuth(reader: TableReader): AuthKind {
  const stated = reader.string('auth') ?? 'bearer';
  return (
    AUTH_KINDS.find((kind) => kind === stated) ?? reader.failType('auth', `one of ${AUTH_KINDS.join(', ')}`)
  );
}

function readKeyVariables(reader: TableReader, name: string): readonly string[] {
  const stated = reader.strings('auth_env') ?? [`${name.toUpperCase()}_API_KEY`];
  if (stated.length > 0 && stated.every((variable) => /^[A-Z][A-Z0-9_]*$/.test(variable))) return stated;
  return reader.fail(
    'auth_env',
    '"auth_env" does not hold the name of a variable; no key stands in a configuration file',
    `Put the key into an environment variable such as ${name.toUpperCase()}_API_KEY and write that name here`,
  );
}

type Protocol = Pick<ProviderBlock, 'dialect' | 'hosted' | 'keepAliveS'>;

/** How models are loaded is nothing that other protocols can be told. */
function readProtocol(reader: TableReader, name: string, known: readonly string[] | undefined): Protocol {
  const dialect = readDialect(reader, name, known);
  const stray = (['hosted', 'keep_alive'] as const).find((key) => reader.has(key));
  if (stray !== undefined && dialect !== LOADING_DIALECT) {
    return reader.fail(stray, `"${stray}" is for the dialect ${LOADING_DIALECT} alone`, 'Delete it');
  }
  const keepAliveS = parseKeepAlive(reader.raw('keep_alive'));
  if (reader.has('keep_alive') && keepAliveS === null) reader.failType('keep_alive', KEEP_ALIVE_FORM);
  return { dialect, hosted: reader.boolean('hosted') ?? false, keepAliveS };
}

function readDialect(reader: TableReader, name: string, known: readonly string[] | undefined): string {
  const dialect = reader.string('dialect') ?? DEFAULT_DIALECT;
  if (known === undefined || known.includes(dialect)) return dialect;
  return reader.fail(
    'dialect',
    `provider "${name}" asks for the dialect "${dialect}", which is not known`,
    `The known dialects are: ${known.join(', ')}`,
  );
}
