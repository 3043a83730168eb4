import {
  Fault,
  GatewayError,
  invalidRequest,
  isStorableText,
  pointerTo,
  toStorableText,
} from '@longhaul/contract';
import { faultOfSize } from './json-limits';

const MAX_FAULTS = 20;
/** Names that reach a prototype in code that merges or copies carelessly (CVE-2020-7637). */
const RESERVED_NAMES: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * NUL (PostgreSQL stores none) and lone surrogates (no UTF-8 form) can reach a parsed string only through an
 * escape, because the body is decoded as strict UTF-8 and JSON allows no raw control characters.
 */
const RISKY_ESCAPE = /\\u(?:0000|d[89a-f])/i;
/** A number beyond 1.8e308 has an exponent of three digits, or 210 digits and one of two. */
const RISKY_NUMBER = /\d[eE]\+?\d{3}|\d{200}/;

/**
 * Reads a request's body. Empty = undefined; a byte order mark is passed over (RFC 8259 §8.1 allows it).
 * Throws `malformed_request` or `invalid_request`.
 */
export function readJsonBody(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined;
  const tooLarge = faultOfSize(bytes);
  if (tooLarge !== null) throw invalidRequest([tooLarge]);
  const text = decode(bytes);
  const value = parse(text);
  const faults = isRisky(text) ? faultsOf(value, RISKY_ESCAPE.test(text)) : [];
  if (faults.length === 0) return value;
  throw invalidRequest(faults);
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
  const before = text.slice(0, Number(at)).split('\n');
  return `: see line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}

interface Place {
  readonly value: object;
  readonly pointer: string;
}

/** Walks without recursion, and no further than a few faults. */
function faultsOf(root: unknown, checkStrings: boolean): Fault[] {
  const faults: Fault[] = [];
  const stack: Place[] = [];
  const look = (value: unknown, pointer: () => string): void => {
    const fault = faultOfValue(value, checkStrings);
    if (fault !== null) faults.push({ pointer: pointer(), detail: fault });
    else if (typeof value === 'object' && value !== null) stack.push({ value, pointer: pointer() });
  };
  look(root, () => '');
  for (let place = stack.pop(); place !== undefined && faults.length < MAX_FAULTS; place = stack.pop()) {
    const { value, pointer } = place;
    // Not Object.entries: a pair for each of 100,000 names takes three times as long.
    for (const name of Object.keys(value)) {
      const child = (value as Record<string, unknown>)[name];
      const below = (): string => pointerTo(pointer, toStorableText(name));
      const refusal = refuseName(name, checkStrings);
      if (refusal !== null) faults.push({ pointer: below(), detail: refusal });
      else look(child, below);
    }
  }
  return faults.slice(0, MAX_FAULTS);
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
