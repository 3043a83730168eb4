import { BASE_URL_FORM, parseBaseUrl, suitedBaseUrl } from './base-url';
import { Found } from './environment-reader';
import { KEEP_ALIVE_FORM, LOADING_DIALECT, parseKeepAlive } from './keep-alive';
import { LoadNotes } from './load-notes';
import { NUMBER_OPTIONS } from './number-options';
import { CAP, DAY_RATE, RATE, SOME_SECONDS } from './option';
import { OptionValues } from './option-values';
import { ProviderBlock } from './provider-blocks';
import { headersNote } from './provider-headers';
import { findKey, FoundKey, swappedKeyNote } from './provider-key';
import { ProviderModels } from './provider-models';
import { isLive, MAX_INFLIGHT_DEFAULT, OverridableKey, settingName, variablesFor } from './provider-options';
import { SettingsError } from './settings-error';
import { ProviderSettings, RateLimits } from './settings';
import { StatedValues } from './stated-values';
import { NumberRange } from './table-reader';
import { builtIn, fromFile, fromFound, Valued } from './valued';

/** Fractions of a second are allowed; a clock that is on never becomes 0. */
export const msOf = (seconds: number): number =>
  seconds === 0 ? 0 : Math.max(1, Math.round(seconds * 1000));

/** Where keys may lie, besides the environment. */
export interface KeyPlaces {
  readonly homeDir: string;
  readonly configDir: string;
}

interface OverlayParts {
  readonly stated: StatedValues;
  readonly options: OptionValues;
  readonly models: ProviderModels;
  readonly notes: LoadNotes;
}

/** Lays overrides and environment over the blocks of providers.toml. */
export class ProviderOverlay {
  constructor(private readonly from: OverlayParts) {}

  settle(block: ProviderBlock, places: KeyPlaces): ProviderSettings {
    const found = this.key(block, places);
    const swapped = swappedKeyNote(block.name, found);
    if (swapped !== null) this.from.notes.warn(swapped);
    return {
      name: block.name,
      dialect: block.dialect,
      baseUrl: this.baseUrl(block),
      auth: block.auth,
      keyVariables: block.keyVariables,
      key: found?.key ?? null,
      keySource: found?.source ?? null,
      headers: this.headers(block),
      prefixes: block.prefixes,
      family: block.family,
      ...this.clocks(block),
      ...this.retries(block),
      maxInflight: this.maxInflight(block),
      limits: this.limits(block),
      explicitOnly: block.explicitOnly,
      acceptUnlistedModels: block.acceptUnlistedModels,
      hosted: block.hosted,
      keepAliveS: this.keepAlive(block),
      priority: block.priority,
      ...this.from.models.settle(block),
      description: block.description,
    };
  }

  private key(block: ProviderBlock, places: KeyPlaces): FoundKey | null {
    if (block.auth === 'none') return null;
    const question = { variables: block.keyVariables, fallbackFiles: block.keyFiles, ...places };
    const found = findKey(question, this.from.stated.env, this.from.notes);
    const isStated = found !== null && block.keyVariables.includes(found.source);
    this.from.notes.recordOther({
      name: isStated ? found.source : (block.keyVariables[0] ?? block.name),
      value: found === null ? 'not set' : 'set',
      origin: found === null ? 'built-in' : isStated ? 'environment' : 'file',
      place: found?.source ?? null,
      live: false,
    });
    return found;
  }

  /** Shown by their names alone: an operator's own header may hold a secret under any of them. */
  private headers({ name, headers, reader }: ProviderBlock): ProviderSettings['headers'] {
    const note = headersNote(name, headers);
    if (note === null) return headers;
    this.from.notes.warn(note);
    const { origin, place } = fromFile(reader, 'headers', headers);
    const row = { name: `headers.${name}`, value: Object.keys(headers), origin, place, live: false };
    this.from.notes.recordOther(row);
    return headers;
  }

  private baseUrl(block: ProviderBlock): string {
    const found = this.from.stated.text(...variablesFor('base_url', block.name));
    const stated =
      found === null
        ? fromFile(block.reader, 'base_url', block.baseUrl)
        : fromFound({
            ...found,
            value: parseBaseUrl(found.value) ?? this.from.stated.fail(found, BASE_URL_FORM),
          });
    return this.record('base_url', block, { ...stated, value: this.suited(block, stated) });
  }

  private suited({ name, dialect }: ProviderBlock, { value, subject }: Valued<string>): string {
    const suited = suitedBaseUrl(dialect, value);
    if (suited === null) return value;
    const { url, fault } = suited;
    this.from.notes.warn(`${subject} of provider ${name} ${fault}; ${url} is used. Write it so.`);
    return url;
  }

