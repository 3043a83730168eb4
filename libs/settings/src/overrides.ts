import { isStorableText } from '@longhaul/contract';
import { SettingsError } from './settings-error';
import { looksLikeKey } from './table-reader';

export type OverrideValue = string | number | boolean | readonly string[];

/** What one call costs whose input is longer than `above` tokens, in USD per million tokens. */
export interface PriceStepOverride {
  readonly above: number;
  readonly input: number;
  readonly cached_input?: number;
  readonly cache_write?: number;
  readonly output: number;
}

/** A price in the words of models.toml. */
export interface PriceOverride {
  readonly input: number;
  readonly cached_input?: number;
  readonly cache_write?: number;
  readonly output: number;
  /** Absent = the day on which it is read. */
  readonly effective_from?: string;
  readonly source: string;
  readonly currency?: string;
  readonly steps?: readonly PriceStepOverride[];
}

/** What was changed while Longhaul ran. It beats the environment. */
export interface Overrides {
  /** By setting, named as in docs/configuration.md: `GLM_PREFERRED_MODELS`. */
  readonly settings: Readonly<Record<string, OverrideValue>>;
  /** By `<provider>/<model>`; null = unpriced. */
  readonly prices: Readonly<Record<string, PriceOverride | null>>;
}

export const NO_OVERRIDES: Overrides = { settings: {}, prices: {} };

export const MOST_OVERRIDES = 500;
const MOST_BYTES = 4096;
const LONGEST_SHOWN = 80;

/** A name as a message may show it: on one line, and not endless. */
export const shownName = (name: string): string =>
  JSON.stringify(name.length > LONGEST_SHOWN ? `${name.slice(0, LONGEST_SHOWN)}…` : name).slice(1, -1);

/** Refuses what no setting could take, whatever its name: too many, too long, line breaks, what looks like a key. */
export function refuseMisshapen(overrides: Overrides): void {
  const count = Object.keys(overrides.settings).length + Object.keys(overrides.prices).length;
  if (count > MOST_OVERRIDES) {
    throw new SettingsError(
      `there are ${String(count)} overrides, and ${String(MOST_OVERRIDES)} are the most`,
      'Delete some, or move them into config/',
    );
  }
  refuseNames([...Object.keys(overrides.settings), ...Object.keys(overrides.prices)]);
  for (const [name, value] of Object.entries(overrides.settings)) {
    refuseText(`the override ${shownName(name)}`, value);
  }
  for (const [name, price] of Object.entries(overrides.prices)) {
    refuseText(`the override of the price of ${shownName(name)}`, price);
  }
}

/** Also inside a list, behind a prefix or in the middle of a sentence. */
export const holdsKey = (text: string): boolean => text.split(/[\s,;/="'()]+/).some(looksLikeKey);

function refuseNames(names: readonly string[]): void {
  if (!names.some(holdsKey)) return;
  throw new SettingsError(
    'the name of an override holds what looks like a key',
    'Name a setting or a model; put the key into an environment variable',
  );
}

function refuseText(subject: string, value: unknown): void {
  if (Buffer.byteLength(JSON.stringify(value) ?? '') > MOST_BYTES) {
    throw new SettingsError(`${subject} is longer than ${String(MOST_BYTES)} bytes`, 'Make it shorter');
  }
  for (const text of textsIn(value)) {
    // Control characters besides, since what is kept here is also printed and logged.
    if (/[\p{Cc}\u2028\u2029]/u.test(text)) {
      throw new SettingsError(`${subject} holds a line break or a control character`, 'Write it on one line');
    }
    // What half a character becomes in a URL or in PostgreSQL is an error of its own.
    if (!isStorableText(text)) {
      throw new SettingsError(`${subject} holds half a character`, 'Write it as text that can be printed');
    }
    if (holdsKey(text)) {
      throw new SettingsError(
        `${subject} holds what looks like a key`,
        'Put the key into an environment variable; no key is kept in an override',
      );
    }
  }
}

function* textsIn(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (typeof value === 'object' && value !== null) {
    for (const [key, part] of Object.entries(value)) {
      yield key;
      yield* textsIn(part);
    }
  }
}
