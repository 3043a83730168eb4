import fc from 'fast-check';
import { toStorableText } from '@longhaul/contract';
import { ROUTE_SCOPES } from '../../apps/api/src/http/callers/scopes';
import { BODIES, bytesOf, oddText } from './api-property.bodies';

/** One request as it goes out. */
export interface Sent {
  readonly route: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | null;
}

const ids = (known: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...known) },
    { weight: 1, arbitrary: fc.constant('job_00000000000000000000000000') },
    { weight: 3, arbitrary: oddText.map(inPath) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('%', '%zz', '%c0%af', '..', '%2e%2e%2f', '\u00ff', 'sandbox/echo', ';'),
    },
  );

/** Escaped where Node's client would refuse it, as it is elsewhere. */
const inPath = (text: string): string => encodeURIComponent(toStorableText(text));

const PARAMETERS = [
  'limit',
  'after',
  'before',
  'order',
  'status',
  'type',
  'model',
  'provider',
  'created_after',
];
const MORE = [
  'created_before',
  'metadata[run]',
  'metadata[]',
  'include',
  'include[]',
  'wait',
  'available',
  '__proto__',
];
const VALUES = [
  '0',
  '1',
  '-1',
  '20',
  '1e9',
  'asc',
  'queued',
  'queued,failed',
  'attempts',
  'decision',
  'true',
  'chat',
];
const query = fc
  .array(
    fc.tuple(
      fc.oneof(fc.constantFrom(...PARAMETERS, ...MORE), oddText.map(inPath)),
      fc.oneof(fc.constantFrom(...VALUES), oddText.map(inPath)),
    ),
    { maxLength: 4 },
  )
  .map((pairs) => pairs.map(([name, value]) => `${name}=${name === 'wait' ? '0' : value}`).join('&'));

/** Node's client sends what Latin-1 can spell; what it refuses has raw connections of its own. */
const headerText = oddText.map((text) =>
  text.replace(/[^\t\u0020-\u007e\u0080-\u00ff]/gu, '?').slice(0, 3000),
);
const header = fc.oneof(
  fc
    .tuple(
      fc.constantFrom(
        'x-request-id',
        'idempotency-key',
        'prefer',
        'if-none-match',
        'accept',
        'user-agent',
        'cookie',
      ),
      headerText,
    )
    .map<[string, string]>(([name, value]) =>
      // A wait would only make the run longer: nothing works on these jobs.
      name === 'prefer' ? [name, `wait=0, ${value}`] : [name, value],
    ),
  fc.constantFrom<[string, string]>(
    ...([
      ['content-type', 'text/plain'],
      ['content-type', 'application/json; charset=latin1'],
      ['content-type', 'multipart/form-data; boundary=x'],
      ['content-encoding', 'gzip'],
      ['host', 'evil.example'],
      ['origin', 'https://evil.example'],
      ['expect', '100-continue'],
      ['x-http-method-override', 'DELETE'],
      ['authorization', 'Bearer x'],
      ['if-none-match', '*'],
      ['prefer', 'wait=0, respond-async'],
      ['range', 'bytes=0-1'],
      ['idempotency-key', 'shared-key'],
      ['upgrade', 'websocket'],
      ['accept-encoding', 'br;q=x'],
    ] as [string, string][]),
  ),
);

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND'];
const TAILS = ['', '', '', '/', '//', '%2F', '/x', '%00', ';a=b', '/../../etc/passwd', '.json'];

/** A request to one of all routes, valid or bent in up to four ways. @param known ids of jobs that exist */
export const requests = (known: readonly string[]): fc.Arbitrary<Sent> =>
  fc.constantFrom(...Object.keys(ROUTE_SCOPES)).chain((route) => {
    const [method = '', pattern = ''] = route.split(' ');
    const bodies =
      method === 'GET' ? fc.constant(null) : fc.constantFrom(...(BODIES[route] ?? [{}])).chain(bytesOf);
    return fc
      .record({
        method: fc.oneof({ weight: 12, arbitrary: fc.constant(method) }, fc.constantFrom(...METHODS)),
        id: ids(known),
        tail: fc.oneof({ weight: 8, arbitrary: fc.constant('') }, fc.constantFrom(...TAILS)),
        query: fc.oneof({ weight: 3, arbitrary: fc.constant('') }, query),
        headers: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, fc.array(header, { maxLength: 3 })),
        body: bodies,
      })
      .map((made) => ({
        route,
        method: made.method,
        path: `${pattern.replace(/:\w+|\*$/, () => made.id)}${made.tail}${made.query === '' ? '' : `?${made.query}`}`,
        headers: {
          'content-type': 'application/json',
          prefer: 'wait=0',
          ...Object.fromEntries(made.headers),
        },
        body: made.body,
      }));
  });
