/**
 * `unreachable` and `broken`: the network. `connect_timeout`: the HTTP client gave up connecting. `not_http`,
 * `too_large`, `compressed`: the upstream sent what we do not read.
 */
export type WireFault =
  'unreachable' | 'broken' | 'connect_timeout' | 'not_http' | 'too_large' | 'compressed';

/**
 * A call that failed below its dialect. It keeps the failure's code word only: errors of the HTTP parser carry raw
 * bytes of the reply, which must never reach a log.
 */
export class WireFailure extends Error {
  override readonly name = 'WireFailure';

  constructor(
    readonly fault: WireFault,
    readonly word: string,
  ) {
    super(`${fault} (${word})`);
  }
}

const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'EADDRNOTAVAIL',
  'ENETDOWN',
]);

const FAULTS: readonly (readonly [RegExp, WireFault])[] = [
  [/^(UND_ERR_CONNECT_TIMEOUT|ETIMEDOUT)$/, 'connect_timeout'],
  [/^(HPE_|HTTPParserError|UND_ERR_HEADERS_OVERFLOW|UND_ERR_RES_CONTENT_LENGTH)/, 'not_http'],
  [/CERT|SELF_SIGNED|ERR_TLS|ERR_SSL|EPROTO|SIGNATURE/, 'unreachable'],
];

const memberOf = (thrown: unknown, name: 'code' | 'name'): unknown =>
  typeof thrown === 'object' && thrown !== null && name in thrown
    ? (thrown as Record<typeof name, unknown>)[name]
    : undefined;

/** The HTTP parser's errors of the older kind have no code, only a name. */
const codeOf = (thrown: unknown): string => {
  const code = memberOf(thrown, 'code') ?? memberOf(thrown, 'name');
  return typeof code === 'string' && /^\w{1,64}$/.test(code) ? code : 'unknown';
};

/** Any throwable of the HTTP client, read by its code. */
export function wireFailureOf(thrown: unknown): WireFailure {
  if (thrown instanceof WireFailure) return thrown;
  const word = codeOf(thrown);
  if (UNREACHABLE.has(word)) return new WireFailure('unreachable', word);
  const fault = FAULTS.find(([pattern]) => pattern.test(word))?.[1] ?? 'broken';
  return new WireFailure(fault, word);
}
