import { CANCELLED_JOB, ENDED_JOB, QUEUED_JOB, RETRIED_JOB } from '../examples/jobs';
import { HeaderName, JOB_HEADERS, PART_HEADERS } from '../headers';
import { IDEMPOTENCY_KEY, INCLUDE, JOB_ID, PREFER, WAIT } from '../parameters';
import { AnswerDoc, RouteDoc } from '../route-doc';
import { RemovedJob } from '../../jobs/jobs.controller';
import { always, ref, TEXT, viewOf } from '../schemas/view';
import { jobIdOf } from './shell';

const ACCEPTED_HEADERS: readonly HeaderName[] = [
  'location',
  ...JOB_HEADERS,
  'preference-applied',
  'idempotent-replayed',
];

const accepted = (example: unknown): AnswerDoc => ({
  status: 202,
  description: 'Accepted: from here on the job is never lost, and ends exactly once.',
  headers: [...ACCEPTED_HEADERS, 'retry-after'],
  schema: ref('Job'),
  example,
});

const endedInTime: AnswerDoc = {
  status: 200,
  description: 'It ended within the wait that was asked for.',
  headers: ACCEPTED_HEADERS,
  schema: ref('Job'),
  example: ENDED_JOB,
};

const ROUTING = ['model_not_found', 'no_route', 'provider_not_configured'] as const;
const KEYED = ['idempotency_in_flight', 'idempotency_conflict'] as const;

export const SUBMIT_JOB: RouteDoc = {
  id: 'submitJob',
  group: 'Jobs',
  method: 'POST',
  path: '/v1/jobs',
  summary: 'Submit a job',
  description: [
    'Stores a chat or an audit and answers at once. Read it later at its `Location`, or wait for its end in the same call with `Prefer: wait=20`.',
    'Send an `Idempotency-Key`: a request that got no answer can then be repeated, and makes no second job.',
  ],
  parameters: [IDEMPOTENCY_KEY, PREFER, WAIT, INCLUDE],
  body: { schema: ref('NewJob'), isRequired: true },
  answers: [accepted(QUEUED_JOB), endedInTime],
  errors: [...ROUTING, ...KEYED],
  example: {
    shell: ({ api, curl, auditModel }) =>
      `AUDIT=$(${curl} ${api}/v1/jobs -H 'content-type: application/json' \\
  -H "idempotency-key: audit-$(date +%s)" -d @- <<'JSON' ${jobIdOf}
{ "type": "audit", "model": "${auditModel}", "input": {
    "instruction": "Find what is wrong here.",
    "files": [{ "path": "pay.js",
      "content": "try {\\n  charge(card);\\n} catch (error) {}\\nif (paid == 0) retry(); // TODO: how often?\\n" }] } }
JSON
)
echo "$AUDIT"`,
    statuses: [202],
  },
};

export const RETRY_JOB: RouteDoc = {
  id: 'retryJob',
  group: 'Jobs',
  method: 'POST',
  path: '/v1/jobs/{id}/retry',
  summary: 'Repeat an ended job',
  description: [
    'Makes a new job of the input and the choices of an ended one; its `retry_of` names it. What the body states is otherwise, what it leaves out stays as it was.',
  ],
  parameters: [JOB_ID, IDEMPOTENCY_KEY, PREFER, WAIT, INCLUDE],
  body: { schema: ref('JobRetry'), isRequired: false },
  answers: [accepted(RETRIED_JOB), endedInTime],
  errors: ['job_not_ended', 'gone', ...ROUTING, ...KEYED],
  example: {
    shell: ({ api, curl }) =>
      `AGAIN=$(${curl} -X POST "${api}/v1/jobs/$AUDIT/retry" -H 'content-type: application/json' \\
  -d '{"priority": 9}' ${jobIdOf})
echo "$AGAIN"`,
    statuses: [202],
  },
};

export const CANCEL_JOB: RouteDoc = {
  id: 'cancelJob',
  group: 'Jobs',
  method: 'POST',
  path: '/v1/jobs/{id}/cancel',
  summary: 'Cancel a job',
  description: [
    'Twice is the same as once, and an ended job stays as it is. A job that waits ends at once; one that runs is `cancelling` until its call is cut.',
  ],
  parameters: [JOB_ID],
  answers: [
    {
      status: 200,
      description: 'The job as it stands now.',
      headers: [...JOB_HEADERS, 'retry-after'],
      schema: ref('Job'),
      example: CANCELLED_JOB,
    },
  ],
  errors: ['gone'],
  example: {
    shell: ({ api, curl }) => `${curl} -X POST "${api}/v1/jobs/$AGAIN/cancel"`,
    statuses: [200],
  },
};

const DELETED: RemovedJob = {
  id: 'job_01jbz4kq7rnhpx5w2d8m9v3c6t',
  object: 'job.deleted',
  deleted: true,
};

export const DELETE_JOB: RouteDoc = {
  id: 'deleteJob',
  group: 'Jobs',
  method: 'DELETE',
  path: '/v1/jobs/{id}',
  summary: 'Delete an ended job',
  description: [
    'With its input, its output, its attempts and its log; what it cost stays in the ledger. Whoever asks for it later gets `410`. Twice is the same as once.',
  ],
  parameters: [JOB_ID],
  answers: [
    {
      status: 200,
      description: 'It is deleted.',
      headers: PART_HEADERS,
      schema: viewOf<RemovedJob>({
        id: TEXT,
        object: always('job.deleted'),
        deleted: { type: 'boolean', const: true },
      }),
      example: DELETED,
    },
  ],
  errors: ['job_not_ended'],
  example: { shell: ({ api, curl }) => `${curl} -X DELETE "${api}/v1/jobs/$JOB"`, statuses: [200] },
};
