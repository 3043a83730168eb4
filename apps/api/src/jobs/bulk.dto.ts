import { Describe, fieldRule, GatewayError, validateShape } from '@longhaul/contract';
import { BulkItem, IdempotencyKey } from '@longhaul/jobs';
import { IsOptional } from 'class-validator';
import { FaultyItem } from '../http/faulty-item';
import { fingerprintOf, isBareKey, KEY_PATTERN, keyIn } from '../http/idempotency-key';
import { CreateJobDto, readJob, submissionOf } from './create-job.dto';

export const MOST_JOBS = 1000;

/** The routes under which keys are kept. One of an item is the same key as in the header of `POST /v1/jobs`. */
const ITEM_ROUTE = 'POST /v1/jobs';
const LIST_ROUTE = 'POST /v1/jobs/bulk';

const IsKey = (): PropertyDecorator =>
  fieldRule({
    name: 'isKey',
    expected: 'must be 1 to 255 visible ASCII characters without quotes, e.g. a UUID.',
    schema: { type: 'string', pattern: KEY_PATTERN },
    check: (value) => typeof value === 'string' && isBareKey(value),
  });

/** One of `jobs`: the body of `POST /v1/jobs`, and the key that is its header there. */
export class BulkJobDto extends CreateJobDto {
  @Describe(
    'The same as the header `Idempotency-Key` of `POST /v1/jobs`: with the same body it is the same job, whichever of the two calls sent it first.',
  )
  @IsOptional()
  @IsKey()
  idempotency_key?: string | null;
}

const IsJobs = (): PropertyDecorator =>
  fieldRule({
    name: 'isJobs',
    expected: `must be a list of 1 to ${MOST_JOBS} jobs.`,
    schema: { type: 'array', minItems: 1, maxItems: MOST_JOBS, items: { type: 'object' } },
    check: (value) => Array.isArray(value) && value.length >= 1 && value.length <= MOST_JOBS,
  });

/** The body of `POST /v1/jobs/bulk`. Each job is checked by itself, and its faults are its own outcome. */
export class BulkDto {
  @Describe('Bodies of `POST /v1/jobs`, each of which may have an `idempotency_key`.')
  @IsJobs()
  jobs!: unknown[];
}

/** Reads a list of jobs, and none of the jobs yet. Throws for a body that is no such list. */
export function readBulk(body: unknown, listKey: string | string[] | undefined): BulkItem[] {
  if (body === undefined || body === null) {
    throw new GatewayError('malformed_request', 'The body is empty. Send {"jobs": […]} as JSON.');
  }
  const { jobs } = validateShape(BulkDto, body);
  const key = listKey === undefined ? undefined : keyIn(String(listKey));
  return jobs.map((job, place) =>
    job instanceof FaultyItem
      ? refused(job)
      : {
          idempotency: () => keyOf(job) ?? placedKey(key, { job, place }),
          submission: () => submissionOf(readJob(BulkJobDto, job)),
        },
  );
}

/** Without a key, as alone: its body is refused before its key is looked at. */
const refused = ({ refusal }: FaultyItem): BulkItem => ({
  idempotency: () => undefined,
  submission: () => {
    throw refusal;
  },
});

/** The key of a job, before anything else of it is known to be right: a repeat is answered even if it would be refused today. */
function keyOf(job: unknown): IdempotencyKey | undefined {
  const { idempotency_key: key, ...body } = Object(job) as { readonly idempotency_key?: unknown };
  if (typeof key !== 'string' || !isBareKey(key)) return undefined;
  return { route: ITEM_ROUTE, key, fingerprint: fingerprintOf(body) };
}

/** The key of the whole list stands for a job at its place in the list. */
function placedKey(
  key: string | undefined,
  { job, place }: { readonly job: unknown; readonly place: number },
): IdempotencyKey | undefined {
  if (key === undefined) return undefined;
  return { route: LIST_ROUTE, key: `${key}#${place}`, fingerprint: fingerprintOf(job) };
}
