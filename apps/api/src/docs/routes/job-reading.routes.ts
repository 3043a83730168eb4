import { ATTEMPT, CHAT_OUTPUT, ENDED_JOB, EVENT_LIST, REPORT } from '../examples/jobs';
import { JOB_HEADERS, PART_HEADERS, RESULT_PART_HEADERS } from '../headers';
import { IF_NONE_MATCH, INCLUDE, inQuery, JOB_ID, PREFER, WAIT } from '../parameters';
import { RouteDoc } from '../route-doc';
import { wholeListOf } from '../schemas/list.schema';
import { SOME_OUTPUT } from '../schemas/output.schema';
import { oneOf, ref } from '../schemas/view';

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
      headers: [...JOB_HEADERS, 'preference-applied', 'retry-after'],
      schema: ref('Job'),
      example: ENDED_JOB,
    },
    {
      status: 304,
      description: 'Nothing has changed since the `ETag` that was sent.',
      headers: [...JOB_HEADERS, 'preference-applied', 'retry-after'],
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
      headers: PART_HEADERS,
      schema: wholeListOf('Attempt'),
      example: { object: 'list', data: [ATTEMPT] },
    },
  ],
  errors: ['gone'],
  example: {
    shell: ({ api, curl }) => `${curl} "${api}/v1/jobs/$AUDIT/attempts"`,
    statuses: [200],
  },
};

export const LIST_EVENTS: RouteDoc = {
  id: 'listEvents',
  group: 'Jobs',
  method: 'GET',
  path: '/v1/jobs/{id}/events',
  summary: 'What happened to a job, and when',
  description: [
    'Every transition of the job, oldest first. To follow a job, ask again with the last `seq` as `after`.',
  ],
  parameters: [
    JOB_ID,
    inQuery('after', {
      description: 'Only events with a greater `seq`.',
      schema: { type: 'integer', minimum: 0 },
    }),
    inQuery('limit', {
      description: 'At most so many; 100 when absent. More than 1000 means 1000.',
      schema: { type: 'integer', minimum: 1 },
    }),
  ],
  answers: [
    {
      status: 200,
      description: 'The events.',
      headers: PART_HEADERS,
      schema: ref('EventList'),
      example: EVENT_LIST,
    },
  ],
  errors: ['gone'],
  example: { shell: ({ api, curl }) => `${curl} "${api}/v1/jobs/$AUDIT/events"`, statuses: [200] },
};

export const GET_OUTPUT: RouteDoc = {
  id: 'getOutput',
  group: 'Jobs',
  method: 'GET',
  path: '/v1/jobs/{id}/output',
  summary: 'Read the output alone',
  description: ['What `include=output` adds to the job, by itself. A job that failed has none.'],
  parameters: [JOB_ID],
  answers: [
    {
      status: 200,
      description: 'The output; its form depends on the type of the job.',
      headers: RESULT_PART_HEADERS,
      schema: SOME_OUTPUT,
      example: CHAT_OUTPUT,
    },
  ],
  errors: ['job_not_ended', 'gone'],
  example: { shell: ({ api, curl }) => `${curl} "${api}/v1/jobs/$AUDIT/output"`, statuses: [200] },
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
      headers: RESULT_PART_HEADERS,
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
