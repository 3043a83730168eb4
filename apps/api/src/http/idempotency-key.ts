import { createHash } from 'node:crypto';
import { GatewayError } from '@longhaul/contract';
import { IdempotencyKey } from '@longhaul/jobs';

/** 1 to 255 visible ASCII characters without a quote, bare or in quotes as the IETF draft writes them. */
const BARE = /^[\x21\x23-\x7e]{1,255}$/;

/** The same as a JSON Schema takes it. */
export const KEY_PATTERN = BARE.source;

export const isBareKey = (text: string): boolean => BARE.test(text);

/** What a request with an `Idempotency-Key` is compared by. */
export interface KeyedRequest {
  /** Method and pattern of the route, e.g. `POST /v1/jobs`. */
  readonly route: string;
  readonly body: unknown;
}

/** Reads the header `Idempotency-Key`; undefined without one. The fingerprint is that of the body. */
export function readIdempotencyKey(
  header: string | string[] | undefined,
  { route, body }: KeyedRequest,
): IdempotencyKey | undefined {
  if (header === undefined) return undefined;
  return { route, key: keyIn(String(header)), fingerprint: fingerprintOf(body) };
}

/** The key without its quotes. @throws GatewayError malformed_request */
export function keyIn(text: string): string {
  const key = /^"(.*)"$/.exec(text)?.[1] ?? text;
  if (BARE.test(key)) return key;
  throw new GatewayError(
    'malformed_request',
    'Idempotency-Key must be one value of 1 to 255 visible ASCII characters, bare or in double quotes, e.g. a UUID.',
    { param: 'Idempotency-Key' },
  );
}

/** What two requests with one key are compared by. */
export const fingerprintOf = (body: unknown): string =>
  createHash('sha256').update(canonicalJson(body)).digest('hex');

/** JSON with sorted names, so that the same body in another order is the same request. Depth was checked before. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}
