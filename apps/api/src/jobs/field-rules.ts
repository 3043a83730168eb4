import { fieldRule, isStorableText } from '@longhaul/contract';

const MAX_PAIRS = 16;
const MAX_KEY = 64;
const MAX_VALUE = 512;

/** Beyond it a number is no count of seconds that anybody means, but one of milliseconds. */
const LATEST_S = 4_102_444_800; // 2100-01-01
/** With an offset: a time without one means something else on every machine. */
const ISO = /^(\d{4}-\d{2}-\d{2})T(?:[01]\d|2[0-3]):\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/;

/** What never stands in a name, and in a log or a report would break the line or disguise it. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
const MAX_NAME = 200;

const isName = (value: unknown): boolean =>
  typeof value === 'string' &&
  value.trim() !== '' &&
  value.length <= MAX_NAME &&
  isStorableText(value) &&
  !INVISIBLE.test(value);

const NAME_SCHEMA = { type: 'string', minLength: 1, maxLength: MAX_NAME };

/** A model string, or a provider's name. A blank one would count as `auto`, which nobody asked for. */
export const IsName = (): PropertyDecorator =>
  fieldRule({
    name: 'isName',
    expected: `must be a name of 1 to ${MAX_NAME} characters, not blank and without control characters.`,
    schema: NAME_SCHEMA,
    check: isName,
  });

/** A list of at most `max` model strings. */
export const IsNameList = ({ max }: { max: number }): PropertyDecorator =>
  fieldRule({
    name: 'isNameList',
    expected:
      `must be a list of at most ${max} model strings, each of 1 to ${MAX_NAME} characters, not blank and ` +
      'without control characters.',
    schema: { type: 'array', items: NAME_SCHEMA, maxItems: max },
    check: (value) => Array.isArray(value) && value.length <= max && value.every(isName),
  });

/** At most 16 pairs of text; keys to 64 characters, values to 512. */
export const IsMetadata = (): PropertyDecorator =>
  fieldRule({
    name: 'isMetadata',
    expected:
      `must be an object of at most ${MAX_PAIRS} pairs; keys of 1 to ${MAX_KEY} characters, values text of ` +
      `at most ${MAX_VALUE}, without NUL and without unpaired surrogates.`,
    schema: {
      type: 'object',
      maxProperties: MAX_PAIRS,
      propertyNames: { minLength: 1, maxLength: MAX_KEY },
      additionalProperties: { type: 'string', maxLength: MAX_VALUE },
    },
    check: isMetadata,
  });

/** Unix seconds or ISO 8601 with an offset, before the year 2100. */
export const IsMoment = (): PropertyDecorator =>
  fieldRule({
    name: 'isMoment',
    expected:
      'must be a time as Unix seconds (not milliseconds) or ISO 8601 with an offset, e.g. 2030-01-31T08:00:00Z.',
    schema: {
      anyOf: [
        { type: 'number', minimum: 0, exclusiveMaximum: LATEST_S },
        { type: 'string', format: 'date-time' },
      ],
    },
    check: (value) => dateOf(value) !== null,
  });

/** The time that a wire value means; null when it means none. */
export function dateOf(value: unknown): Date | null {
  const seconds = typeof value === 'string' ? secondsOf(value) : value;
  if (typeof seconds !== 'number' || !(seconds >= 0 && seconds < LATEST_S)) return null;
  return new Date(Math.round(seconds * 1000));
}

/** `Date.parse` takes 31 February for 3 March; nobody means that. */
function secondsOf(text: string): number {
  const day = ISO.exec(text)?.[1];
  const midnight = new Date(`${day ?? ''}T00:00:00Z`);
  const exists = !Number.isNaN(midnight.getTime()) && midnight.toISOString().slice(0, 10) === day;
  return exists ? Date.parse(text) / 1000 : NaN;
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
