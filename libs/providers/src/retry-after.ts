import { ErrorCode } from '@longhaul/contract';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** A plan may be whole again with the next month; a mere rate never needs as long. */
const LONGEST_RESET_MS = 31 * DAY_MS;
const DECIMAL = /^\d{1,15}(\.\d{1,9})?$/;
/** Date.parse takes "-1" and "5x" for years, so the form of RFC 9110 is asked for. */
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;
const SPOKEN = /(?:try again|retry|resets?|refreshed|available again) (?:after|in) /i;
const SPOKEN_COUNT = /^(\d{1,9}(?:\.\d{1,3})?) ?(ms|milli|s|m(?!o)|h|d)/i;
const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  milli: 1,
  s: 1_000,
  m: 60_000,
  h: HOUR_MS,
  d: DAY_MS,
};
const DURATION = /^(?=\d)(?:(\d{1,5})h)?(?:(\d{1,5})m(?!s))?(?:(\d{1,9}(?:\.\d{1,9})?)(ms|s))?$/;
const ISO_TIME = /(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2})?)(?:\.\d{1,9})? ?(Z|UTC|[+-]\d{2}:\d{2})?/;
/** Smaller numbers are seconds from now: the epoch was here in 2001. */
const EPOCH_SECONDS = 1_000_000_000;
const EPOCH_MS = EPOCH_SECONDS * 100;

const clamp = (ms: number): number => Math.min(Math.ceil(ms), LONGEST_RESET_MS);

/** The past is no hint: it would mean "now", and the provider has just said no. */
const clampAhead = (ms: number): number | undefined => (ms >= 0 ? clamp(ms) : undefined);

const parsedDate = (text: string | undefined): number | undefined =>
  text !== undefined && HTTP_DATE.test(text) ? Date.parse(text) : undefined;

/**
 * The provider's hint in milliseconds from now, rounded up; undefined when it is absent, negative, past or garbage.
 * Reads `retry-after-ms`, then `retry-after` as seconds or as an HTTP date (RFC 9110 §10.2.3).
 */
export function retryAfterMs(headers: Readonly<Record<string, string>>, nowMs: number): number | undefined {
  const exact = headers['retry-after-ms']?.trim();
  if (exact !== undefined && DECIMAL.test(exact)) return clamp(Number(exact));
  const hint = headers['retry-after']?.trim();
  if (hint === undefined) return undefined;
  if (DECIMAL.test(hint)) return clamp(Number(hint) * 1_000);
  const until = parsedDate(hint);
  // The sender's clock may be wrong, but it is wrong in both of its headers alike.
  const from = parsedDate(headers['date']) ?? nowMs;
  return until === undefined || Number.isNaN(until) ? undefined : clampAhead(until - from);
}

/** "Please try again after 2 seconds" or "in 6m0s", for providers whose headers do not say it. */
export function spokenRetryAfterMs(message: string): number | undefined {
  const spoken = SPOKEN.exec(message);
  if (spoken === null) return undefined;
  const rest = message.slice(spoken.index + spoken[0].length, spoken.index + spoken[0].length + 40);
  const [word = ''] = /^\d[\d.]*[a-z][a-z0-9.]*[a-z]|^\d[\d.]*[a-z]/i.exec(rest) ?? [];
  const duration = msOfDuration(word);
  if (duration !== undefined) return duration;
  const [, count, unit] = SPOKEN_COUNT.exec(rest) ?? [];
  const unitMs = UNIT_MS[unit?.toLowerCase() ?? ''];
  return count === undefined || unitMs === undefined ? undefined : clamp(Number(count) * unitMs);
}

/** "Your limit will reset at 2026-11-22 07:41:44", in whatever language, by the provider's own clock where it names none. */
export function spokenResetMs(message: string, nowMs: number, utcOffsetHours: number): number | undefined {
  const [, day, time, zone] = ISO_TIME.exec(message) ?? [];
  if (day === undefined || time === undefined) return undefined;
  const isNamed = zone !== undefined;
  const atMs = Date.parse(`${day}T${time}${isNamed && zone !== 'UTC' ? zone : 'Z'}`);
  return Number.isNaN(atMs) ? undefined : clampAhead(atMs - (isNamed ? 0 : utcOffsetHours * HOUR_MS) - nowMs);
}

/** A moment as a number since the epoch, in seconds or milliseconds, or as ISO 8601; undefined for all else and the past. */
export function msUntil(moment: unknown, nowMs: number): number | undefined {
  if (typeof moment === 'number' && moment >= EPOCH_SECONDS)
    return clampAhead((moment >= EPOCH_MS ? moment : moment * 1_000) - nowMs);
  return typeof moment === 'string' ? spokenResetMs(moment, nowMs, 0) : undefined;
}

/** The `reset` of a rate limit header: "12ms", "6m0s", seconds, or a moment. */
export function msOfReset(stated: string | undefined, nowMs: number): number | undefined {
  const text = stated?.trim();
  if (text === undefined || text === '') return undefined;
  if (DECIMAL.test(text)) {
    const value = Number(text);
    return value >= EPOCH_SECONDS ? msUntil(value, nowMs) : clamp(value * 1_000);
  }
  return msOfDuration(text) ?? msUntil(text, nowMs);
}

/** "12ms", "6m0s", "1h2m3.5s". */
function msOfDuration(text: string): number | undefined {
  const [whole, hours = '0', minutes = '0', rest = '0', unit = 's'] = DURATION.exec(text) ?? [];
  if (whole === undefined) return undefined;
  return clamp(Number(hours) * HOUR_MS + Number(minutes) * 60_000 + Number(rest) * (UNIT_MS[unit] ?? 1_000));
}

/** Until midnight of the provider's clock. */
export const msToNextDay = (nowMs: number, utcOffsetHours: number): number =>
  DAY_MS - ((nowMs + utcOffsetHours * HOUR_MS) % DAY_MS);

/** Only what was used up may take longer than a day to come back: a longer hint of anything else is a slip. */
export const boundedHintMs = (code: ErrorCode, ms: number): number =>
  code === 'quota_exhausted' ? ms : Math.min(ms, DAY_MS);
