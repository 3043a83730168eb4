import { BULK_ANSWER } from '../examples/bulk';
import { inHeader } from '../parameters';
import { RouteDoc } from '../route-doc';
import { ref } from '../schemas/view';

const LIST_KEY = inHeader('idempotency-key', {
  description:
    'Stands for each job that has no `idempotency_key` of its own, together with its place in the list: the same list under the same key makes no job twice. A job that is another one now at the same place is refused with `idempotency_conflict`, and no other with it.',
  schema: { type: 'string', minLength: 1, maxLength: 257 },
});

export const SUBMIT_JOBS: RouteDoc = {
  id: 'submitJobs',
  group: 'Jobs',
  method: 'POST',
  path: '/v1/jobs/bulk',
  summary: 'Submit up to 1,000 jobs',
  description: [
    'Each job is checked, routed and stored as `POST /v1/jobs` does it, and has an outcome of its own: one that is refused harms no other. The answer is `200` whatever the outcomes are; read `refused`, and the `status` of each.',
    'Refused as a whole, with nothing stored, is only a body that is no such list: no JSON, no `jobs` of 1 to 1,000, another field beside it, more than 64 levels deep, or more than 100,000 keys and items. The limits count the whole body; NUL, half of a surrogate pair, a reserved name such as `__proto__` or a number that is too large refuses the job that holds it, and no other.',
    'Jobs are stored 100 at a time, each hundred in one transaction. When PostgreSQL goes away in between, the jobs before are `202` and the others `503` (`store_unavailable`); when nothing is known to be stored, the whole answer is `503`. A list with keys can always be sent again.',
  ],
  parameters: [LIST_KEY],
  body: { schema: ref('NewBulk'), isRequired: true },
  answers: [
    {
      status: 200,
      description: 'One outcome for each job, in their order.',
      headers: ['cache-control'],
      schema: ref('BulkOutcomes'),
      example: BULK_ANSWER,
    },
  ],
  example: {
    shell: ({ api, curl, chatModel }) =>
      `${curl} ${api}/v1/jobs/bulk -H 'content-type: application/json' -d @- <<'JSON'
{ "jobs": [
  { "type": "chat", "model": "${chatModel}", "input": { "messages": [{ "role": "user", "content": "One" }] } },
  { "type": "chat", "model": "${chatModel}", "input": { "messages": [{ "role": "user", "content": "Two" }] } } ] }
JSON`,
    statuses: [200],
  },
};
