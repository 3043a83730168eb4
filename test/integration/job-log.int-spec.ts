import { Records } from '@longhaul/records';
import { eventType } from '../../libs/jobs/src/job-event';
import { claim, claimed, completion, freshRecords, newJob, retry, soon, targetOf } from '../support/records';

let records: Records;

beforeAll(async () => {
  records = await freshRecords();
  await records.lanes.declare([{ name: 'one', cap: 50 }], 50);
  await records.lanes.declare([{ name: 'two', cap: 50 }], 50);
});

const accept = async (change: Parameters<typeof newJob>[0] = {}) =>
  (await records.accepts.accept(newJob(change))).row;

/** The log as `type` or `type code`. */
async function logOf(jobId: string): Promise<string[]> {
  const { rows } = await records.events.page(jobId, { after: -1, limit: 1000 });
  expect(rows.map(({ seq }) => seq)).toEqual(rows.map((_, index) => index));
  return rows.map((row) => [eventType(row), row.code].filter(Boolean).join(' '));
}

const over = (settlement: ReturnType<typeof retry>) => ({
  ...settlement,
  job: {
    ...settlement.job,
    phase: 'fallback',
    position: 1,
    provider: 'two',
    tries: 0,
  } as typeof settlement.job,
});

describe('the log of a job has one line for every transition, in order', () => {
  it('from its acceptance to an answer', async () => {
    const job = await claimed(records, (await accept()).id);
    await records.settle.settle(completion(job));
    expect(await logOf(job.id)).toEqual(['job.queued', 'job.attempt.started', 'job.completed']);
  });

  it('over a retry and a hand-over, each with the code of the attempt that ended', async () => {
    const first = await claimed(records, (await accept({ chain: [targetOf('one'), targetOf('two')] })).id);
    await records.settle.settle(retry(first));
    const second = await claimed(records, first.id, { ring: 2 });
    await records.settle.settle(over(retry(second)));
    await records.settle.settle(completion(await claimed(records, first.id, { ring: 3 })));
    expect(await logOf(first.id)).toEqual([
      'job.queued',
      'job.attempt.started',
      'job.retry_wait upstream_error',
      'job.attempt.started',
      'job.fallback upstream_error',
      'job.attempt.started',
      'job.completed',
    ]);
    const { rows } = await records.events.page(first.id, { after: 3, limit: 2 });
    expect(rows).toMatchObject([
      { seq: 4, provider: 'two', attempt: 2 },
      { seq: 5, provider: 'two', attempt: 3 },
    ]);
  });

  it('of a cancel while it waits, and while it runs', async () => {
    const waiting = await accept();
    await records.jobs.cancel(waiting.id, 'local');
    await records.jobs.cancel(waiting.id, 'local');
    expect(await logOf(waiting.id)).toEqual(['job.queued', 'job.cancelled cancelled']);

    const running = await claimed(records, (await accept()).id);
    await records.jobs.cancel(running.id, 'local');
    await records.jobs.cancel(running.id, 'local');
    await records.settle.settle(completion(running));
    expect(await logOf(running.id)).toEqual([
      'job.queued',
      'job.attempt.started',
      'job.cancelling',
      'job.cancelled cancelled',
    ]);
  });

  it('of a worker that died, found by a Reconciler or by the next claim', async () => {
    const freed = await claimed(records, (await accept()).id, { leaseMs: -1 });
    await records.leases.freeDead(soon());
    const taken = await claimed(records, (await accept()).id, { leaseMs: -1 });
    await claimed(records, taken.id, { takeOverUntil: soon(), worker: 'w2' });
    expect(await logOf(freed.id)).toEqual([
      'job.queued',
      'job.attempt.started',
      'job.retry_wait worker_lost',
    ]);
    expect(await logOf(taken.id)).toEqual([
      'job.queued',
      'job.attempt.started',
      'job.attempt.started worker_lost',
    ]);
  });

  it('of a deadline, of a job that is moved from a barred target, and of a time that has come', async () => {
    const late = await accept({ deadlineMs: 1 });
    const lane = { chain: [targetOf('one'), targetOf('two')] as const };
    const barred = await accept(lane);
    const scheduled = await accept({ runAt: new Date(Date.now() + 400) });
    await records.jobs.move({
      ...{ jobId: barred.id, ring: 1, readyAt: null, position: 1, target: lane.chain[1], error: null },
    });
    await records.database.pool.query('SELECT pg_sleep(0.5)');
    await records.jobs.endOverdue();
    await records.feed.feed('one', { depth: 50 });
    expect(await logOf(late.id)).toEqual(['job.queued', 'job.failed deadline_exceeded']);
    expect(await logOf(barred.id)).toEqual(['job.queued', 'job.fallback']);
    expect(await logOf(scheduled.id)).toEqual(['job.scheduled', 'job.waiting']);
  });

  it('and none for renewals, bells, refused claims and progress', async () => {
    const job = await claimed(records, (await accept()).id);
    await records.leases.renew([{ jobId: job.id, fence: job.fence }], { worker: 'w1', leaseMs: 10_000 });
    await claim(records, job.id, { worker: 'w2' });
    await records.feed.takeOldRings(0);
    expect(await logOf(job.id)).toEqual(['job.queued', 'job.attempt.started']);
  });
});

describe('deleting a job', () => {
  const countOf = async (table: string, jobId: string): Promise<number> => {
    const found = await records.database.pool.query(`SELECT 1 FROM ${table} WHERE job_id = $1`, [jobId]);
    return found.rowCount ?? 0;
  };

  it('takes its attempts and its log along, and leaves the ledger and a tombstone', async () => {
    const job = await claimed(records, (await accept()).id);
    await records.settle.settle(completion(job));
    expect(await records.removals.remove(job.id, 'stranger')).toBe('missing');
    expect(await records.removals.remove(job.id, 'local')).toBe('removed');
    expect(await records.removals.remove(job.id, 'local')).toBe('missing');
    expect(await countOf('attempts', job.id)).toBe(0);
    expect(await countOf('job_events', job.id)).toBe(0);
    expect(await countOf('ledger', job.id)).toBe(1);
    await expect(records.jobs.find(job.id, 'local')).rejects.toMatchObject({ code: 'gone' });
    await expect(records.jobs.find(job.id, 'stranger')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('changes nothing of one that has not ended', async () => {
    const job = await claimed(records, (await accept()).id);
    expect(await records.removals.remove(job.id, 'local')).toBe('running');
    expect(await records.settle.settle(completion(job))).toBe('completed');
    expect(await countOf('job_events', job.id)).toBe(3);
  });

  it('is no way to have a job paid twice: its Idempotency-Key stays taken', async () => {
    const idempotency = { route: 'POST /v1/jobs', key: 'once', fingerprint: 'f' };
    const job = await accept({ idempotency });
    await records.jobs.cancel(job.id, 'local');
    await records.removals.remove(job.id, 'local');
    await expect(accept({ idempotency })).rejects.toMatchObject({ code: 'gone' });
  });
});
