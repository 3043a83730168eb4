import {
  Fault,
  GatewayError,
  invalidRequest,
  isStorableText,
  pointerTo,
  toStorableText,
} from '@longhaul/contract';

export const MAX_DEPTH = 64;
export const MAX_KEYS = 100_000;
const MAX_FAULTS = 20;

/**
 * NUL (PostgreSQL stores none) and lone surrogates (no UTF-8 form) can reach a parsed string only through an
 * escape, because the body is decoded as strict UTF-8 and JSON allows no raw control characters.
 */
const RISKY_ESCAPE = /\\u(?:0000|d[89a-f])/i;

/** Reads a request's body. Empty = undefined. Throws `malformed_request` or `invalid_request`. */
export function readJsonBody(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined;
  const text = decode(bytes);
  const value = parse(text);
  const faults = faultsOf(value, RISKY_ESCAPE.test(text));
  if (faults.length === 0) return value;
  throw invalidRequest(faults);
}

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
  readonly depth: number;
}

/** Walks without recursion, so that no body can exhaust the stack. */
function faultsOf(root: unknown, checkStrings: boolean): Fault[] {
  const faults: Fault[] = [];
  const stack: Place[] = [];
  let keys = 0;
  const look = (value: unknown, pointer: () => string, depth: number): void => {
    if (typeof value === 'string' && checkStrings && !isStorableText(value)) {
      faults.push({ pointer: pointer(), detail: 'holds NUL or half of a surrogate pair.' });
    } else if (typeof value === 'object' && value !== null) {
      stack.push({ value, pointer: pointer(), depth });
    }
  };
  look(root, () => '', 1);
  for (let place = stack.pop(); place !== undefined && faults.length < MAX_FAULTS; place = stack.pop()) {
    const { value, pointer, depth } = place;
    if (depth > MAX_DEPTH) return [{ pointer: '', detail: `is nested deeper than ${MAX_DEPTH} levels.` }];
    // Before Object.keys: that would spell out every index of a long array.
    keys += Array.isArray(value) ? value.length : 0;
    const names = keys > MAX_KEYS ? [] : Object.keys(value);
    keys += Array.isArray(value) ? 0 : names.length;
    if (keys > MAX_KEYS) return [{ pointer: '', detail: `holds more than ${MAX_KEYS} keys and items.` }];
    for (const name of names) {
      const child: unknown = (value as Record<string, unknown>)[name];
      const below = () => pointerTo(pointer, toStorableText(name));
      const refusal = refuseName(name, child, checkStrings);
      if (refusal !== null) faults.push({ pointer: below(), detail: refusal });
      else look(child, below, depth + 1);
    }
  }
  return faults.slice(0, MAX_FAULTS);
}

/** Names that turn into a prototype in careless code (CVE-2020-7637), and names that cannot be stored. */
function refuseName(name: string, child: unknown, checkStrings: boolean): string | null {
  if (name === '__proto__') return 'is a name that is never accepted.';
  if (
    name === 'constructor' &&
    typeof child === 'object' &&
    child !== null &&
    Object.hasOwn(child, 'prototype')
  ) {
    return 'is a name that is never accepted together with `prototype`.';
  }
  return checkStrings && !isStorableText(name)
    ? 'is a name that holds NUL or half of a surrogate pair.'
    : null;
}
