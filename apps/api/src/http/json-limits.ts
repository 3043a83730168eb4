import { Fault } from '@longhaul/contract';

const MAX_DEPTH = 64;
const MAX_KEYS = 100_000;

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
/** `[` and `{`, `]` and `}` differ by one bit, which nothing else in JSON outside of strings shares. */
const CASE_BIT = 0x20;
const OPENER = 0x7b;
const CLOSER = 0x7d;

/**
 * One look over the raw bytes, before the parser builds anything: 10 MB of brackets or five million keys would
 * hold up the event loop for a second and take a hundred times their size in memory. Null = within the limits.
 * Whether the bytes are JSON at all is the parser's question.
 */
export function faultOfSize(bytes: Uint8Array): Fault | null {
  let depth = 0;
  let entries = 0;
  // The last byte outside of strings that is no white space: tells `[]` from `[1]`.
  let before = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte <= SPACE) continue;
    if (byte === QUOTE) at = endOfString(bytes, at + 1);
    else if (byte === COMMA) entries++;
    else if ((byte | CASE_BIT) === OPENER) {
      depth++;
      if (depth > MAX_DEPTH) return { pointer: '', detail: `is nested deeper than ${MAX_DEPTH} levels.` };
    } else if ((byte | CASE_BIT) === CLOSER) {
      depth--;
      if ((before | CASE_BIT) !== OPENER) entries++;
    }
    if (entries > MAX_KEYS) return { pointer: '', detail: `holds more than ${MAX_KEYS} keys and items.` };
    before = byte;
  }
  return null;
}

/** The place of the closing quote, or the end of a body that lacks it. */
function endOfString(bytes: Uint8Array, start: number): number {
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH) at++;
  }
  return bytes.length;
}
