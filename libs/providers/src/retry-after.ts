const LONGEST_HINT_MS = 86_400_000;
const DECIMAL = /^\d{1,15}(\.\d{1,9})?$/;
/** Date.parse takes "-1" and "5x" for years, so the form of RFC 9110 is asked for. */
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;
const SPOKEN_HINT = /(?:try again|retry) (?:after|in) (\d{1,9}(?:\.\d{1,3})?) ?(ms|s|m)/i;
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 };

const clamp = (ms: number): number => Math.min(Math.ceil(ms), LONGEST_HINT_MS);

const parsedDate = (text: string | undefined): number | undefined =>
  text !== undefined && HTTP_DATE.test(text) ? Date.parse(text) : undefined;

/**
 * The provider's hint in milliseconds from now, rounded up, at most a day; undefined when it is absent, negative, past
 * or garbage. Reads `retry-after-ms`, then `retry-after` as seconds or as an HTTP date (RFC 9110 §10.2.3).
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
  return until === undefined || Number.isNaN(until) || !(until >= from) ? undefined : clamp(until - from);
}

/** "Please try again after 2 seconds", for providers whose headers do not say it. */
export function spokenRetryAfterMs(message: string): number | undefined {
  const [, count, unit] = SPOKEN_HINT.exec(message) ?? [];
  const unitMs = UNIT_MS[unit?.toLowerCase() ?? ''];
  return count === undefined || unitMs === undefined ? undefined : clamp(Number(count) * unitMs);
}
