import { isStorableText } from '@longhaul/contract';
import { ValidateBy } from 'class-validator';

const MAX_PAIRS = 16;
const MAX_KEY = 64;
const MAX_VALUE = 512;

/** Beyond it a number is no count of seconds that anybody means, but one of milliseconds. */
const LATEST_S = 4_102_444_800; // 2100-01-01
/** With an offset: a time without one means something else on every machine. */
const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/;

/** At most 16 pairs of text; keys to 64 characters, values to 512. */
export const IsMetadata = (): PropertyDecorator =>
  ValidateBy({
    name: 'isMetadata',
    validator: {
      validate: isMetadata,
      defaultMessage: () =>
        `must be an object of at most ${MAX_PAIRS} pairs; keys of 1 to ${MAX_KEY} characters, values text of ` +
        `at most ${MAX_VALUE}, without NUL and without unpaired surrogates.`,
    },
  });

/** Unix seconds or ISO 8601 with an offset, before the year 2100. */
export const IsMoment = (): PropertyDecorator =>
  ValidateBy({
    name: 'isMoment',
    validator: {
      validate: (value) => dateOf(value) !== null,
      defaultMessage: () =>
        'must be a time as Unix seconds (not milliseconds) or ISO 8601 with an offset, e.g. 2030-01-31T08:00:00Z.',
    },
  });

/** The time that a wire value means; null when it means none. */
export function dateOf(value: unknown): Date | null {
  const seconds = typeof value === 'string' && ISO.test(value) ? Date.parse(value) / 1000 : value;
  if (typeof seconds !== 'number' || !(seconds >= 0 && seconds < LATEST_S)) return null;
  return new Date(Math.round(seconds * 1000));
}

function isMetadata(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const pairs = Object.entries(value);
  return pairs.length <= MAX_PAIRS && pairs.every(([key, text]) => isPair(key, text));
}

const isPair = (key: string, text: unknown): boolean =>
  key.length >= 1 &&
  key.length <= MAX_KEY &&
  isStorableText(key) &&
  typeof text === 'string' &&
  text.length <= MAX_VALUE &&
  isStorableText(text);
