/** The one protocol whose server is told when to load a model, and for how long. */
export const LOADING_DIALECT = 'ollama';

/** What is accepted, for messages. */
export const KEEP_ALIVE_FORM =
  'seconds or a duration such as "10m" or "1h30m"; 0 = not at all, -1 = for ever';

const SECONDS = /^-?\d{1,9}(\.\d{1,3})?$/;
const DURATION = /^-?(\d{1,9}(\.\d{1,3})?(h|m|s|ms))+$/;
const PART = /(\d+(?:\.\d+)?)(h|ms|m|s)/g;
const UNIT_S: Readonly<Record<string, number>> = { h: 3_600, m: 60, s: 1, ms: 0.001 };
/** Longer than a century is for ever. */
const LONGEST_S = 3_155_760_000;

/** Seconds; -1 = for ever, however that was said. Null for what is no duration. */
export function parseKeepAlive(stated: unknown): number | null {
  const text = typeof stated === 'number' ? String(stated) : stated;
  if (typeof text !== 'string') return null;
  const trimmed = text.trim();
  const seconds = SECONDS.test(trimmed) ? Number(trimmed) : durationOf(trimmed);
  if (seconds === null) return null;
  return seconds < 0 || seconds > LONGEST_S ? -1 : seconds;
}

function durationOf(text: string): number | null {
  if (!DURATION.test(text)) return null;
  if (text.startsWith('-')) return -1;
  return [...text.matchAll(PART)].reduce(
    (sum, [, count = '', unit = '']) => sum + Number(count) * (UNIT_S[unit] ?? 0),
    0,
  );
}
