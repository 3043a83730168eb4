import {
  Fault,
  GatewayError,
  invalidRequest,
  isStorableText,
  pointerTo,
  toStorableText,
} from '@longhaul/contract';
import { FaultyItem } from './faulty-item';
import { faultOfSize } from './json-limits';

const MAX_FAULTS = 20;
/** More of a name than a pointer shows. */
const MAX_NAME_READ = 80;
/** Names that reach a prototype in code that merges or copies carelessly (CVE-2020-7637). */
const RESERVED_NAMES: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * NUL (PostgreSQL stores none) and lone surrogates (no UTF-8 form) can reach a parsed string only through an
 * escape, because the body is decoded as strict UTF-8 and JSON allows no raw control characters.
 */
const RISKY_ESCAPE = /\\u(?:0000|d[89a-f])/i;
/**
 * A number beyond 1.8e308 has an exponent of three digits, or 210 digits and one of two. Without the look behind,
 * each digit of a run would be the start of another try: three seconds for 10 MB of runs of 199.
 */
const RISKY_NUMBER = /\d[eE]\+?\d{3}|(?<!\d)\d{200}/;

/**
 * Reads a request's body. Empty = undefined; a byte order mark is passed over (RFC 8259 §8.1 allows it). Of a name
 * that stands twice the last counts: nothing behind this reader sees the bytes again, so no two can differ.
 * Throws `malformed_request` or `invalid_request`.
 * @param list a member whose items have an outcome each: one that cannot be stored is a `FaultyItem` there
 */
export function readJsonBody(bytes: Buffer, list?: string): unknown {
  if (bytes.length === 0) return undefined;
  const tooLarge = faultOfSize(bytes);
  if (tooLarge !== null) throw invalidRequest([tooLarge]);
  const text = decode(bytes);
  const value = parse(text);
  if (!isRisky(text)) return value;
  const checkStrings = RISKY_ESCAPE.test(text);
  const faults = faultsOf(list === undefined ? value : apartFrom(value, list, checkStrings), checkStrings);
  if (faults.length === 0) return value;
  throw invalidRequest(faults);
}

/** What is left to look at when each item of the list has been. */
function apartFrom(body: unknown, list: string, checkStrings: boolean): unknown {
  const items = (Object(body) as Readonly<Record<string, unknown>>)[list];
  if (!Array.isArray(items)) return body;
  let most = MAX_FAULTS;
  for (const [place, item] of (items as unknown[]).entries()) {
    const faults = faultsOf(item, checkStrings, most);
    if (faults.length === 0) continue;
    // Each item has to say of itself that it is refused, but not all that is wrong in a thousand.
    most = Math.max(1, most - faults.length);
    items[place] = new FaultyItem(faults);
  }
  return { ...(body as object), [list]: null };
}

/** Most bodies are not: their values need no look at each one, which costs as much as the parser. */
const isRisky = (text: string): boolean =>
  // Any escape may spell a reserved name.
  text.includes('\\u') || text.includes('proto') || text.includes('constructor') || RISKY_NUMBER.test(text);

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new GatewayError('malformed_request', 'The body is not valid UTF-8. Send JSON encoded as UTF-8.');
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new GatewayError('malformed_request', `The body is not valid JSON${complaintOf(error, text)}.`);
  }
}

/** What the parser stumbled on, and where when it says so. The rest of its message quotes the body. */
function complaintOf(error: unknown, text: string): string {
  const message = error instanceof Error ? error.message : '';
  const complaint = /^(?:Unexpected token '.'|Unexpected end of JSON input)/u.exec(message)?.[0];
  const at = /at position (\d+)/.exec(message)?.[1];
  if (at === undefined) return complaint === undefined ? '' : `: ${complaint}`;
  return `: see ${placeOf(text, Number(at))}`;
}

/** Counts: a list of ten million lines would take a quarter of a second. */
function placeOf(text: string, end: number): string {
  let line = 1;
  let start = 0;
  for (let at = 0; at < end; at++) {
    if (text.charCodeAt(at) !== LINE_FEED) continue;
    line++;
    start = at + 1;
  }
  return `line ${line}, column ${end - start + 1}`;
}

const LINE_FEED = 0x0a;

interface Place {
  readonly value: object;
  readonly pointer: string;
}

/** Walks without recursion, and no further than a few faults. */
function faultsOf(root: unknown, checkStrings: boolean, most = MAX_FAULTS): Fault[] {
  const faults: Fault[] = [];
  const stack: Place[] = [];
  const look = (value: unknown, pointer: () => string): void => {
    const fault = faultOfValue(value, checkStrings);
    if (fault !== null) faults.push({ pointer: pointer(), detail: fault });
    else if (typeof value === 'object' && value !== null) stack.push({ value, pointer: pointer() });
  };
  look(root, () => '');
  for (let place = stack.pop(); place !== undefined; place = stack.pop()) {
    const { value, pointer } = place;
    // Not Object.entries: a pair for each of 100,000 names takes three times as long.
    for (const name of Object.keys(value)) {
      if (faults.length >= most) return faults;
      const child = (value as Record<string, unknown>)[name];
      const below = (): string => pointerTo(pointer, toStorableText(name.slice(0, MAX_NAME_READ)));
      const refusal = refuseName(name, checkStrings);
      if (refusal !== null) faults.push({ pointer: below(), detail: refusal });
      else look(child, below);
    }
  }
  return faults;
}

function faultOfValue(value: unknown, checkStrings: boolean): string | null {
  if (checkStrings && typeof value === 'string' && !isStorableText(value)) {
    return 'holds NUL or half of a surrogate pair.';
  }
  // `1e999` is JSON, but the parser makes it infinite, and nothing can write it down again.
  return typeof value === 'number' && !Number.isFinite(value) ? 'is a number that is too large.' : null;
}

function refuseName(name: string, checkStrings: boolean): string | null {
  if (RESERVED_NAMES.has(name)) return 'is a reserved name and never allowed; remove it.';
  return checkStrings && !isStorableText(name)
    ? 'is a name that holds NUL or half of a surrogate pair.'
    : null;
}
