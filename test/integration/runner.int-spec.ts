import { readdirSync } from 'node:fs';
import { ticketOf } from '@longhaul/queue';
import { Database, Records } from '@longhaul/records';
import { claimed, completion, freshRecords, newJob, soon } from '../support/records';
import { runnerOver } from '../support/runner';

let records: Records;

beforeEach(async () => {
  records = await freshRecords();
  await records.lanes.declare([{ name: 'one', cap: 3 }], 10);
});

const accept = async (change: Parameters<typeof newJob>[0] = {}) =>
  (await records.accepts.accept(newJob(change))).row;
const heldSlots = async () =>
  (await records.database.pool.query('SELECT 1 FROM slots WHERE job_id IS NOT NULL')).rowCount;

describe('a runner', () => {
  it('ends a job that it cannot read at once, uncalled: no lease is left to run out', async () => {
    const { runner, calls } = await runnerOver(records);
    const strange = [
      await accept({ type: 'of-a-newer-longhaul' }),
      await accept({ input: { shape: 'of a newer Longhaul' } }),
    ];
    for (const { id } of strange) {
      expect(await runner.run(ticketOf(id, 1), 'one')).toEqual({ fate: 'done' });
      expect(await records.jobs.read(id)).toMatchObject({
        status: 'failed',
        error: { code: 'internal' },
        deaths: 0,
        costNanoUsd: 0,
      });
      expect(await records.attempts.list(id)).toMatchObject([{ status: 'failed', call: 'not_sent' }]);
    }
    expect(await heldSlots()).toBe(0);
    expect(calls()).toBe(0);
  });

  describe('whose clock is two hours off', () => {
    afterEach(() => jest.useRealTimers());

    /** Only the date is faked: timers and the monotonic clock go on. */
    const aheadTwoHours = () => {
      const timers = ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] as const;
      const others = ['setImmediate', 'clearImmediate', 'nextTick', 'performance', 'hrtime'] as const;
      const doNotFake = [...timers, ...others, 'queueMicrotask' as const];
      jest.useFakeTimers({ now: Date.now() + 2 * 3_600_000, doNotFake });
    };

    it('gives a job its whole deadline', async () => {
      const { runner, calls } = await runnerOver(records);
      const job = await accept({ deadlineMs: 60_000 });
      aheadTwoHours();
      await runner.run(ticketOf(job.id, 1), 'one');
      expect((await records.jobs.read(job.id))?.status).toBe('completed');
      expect(calls()).toBe(1);
    });

    it('does not put a job off whose bar has just ended', async () => {
      const { barredMover } = await runnerOver(records);
      const { id } = await accept();
      aheadTwoHours();
      await barredMover.move(id);
      expect(await records.feed.feed('one')).toMatchObject({ rung: [{ jobId: id, ring: 2 }] });
    });
  });

  it('keeps a paid answer that PostgreSQL refuses on the disk, and ends the job instead of paying again', async () => {
    const { settler, spool, spoolFolder } = await runnerOver(records);
    const job = await claimed(records, (await accept()).id);
    const tooDear = completion(job);
    await settler.settle({ ...tooDear, attempt: { ...tooDear.attempt, nanoUsd: 1e30 } }, job);
    expect(await records.jobs.read(job.id)).toMatchObject({ status: 'failed', error: { code: 'internal' } });
    expect(await spool.jobIds()).toEqual([]);
    await spool.close();
    expect(readdirSync(spoolFolder)).toEqual([`${job.id}.1.refused`]);
    expect(await heldSlots()).toBe(0);
  });

  it('does not give a barred job up whose answer has come to the spool since its worker was taken for dead', async () => {
    const { barredMover, spool } = await runnerOver(records);
    const job = await claimed(records, (await accept({ deadlineMs: 60_000 })).id, { leaseMs: -1 });
    await records.leases.freeDead(soon());
    await spool.write(completion(job));
    await records.database.pool.query(
      `INSERT INTO cooldowns (scope, until, code) VALUES ('target:one/m', now() + interval '1 hour', 'overloaded')`,
    );
    await barredMover.move(job.id);
    expect((await records.jobs.read(job.id))?.status).toBe('completed');
    expect(await spool.jobIds()).toEqual([]);
  });

  it('gives a claim back of which it did not hear: no call, no death, and it waits for the next bell', async () => {
    const impatient = new Records(new Database({ url: records.database.url, poolSize: 4, callMs: 300 }));
    const { runner, calls } = await runnerOver(impatient);
    const job = await accept();
    const blocker = await records.database.pool.connect();
    await blocker.query('BEGIN');
    await blocker.query('SELECT 1 FROM jobs WHERE id = $1 FOR UPDATE', [job.id]);
    // The client gives up after 300 ms, the server after 600: the claim is granted in between.
    setTimeout(() => void blocker.query('COMMIT').then(() => blocker.release()), 450);
    await expect(runner.run(ticketOf(job.id, 1), 'one')).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(await records.jobs.read(job.id)).toMatchObject({
      status: 'in_progress',
      phase: 'waiting',
      ring: 2,
      fence: 1,
      deaths: 0,
      leaseOwner: null,
      rungAt: null,
    });
    expect(await records.attempts.list(job.id)).toMatchObject([
      { status: 'abandoned', call: 'not_sent', cost_usd: 0 },
    ]);
    expect(await heldSlots()).toBe(0);
    expect(calls()).toBe(0);
    await impatient.close();
  });
});

describe('an ending that PostgreSQL refuses', () => {
  /** A price that is no whole number stands for whatever else we did not foresee. */
  const unstorable = (job: Parameters<typeof completion>[0]) => {
    const answer = completion(job);
    return { ...answer, attempt: { ...answer.attempt, nanoUsd: 1.5 } };
  };

  it('fails its job, and holds neither its slots nor its place in the spool', async () => {
    const { settler, spool } = await runnerOver(records);
    const job = await claimed(records, (await accept()).id);
    await settler.settle(unstorable(job), job);
    expect(await records.jobs.read(job.id)).toMatchObject({
      status: 'failed',
      error: { code: 'internal' },
      costNanoUsd: null,
    });
    expect(await heldSlots()).toBe(0);
    expect(await spool.jobIds()).toEqual([]);
  });

  it('is set aside when it stands in the spool, and hides no other answer', async () => {
    const { settler, spool } = await runnerOver(records);
    const bad = await claimed(records, (await accept()).id, { leaseMs: -1 });
    const good = await claimed(records, (await accept()).id, { leaseMs: -1 });
    await spool.write(unstorable(bad));
    await spool.write(completion(good));
    await settler.commitAllSpooled();
    expect((await records.jobs.read(good.id))?.status).toBe('completed');
    expect((await records.jobs.read(bad.id))?.status).toBe('in_progress');
    expect(await spool.jobIds()).toEqual([]);
  });
});
