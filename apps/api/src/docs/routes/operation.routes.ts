import { RouteDoc } from '../route-doc';
import { ALIVE, READY } from '../schemas/health.schema';

export const GET_HEALTH: RouteDoc = {
  id: 'getHealth',
  group: 'Operation',
  method: 'GET',
  path: '/healthz',
  summary: 'Is the process alive?',
  description: ['Says nothing of the stores, so that the outage of a store restarts no process.'],
  answers: [{ status: 200, description: 'It is.', schema: ALIVE, example: { status: 'ok' } }],
  example: { shell: ({ api, curl }) => `${curl} ${api}/healthz`, statuses: [200] },
};

export const GET_READINESS: RouteDoc = {
  id: 'getReadiness',
  group: 'Operation',
  method: 'GET',
  path: '/readyz',
  summary: 'Would a job that is sent now be accepted?',
  description: ['For load balancers.'],
  answers: [
    {
      status: 200,
      description: 'It would.',
      headers: ['cache-control'],
      schema: READY,
      example: { status: 'ready', checks: { postgres: 'ok', queue: 'ok' } },
    },
    {
      status: 503,
      description: 'Not now.',
      headers: ['cache-control'],
      schema: READY,
      example: {
        status: 'not_ready',
        checks: { postgres: 'away: no job can be accepted until it answers', queue: 'ok' },
      },
    },
  ],
  example: { shell: ({ api, curl }) => `${curl} ${api}/readyz`, statuses: [200] },
};
