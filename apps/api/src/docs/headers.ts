import { JsonSchema } from '@longhaul/contract';

interface HeaderDoc {
  readonly description: string;
  readonly schema: JsonSchema;
}

const text = (description: string): HeaderDoc => ({ description, schema: { type: 'string' } });
const whole = (description: string): HeaderDoc => ({ description, schema: { type: 'integer', minimum: 0 } });

/** Every header of an answer that a caller may want to read. */
export const HEADERS = {
  'x-request-id': text('Names the request; the log has it too. A caller may send its own.'),
  location: text('Where the job is.'),
  etag: text('Changes with the answer; of a job, with the job. Send it back in `If-None-Match`.'),
  'cache-control': text('Whether the answer may be kept.'),
  'retry-after': whole(
    'Seconds to wait before asking again; grows with the age of a job, and is the time to `run_at`, 300 at most.',
  ),
  'idempotent-replayed': text('`true`: the key was known, and this is the job of the first request.'),
  'preference-applied': text('The wait that was granted.'),
  'x-should-retry': text(
    '`false`: the same request would end the same way, or Longhaul has repeated it already.',
  ),
  'www-authenticate': text('How to send a key.'),
  'x-gateway-job-id': text('The job behind the answer.'),
  'x-gateway-provider': text('Who answered.'),
  'x-gateway-model': text('What answered, by the provider’s own id.'),
  'x-gateway-warning': text(
    'What should be changed before long: the model is deprecated, or stands in for a retired one.',
  ),
  'x-gateway-attempts': whole('Calls that it took.'),
} as const satisfies Readonly<Record<string, HeaderDoc>>;

export type HeaderName = keyof typeof HEADERS;

/** Of every answer that is a part of a job. */
export const PART_HEADERS: readonly HeaderName[] = ['cache-control', 'x-gateway-job-id'];

/** Of a job that has ended, and of what it left. */
const RESULT_HEADERS: readonly HeaderName[] = ['x-gateway-provider', 'x-gateway-model', 'x-gateway-attempts'];

/** Of an answer that is the result of a job. */
export const RESULT_PART_HEADERS: readonly HeaderName[] = [...PART_HEADERS, ...RESULT_HEADERS];

/** Of every answer that is a job; those of `x-gateway-` but the first when it has ended. */
export const JOB_HEADERS: readonly HeaderName[] = ['etag', ...PART_HEADERS, ...RESULT_HEADERS];
