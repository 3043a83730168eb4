import { ErrorCode } from '@longhaul/contract';
import { bytesOf, Fixture } from '../contracts/dialect.bench';
import { END, fails, headOf, HostileCase, send } from './case';
import { GoodStream } from './good-stream';

const STATUSES = [
  400, 401, 402, 403, 404, 405, 407, 408, 409, 410, 413, 415, 418, 421, 422, 423, 425, 429, 431, 451, 499,
  500, 501, 502, 503, 504, 507, 520, 522, 524, 529, 599,
];
const BODIES: readonly (readonly [string, string])[] = [
  ['a page', '<!doctype html><h1>Error</h1>'],
  ['prose', 'upstream connect error or disconnect/reset before headers'],
  ['null', 'null'],
  ['a list', '[{"error":1}]'],
  ['a string', '"error"'],
  ['an error that is null', '{"error":null}'],
  ['an error that is a list', '{"error":[1,2]}'],
  ['members of wrong types', '{"error":{"message":{"a":1},"type":42,"code":["x"],"details":"no"}}'],
  ['half of its JSON', '{"error":{"message":"a'],
  ['a list a hundred thousand deep', '['.repeat(100_000)],
  ['two megabytes', `{"error":{"message":"${'x'.repeat(2_000_000)}"}}`],
  ['prototypes', '{"error":{"__proto__":{"code":"x"},"constructor":{"prototype":{}}}}'],
];

/** What a status says by itself; a body that says nothing must not change it. */
export const refusalCases = (byStatus: ReadonlyMap<number, ErrorCode>): HostileCase[] =>
  STATUSES.flatMap((status, index) => {
    const must = fails(byStatus.get(status) ?? 'internal');
    // Each status with a third of the bodies, so that each body meets many statuses.
    const bodies = BODIES.filter((_, place) => (place + index) % 3 === 0);
    return bodies.map(([what, body]): HostileCase => ({
      title: `refuses with ${String(status)} and ${what}`,
      steps: [send(headOf({ status, reason: 'No' })), send(body), END],
      must,
      clock: null,
    }));
  });

export const emptyRefusals = (): readonly { readonly status: number; readonly refusal: HostileCase }[] =>
  STATUSES.map((status) => ({
    status,
    refusal: {
      title: `refuses with ${String(status)}`,
      steps: [send(headOf({ status, reason: 'No' })), END],
      must: fails(),
      clock: null,
    },
  }));

/** Every recorded refusal once more, under a good status: at the start, and in the middle of an answer. */
export const refusalsInside = (refusals: readonly Fixture[], good: GoodStream): HostileCase[] =>
  refusals
    .filter(({ reply }) => typeof reply.body === 'object' && reply.body !== null)
    .flatMap(({ title, reply, fails: refused = 'internal', failsInside: code = refused }) => {
      const body = bytesOf(reply).toString();
      const hints = Object.entries(reply.headers ?? {}).map(([name, value]) => `${name}: ${value}`);
      const begun = good.records.slice(0, good.firstText + 1).join('');
      // What only the status told is lost with it.
      const must = fails(code, 'upstream_error', 'rejected_request', 'malformed_response');
      const inside = (where: string, text: string): HostileCase => ({
        title: `says under 200, ${where}: ${title}`,
        steps: [send(headOf({ headers: hints })), send(text), END],
        must,
        clock: null,
      });
      return [
        inside('as its whole body', body),
        inside('as its first record', good.record(body)),
        inside('after its first text', begun + good.record(body)),
      ];
    });
