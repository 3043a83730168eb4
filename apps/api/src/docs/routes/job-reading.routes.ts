import { ATTEMPT, ENDED_JOB, REPORT } from '../examples/jobs';
import { IF_NONE_MATCH, INCLUDE, inQuery, JOB_ID, PREFER, WAIT } from '../parameters';
import { RouteDoc } from '../route-doc';
import { always, listOf, oneOf, ref, viewOf } from '../schemas/view';

export const GET_JOB: RouteDoc = {
  id: 'getJob',
  group: 'Jobs',
  method: 'GET',
  path: '/v1/jobs/{id}',
  summary: 'Look at a job',
  description: [
    'With `?wait=20` the answer comes when the job ends, or after 20 seconds as it stands then. Ask again as long as it runs; no answer is lost in between.',
    'A job that failed is a good answer too: `200`, with its `error`.',
  ],
  parameters: [JOB_ID, WAIT, INCLUDE, PREFER, IF_NONE_MATCH],
  answers: [
    {
      status: 200,
      description: 'The job.',
      headers: ['etag', 'cache-control', 'retry-after'],
      schema: ref('Job'),
      example: ENDED_JOB,
    },
    {
      status: 304,
      description: 'Nothing has changed since the `ETag` that was sent.',
      headers: ['etag', 'cache-control', 'retry-after'],
    },
  ],
  errors: ['gone'],
  example: {
    shell: ({ api, curl }) => `${curl} "${api}/v1/jobs/$AUDIT?wait=55&include=output"`,
    statuses: [200],
  },
};

export const LIST_ATTEMPTS: RouteDoc = {
  id: 'listAttempts',
  group: 'Jobs',
  method: 'GET',
  path: '/v1/jobs/{id}/attempts',
  summary: 'Who was called, and what it cost',
  description: ['Every call that was made for the job, in order: when, to whom, how it ended, what it used.'],
  parameters: [JOB_ID],
  answers: [
    {
      status: 200,
      description: 'All of them; there are few.',
      headers: ['cache-control'],
      schema: viewOf<{ readonly object: 'list'; readonly data: readonly unknown[] }>({
        object: always('list'),
        data: listOf(ref('Attempt')),
      }),
      example: { object: 'list', data: [ATTEMPT] },
    },
  ],
  errors: ['gone'],
  example: {
    shell: ({ api, curl }) => `${curl} "${api}/v1/jobs/$AUDIT/attempts"`,
    statuses: [200],
  },
};

export const GET_REPORT: RouteDoc = {
  id: 'getReport',
  group: 'Jobs',
  method: 'GET',
  path: '/v1/jobs/{id}/report',
  summary: 'Read the report of an audit',
  description: ['Markdown for people: each finding with the lines that it quotes. A chat has none.'],
  parameters: [
    JOB_ID,
    inQuery('format', { description: 'Markdown is the only form so far.', schema: oneOf(['md']) }),
  ],
  answers: [
    {
      status: 200,
      description: 'The report.',
      headers: ['cache-control'],
      type: 'text/markdown',
      schema: { type: 'string' },
      example: REPORT,
    },
  ],
  errors: ['job_not_ended', 'gone'],
  example: {
    shell: ({ api, curl }) => `${curl} "${api}/v1/jobs/$AUDIT/report"`,
    statuses: [200],
  },
};
