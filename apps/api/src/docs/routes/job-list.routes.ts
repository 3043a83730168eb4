import { JOB_STATUSES } from '@longhaul/contract';
import { JOB_KINDS } from '@longhaul/jobs';
import { JOB_PAGE } from '../examples/jobs';
import { inQuery } from '../parameters';
import { ParameterDoc, RouteDoc } from '../route-doc';
import { oneOf, ref } from '../schemas/view';

const ID = { type: 'string', pattern: '^[\\w-]{1,64}$' };
const NAME = { type: 'string', maxLength: 512 };
/** In a query everything is text; Unix seconds are digits. */
const MOMENT = { type: 'string' };

const FILTERS: readonly ParameterDoc[] = [
  inQuery('limit', {
    description: 'Jobs on a page; 20 when absent. More than 100 means 100.',
    schema: { type: 'integer', minimum: 1 },
  }),
  inQuery('after', { description: 'The page after this job: `last_id` of the page before.', schema: ID }),
  inQuery('before', { description: 'The page before this job; not together with `after`.', schema: ID }),
  inQuery('order', { description: '`desc`, when absent, is newest first.', schema: oneOf(['desc', 'asc']) }),
  inQuery('status', {
    description: `Only jobs that are ${JOB_STATUSES.map((status) => `\`${status}\``).join(', ')}; several with commas.`,
    schema: { type: 'string' },
  }),
  inQuery('type', {
    description: 'Only jobs of this type.',
    schema: oneOf(JOB_KINDS.map(({ type }) => type)),
  }),
  inQuery('model', {
    description:
      'Only jobs that asked for this model, or were answered by it: as written, or `<provider>/<model>`.',
    schema: NAME,
  }),
  inQuery('provider', {
    description: 'Only jobs that this provider answered, or is to answer.',
    schema: NAME,
  }),
  inQuery('created_after', {
    description: 'Not older than this: Unix seconds, or ISO 8601 with its offset.',
    schema: MOMENT,
  }),
  inQuery('created_before', { description: 'Older than this.', schema: MOMENT }),
  inQuery('metadata', {
    description: 'Only jobs with this pair, as in `metadata[team]=red`; several mean all of them.',
    schema: { type: 'object', additionalProperties: { type: 'string' } },
    isDeep: true,
  }),
];

export const LIST_JOBS: RouteDoc = {
  id: 'listJobs',
  group: 'Jobs',
  method: 'GET',
  path: '/v1/jobs',
  summary: 'List your jobs',
  description: [
    'Newest first, a page at a time. New jobs do not shift the pages, and a page can be asked for by a job that has been deleted since.',
  ],
  parameters: FILTERS,
  answers: [
    {
      status: 200,
      description: 'One page.',
      headers: ['cache-control'],
      schema: ref('JobPage'),
      example: JOB_PAGE,
    },
  ],
  example: {
    shell: ({ api, curl }) => `${curl} "${api}/v1/jobs?status=completed&limit=5"`,
    statuses: [200],
  },
};