  private keepAlive(block: ProviderBlock): number | null {
    const variables = variablesFor('keep_alive', block.name);
    const found = this.from.stated.text(...variables);
    if (block.dialect !== LOADING_DIALECT) {
      if (found === null) return null;
      throw new SettingsError(`${found.variable} is for the dialect ${LOADING_DIALECT} alone`, 'Unset it');
    }
    const value =
      found === null ? null : (parseKeepAlive(found.value) ?? this.from.stated.fail(found, KEEP_ALIVE_FORM));
    const key = 'keep_alive';
    const otherwise = builtIn(settingName(key, block.name), null);
    const seconds = found === null || value === null ? null : { ...found, value };
    return this.record(
      key,
      block,
      statedOr<number | null>(otherwise, { key, block, found: seconds, inFile: block.keepAliveS }),
    );
  }

  private clocks(
    block: ProviderBlock,
  ): Pick<ProviderSettings, `${'connect' | 'firstToken' | 'idle' | 'total'}Ms`> {
    const total = this.seconds(block, 'timeout_s', block.timeoutS);
    const firstToken = this.seconds(
      block,
      'first_token_timeout_s',
      block.firstTokenS === 'total' ? total : block.firstTokenS,
    );
    return {
      connectMs: msOf(this.from.options.number('CONNECT_TIMEOUT_SECS')),
      firstTokenMs: msOf(firstToken),
      idleMs: msOf(this.seconds(block, 'idle_timeout_s', block.idleS)),
      totalMs: msOf(total),
    };
  }

  private seconds(block: ProviderBlock, key: keyof typeof INHERITED, inFile: number | null): number {
    return this.inherited(block, key, { range: SOME_SECONDS, inFile });
  }

  /** The provider's variable, else its block, else the setting without a prefix. */
  private inherited(
    block: ProviderBlock,
    key: keyof typeof INHERITED,
    { range, inFile }: { readonly range: NumberRange; readonly inFile: number | null },
  ): number {
    const found = this.from.stated.number(range, ...variablesFor(key, block.name));
    const inherited = this.from.options.valuedNumber(INHERITED[key]);
    return this.record(key, block, statedOr(inherited, { key, block, found, inFile })) ?? 0;
  }

  private retries(block: ProviderBlock): Pick<ProviderSettings, 'retryAttempts' | 'retryBackoffMs'> {
    const { range } = NUMBER_OPTIONS.RETRY_ATTEMPTS;
    return {
      retryAttempts: this.inherited(block, 'retry_attempts', { range, inFile: block.retryAttempts }),
      retryBackoffMs: msOf(
        this.inherited(block, 'retry_backoff_s', {
          range: NUMBER_OPTIONS.RETRY_BACKOFF_SECS.range,
          inFile: block.retryBackoffS,
        }),
      ),
    };
  }

  private maxInflight(block: ProviderBlock): number {
    const key = 'max_inflight';
    const found = this.from.stated.number(CAP, ...variablesFor(key, block.name));
    const otherwise = builtIn(settingName(key, block.name), MAX_INFLIGHT_DEFAULT);
    return this.record(key, block, statedOr(otherwise, { key, block, found, inFile: block.maxInflight }));
  }

  private limits(block: ProviderBlock): RateLimits {
    const { requestsPerMinute, tokensPerMinute, tokensPerDay } = block.limits;
    return {
      requestsPerMinute: this.limit(block, 'requests_per_minute', { range: RATE, inFile: requestsPerMinute }),
      tokensPerMinute: this.limit(block, 'tokens_per_minute', { range: RATE, inFile: tokensPerMinute }),
      tokensPerDay: this.limit(block, 'tokens_per_day', { range: DAY_RATE, inFile: tokensPerDay }),
    };
  }

  private limit(
    block: ProviderBlock,
    key: LimitKey,
    { range, inFile }: { readonly range: NumberRange; readonly inFile: number | null },
  ): number | null {
    const found = this.from.stated.number(range, ...variablesFor(key, block.name));
    const none = builtIn<number | null>(settingName(key, block.name), null);
    return this.record(key, block, statedOr(none, { key, block, found, inFile }));
  }

  private record<Value extends string | number | null>(
    key: OverridableKey,
    block: ProviderBlock,
    { value, origin, place }: Valued<Value>,
  ): Value {
    this.from.notes.record({
      name: settingName(key, block.name),
      value,
      origin,
      place,
      live: isLive(key),
    });
    return value;
  }
}

type LimitKey = 'requests_per_minute' | 'tokens_per_minute' | 'tokens_per_day';

const INHERITED = {
  timeout_s: 'TIMEOUT_SECS',
  first_token_timeout_s: 'FIRST_TOKEN_TIMEOUT_SECS',
  idle_timeout_s: 'IDLE_TIMEOUT_SECS',
  retry_attempts: 'RETRY_ATTEMPTS',
  retry_backoff_s: 'RETRY_BACKOFF_SECS',
} as const;

function statedOr<Value extends number | null>(
  otherwise: Valued<Value>,
  from: {
    readonly key: OverridableKey;
    readonly block: ProviderBlock;
    readonly found: Found<NonNullable<Value>> | null;
    readonly inFile: NonNullable<Value> | null;
  },
): Valued<Value> {
  if (from.found !== null) return fromFound<Value>(from.found);
  return from.inFile === null ? otherwise : fromFile<Value>(from.block.reader, from.key, from.inFile);
}
