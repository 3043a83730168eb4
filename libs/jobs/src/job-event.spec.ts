import { JOB_PHASES, JOB_STATUSES } from '@longhaul/contract';
import { EVENT_TYPES, eventType } from './job-event';

describe('the type of an event', () => {
  it.each([
    [{ seq: 0, status: 'queued', phase: 'waiting' }, 'job.queued'],
    [{ seq: 0, status: 'queued', phase: 'scheduled' }, 'job.scheduled'],
    [{ seq: 1, status: 'queued', phase: 'waiting' }, 'job.waiting'],
    [{ seq: 1, status: 'in_progress', phase: 'running' }, 'job.attempt.started'],
    [{ seq: 2, status: 'in_progress', phase: 'retry_wait' }, 'job.retry_wait'],
    [{ seq: 2, status: 'in_progress', phase: 'fallback' }, 'job.fallback'],
    [{ seq: 2, status: 'in_progress', phase: 'cancelling' }, 'job.cancelling'],
    [{ seq: 3, status: 'cancelled', phase: null }, 'job.cancelled'],
    [{ seq: 4, status: 'in_progress', phase: null }, 'job.moved'],
  ] as const)('of %j is %s', (row, type) => expect(eventType(row)).toBe(type));

  it('is a listed one for every status and phase', () => {
    const all = JOB_STATUSES.flatMap((status) =>
      [...JOB_PHASES, null].map((phase) => eventType({ seq: 1, status, phase })),
    );
    expect(all.filter((type) => !EVENT_TYPES.includes(type))).toEqual([]);
  });
});
