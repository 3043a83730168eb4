import { STATUS } from '../examples/registry';
import { RouteDoc } from '../route-doc';
import { ALIVE, READY } from '../schemas/health.schema';
import { ref } from '../schemas/view';

export const GET_STATUS: RouteDoc = {
  id: 'getStatus',
  group: 'Operation',
  method: 'GET',
  path: '/v1/status',
  summary: 'How is it going?',
  description: ['The stores, and each lane: what runs, what waits and since when, in numbers and in words.'],
  answers: [
    {
      status: 200,
      description: 'As PostgreSQL knows it now, over all processes.',
      headers: ['cache-control'],
      schema: ref('Status'),
      example: STATUS,
    },
  ],
  example: { shell: ({ api, curl }) => `${curl} ${api}/v1/status`, statuses: [200] },
};

export const GET_HEALTH: RouteDoc = {
  id: 'getHealth',
  group: 'Operation',
  method: 'GET',
  path: '/healthz',
  summary: 'Is the process alive?',
  description: ['Says nothing of the stores, so that the outage of a store restarts no process.'],
  answers: [
    {
      status: 200,
      description: 'It is.',
      headers: ['cache-control'],
      schema: ALIVE,
      example: { status: 'ok' },
    },
  ],
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
      example: {
        status: 'ready',
        checks: {
          ...{ database: 'ok', queue: 'ok', config: 'ok: version 3', spool: 'ok', lanes: 'ok' },
          feeder: 'ok: the last feed of each lane is 1 s old or younger',
        },
      },
    },
    {
      status: 503,
      description: 'Not now.',
      headers: ['cache-control'],
      schema: READY,
      example: {
        status: 'not_ready',
        checks: {
          database: 'away: no job can be accepted until it answers',
          queue: 'ok',
          config: 'ok: no overrides',
          spool: 'ok',
          lanes: 'ok',
          feeder: 'ok: the last feed of each lane is 1 s old or younger',
        },
      },
    },
  ],
  example: { shell: ({ api, curl }) => `${curl} ${api}/readyz`, statuses: [200] },
};

export const GET_METRICS: RouteDoc = {
  id: 'getMetrics',
  group: 'Operation',
  method: 'GET',
  path: '/metrics',
  summary: 'What this process measures',
  description: [
    'In the text format of Prometheus; docs/metrics.md tells what each name means. Workers answer it on their health port.',
  ],
  answers: [
    {
      status: 200,
      description: 'The counters of this process since its start, and the lanes as PostgreSQL knows them.',
      headers: ['cache-control'],
      type: 'text/plain',
      schema: { type: 'string' },
      example: 'longhaul_database_up 1\nlonghaul_lane_waiting{lane="sandbox"} 0\n',
    },
  ],
  example: { shell: ({ api, curl }) => `${curl} ${api}/metrics`, statuses: [200] },
};
