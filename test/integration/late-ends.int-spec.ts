import { once } from 'node:events';
import type { PoolClient } from 'pg';
import { JobRow, Records } from '@longhaul/records';
import { claim, claimed, completion, freshRecords, newJob, retry, soon, targetOf } from '../support/records';

let records: Records;

beforeEach(async () => {
  records = await freshRecords();
  await records.lanes.declare(
    [
      { name: 'one', cap: 3 },
      { name: 'two', cap: 3 },
    ],
    10,
  );
});

const accept = async (change: Parameters<typeof newJob>[0] = {}) =>
  (await records.accepts.accept(newJob(change))).row;

describe('an answer', () => {
  it('with characters that PostgreSQL refuses is kept, with a mark in their place', async () => {
    const job = await claimed(records, (await accept()).id);
    const answer = completion(job, { text: 'a\u0000b \ud800 c' });
    const noted = { ...answer, attempt: { ...answer.attempt, message: 'odd\u0000' } };
    expect(await records.settle.settle(noted)).toBe('completed');
    expect((await records.jobs.read(job.id))?.output).toEqual({ text: 'a\ufffdb \ufffd c' });
  });

  it('that comes after its job was freed and moved names the target that gave it', async () => {
    const chain = [targetOf('one', 'slow'), targetOf('two')] as const;
    const job = await claimed(records, (await accept({ chain })).id, { leaseMs: -1 });
    await records.leases.freeDead(soon());
    const onward = {
      jobId: job.id,
      ring: 2,
      readyAt: null,
      position: 1,
      target: chain[1],
      error: null,
      reason: null,
    };
    expect(await records.jobs.move(onward)).toBe(true);
    expect(await records.settle.settle(completion(job))).toBe('completed');
    expect(await records.jobs.read(job.id)).toMatchObject({ provider: 'one', targetModel: 'slow' });
  });
});

describe('progress', () => {
  const show = async ({ id: jobId, fence }: JobRow, message: string): Promise<void> => {
    const progress = { percent: null, message, tokens: 1, seconds_since_last_token: 0 };
    expect(await records.progress.show([{ jobId, fence, progress }])).toEqual([jobId]);
  };

  it('speaks of the call that runs: a new claim and an end forget what was said before', async () => {
    const first = await claimed(records, (await accept()).id);
    await show(first, 'm is answering');
    await records.settle.settle(retry(first));
    expect((await records.jobs.read(first.id))?.progress).toBeNull();
    const second = await claimed(records, first.id, { ring: 2 });
    await show(second, 'm is answering again');
    await records.settle.settle(completion(second));
    expect((await records.jobs.read(first.id))?.progress).toBeNull();
  });
});

describe('a success of a call that was sent before a cool-down began', () => {
  it('does not end the cool-down, but lets the next one begin short', async () => {
    const first = await claimed(records, (await accept()).id);
    const second = await claimed(records, (await accept()).id);
    const third = await claimed(records, (await accept()).id);
    const cooling = {
      scope: 'target:one/m',
      code: 'rate_limited',
      forMs: 5000,
      growing: true,
      mostMs: 60_000,
    };
    const until = async () => (await records.jobs.barsOf([targetOf('one')]))[0]?.until?.getTime() ?? 0;
    await records.settle.settle(retry(first, cooling));
    const barredUntil = await until();
    await records.settle.settle({ ...completion(second), warm: cooling.scope });
    expect(await until()).toBe(barredUntil);
    await records.settle.settle(retry(third, cooling));
    expect(await until()).toBeLessThan(barredUntil + 4000);
  });
});

describe('a job whose time has passed before it was accepted', () => {
  it('may run from now on, with its whole deadline', async () => {
    const { id } = await accept({ runAt: new Date(0), deadlineMs: 60_000 });
    const job = await records.jobs.read(id);
    const since = (time?: Date) =>
      Math.round(((time?.getTime() ?? 0) - (job?.createdAt.getTime() ?? 0)) / 1000);
    expect([job?.phase, since(job?.readyAt), since(job?.deadlineAt)]).toEqual(['waiting', 0, 60]);
  });
});

describe('a job that ends by its third death', () => {
  it('has an open cost, also when earlier calls had a price', async () => {
    const { id } = await accept();
    await records.settle.settle(retry(await claimed(records, id)));
    expect((await records.jobs.read(id))?.costNanoUsd).toBe(0);
    for (let death = 1; death <= 3; death++) {
      await claimed(records, id, { ring: 1 + death, leaseMs: -1 });
      await records.leases.freeDead(soon());
    }
    expect(await records.jobs.read(id)).toMatchObject({ status: 'failed', costNanoUsd: null });
  });
});

describe('a job whose worker dies in the last call that it may make', () => {
  it('is not taken over for one call more, and ends', async () => {
    const { id } = await accept({ maxCalls: 1 });
    await claimed(records, id, { leaseMs: -1 });
    expect(await claim(records, id, { takeOverUntil: soon() })).toEqual({ answer: 'stale', why: 'held' });
    expect(await records.leases.freeDead(soon())).toMatchObject([{ jobId: id, status: 'failed' }]);
    const job = await records.jobs.read(id);
    expect(job).toMatchObject({ status: 'failed', phase: null, error: { code: 'all_providers_failed' } });
    expect(job?.error?.message).toContain('MAX_CALLS_PER_JOB');
  });
});

describe('a connection that breaks in a transaction', () => {
  it('fails that transaction as store_unavailable and does not end the process', async () => {
    const { database } = records;
    const lent = once(database.pool, 'acquire') as Promise<[PoolClient]>;
    const work = database.transaction(async (session) => {
      const [client] = await lent;
      expect(client.listenerCount('error')).toBe(1);
      const ended = once(client, 'end');
      const { rows } = await session.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      await database.pool.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
      await ended;
      await session.query('SELECT 1');
    });
    await expect(work).rejects.toMatchObject({ code: 'store_unavailable' });
    await database.pool.query('SELECT 1');
  });
});

describe('a lane that is off', () => {
  it('names the jobs that can go elsewhere, however many before them can but stay', async () => {
    await records.lanes.declare([{ name: 'one', cap: 0 }], 10);
    for (let i = 0; i < 100; i++) await accept();
    const movable = await accept({ chain: [targetOf('one'), targetOf('two')] });
    expect(await records.feed.feed('one')).toMatchObject({ rung: [], barred: [movable.id] });
  });
});

describe('a job of later', () => {
  it('waits, and is no longer scheduled, once its time has come and it was rung', async () => {
    const job = await accept({ runAt: new Date(Date.now() + 60_000) });
    expect(job.phase).toBe('scheduled');
    await records.database.pool.query(`UPDATE jobs SET ready_at = now() WHERE id = $1`, [job.id]);
    expect(await records.feed.feed('one')).toMatchObject({ rung: [{ jobId: job.id, ring: 1 }] });
    expect((await records.jobs.read(job.id))?.phase).toBe('waiting');
  });
});
