import { GatewayError } from '@longhaul/contract';
import { Records } from '@longhaul/records';
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

describe('accept', () => {
  it('answers the first job for the same key and body, and refuses another body', async () => {
    const idempotency = { route: 'POST /v1/jobs', key: 'k1', fingerprint: 'a' };
    const first = await records.accepts.accept(newJob({ idempotency }));
    const again = await records.accepts.accept(newJob({ idempotency }));
    expect(first.replayed).toBe(false);
    expect(again).toMatchObject({ replayed: true, row: { id: first.row.id } });
    const other = records.accepts.accept(
      newJob({ idempotency: { route: 'POST /v1/jobs', key: 'k1', fingerprint: 'b' } }),
    );
    await expect(other).rejects.toMatchObject({ code: 'idempotency_conflict' });
    expect((await records.accepts.accept(newJob({ idempotency, caller: 'another' }))).replayed).toBe(false);
  });

  it('makes one job of a hundred requests with one key at the same time', async () => {
    const idempotency = { route: 'POST /v1/jobs', key: 'k', fingerprint: 'a' };
    const answers = await Promise.allSettled(
      Array.from({ length: 100 }, () => records.accepts.accept(newJob({ idempotency }))),
    );
    const ids = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value.row.id] : []));
    expect(new Set(ids).size).toBe(1);
    for (const answer of answers) {
      if (answer.status === 'rejected')
        expect((answer.reason as GatewayError).code).toBe('idempotency_in_flight');
    }
    expect((await records.database.pool.query('SELECT 1 FROM jobs')).rowCount).toBe(1);
  });
});

describe('settle', () => {
  it('ends a job once: a repeat after an unknown outcome changes nothing', async () => {
    const job = await claimed(records, (await accept()).id);
    expect(await records.settle.settle(completion(job))).toBe('completed');
    expect(await records.settle.settle(completion(job, { text: 'other' }))).toBeNull();
    expect(await records.jobs.read(job.id)).toMatchObject({
      status: 'completed',
      output: { text: 'done' },
      costNanoUsd: 1500,
    });
    expect((await records.database.pool.query('SELECT 1 FROM ledger')).rowCount).toBe(1);
  });

  it('hands a job over to the next rung with a new ring, and adds up the cost of all calls', async () => {
    const chain = [targetOf('one'), targetOf('two')] as const;
    const first = await claimed(records, (await accept({ chain })).id);
    const over = retry(first);
    await records.settle.settle({
      ...over,
      attempt: { ...over.attempt, nanoUsd: 500 },
      job: {
        ...over.job,
        phase: 'fallback',
        position: 1,
        provider: 'two',
        model: 'm',
        tries: 0,
      } as typeof over.job,
    });
    expect(await records.jobs.read(first.id)).toMatchObject({
      status: 'in_progress',
      phase: 'fallback',
      provider: 'two',
      position: 1,
      ring: 2,
      leaseOwner: null,
    });
    const second = await claimed(records, first.id, { ring: 2 });
    await records.settle.settle(completion(second));
    expect((await records.jobs.read(first.id))?.costNanoUsd).toBe(2000);
    expect(await records.attempts.list(first.id)).toMatchObject([
      { lane: 'one', ring: 1 },
      { lane: 'two', ring: 2 },
    ]);
  });

  it('leaves the cost open when one call is unpriced', async () => {
    const first = await claimed(records, (await accept()).id);
    const lost = retry(first);
    await records.settle.settle({ ...lost, attempt: { ...lost.attempt, call: 'unknown', nanoUsd: null } });
    await records.settle.settle(completion(await claimed(records, first.id, { ring: 2 })));
    expect((await records.jobs.read(first.id))?.costNanoUsd).toBeNull();
  });

  it('commits a spooled answer under a new fence, so that its writer can commit no more', async () => {
    const job = await claimed(records, (await accept()).id, { leaseMs: -1 });
    expect(await records.settle.settle(completion(job), { takeover: true })).toBe('completed');
    expect((await records.jobs.read(job.id))?.fence).toBe(2);
    expect(await records.attempts.list(job.id)).toMatchObject([{ status: 'succeeded', call: 'answered' }]);
  });
});

describe('cancel', () => {
  it('ends a waiting job at once, and a held one with its claim, whatever that brings', async () => {
    const waiting = await accept();
    expect(await records.jobs.cancel(waiting.id, 'local')).toMatchObject({
      status: 'cancelled',
      error: { code: 'cancelled' },
    });
    const held = await claimed(records, (await accept()).id);
    expect(await records.jobs.cancel(held.id, 'local')).toMatchObject({
      status: 'in_progress',
      phase: 'cancelling',
    });
    expect(await records.jobs.cancel(held.id, 'local')).toMatchObject({
      status: 'in_progress',
      phase: 'cancelling',
    });
    expect(await records.settle.settle(completion(held))).toBe('cancelled');
    expect(await records.jobs.read(held.id)).toMatchObject({
      status: 'cancelled',
      output: null,
      costNanoUsd: 1500,
    });
    expect(await records.jobs.cancel(held.id, 'local')).toMatchObject({ status: 'cancelled' });
  });

  it('does not know another caller’s job', async () => {
    const job = await accept();
    await expect(records.jobs.cancel(job.id, 'stranger')).rejects.toMatchObject({ code: 'not_found' });
    await expect(records.jobs.find(job.id, 'stranger')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('ends an unheld job of which a cancel was noted, and one past its deadline', async () => {
    const late = await accept({ deadlineMs: -1 });
    const held = await claimed(records, (await accept()).id, { leaseMs: -1 });
    await records.jobs.cancel(held.id, 'local');
    await records.leases.freeDead(soon());
    expect((await records.jobs.read(held.id))?.status).toBe('cancelled');
    expect(await records.jobs.endOverdue()).toEqual([{ id: late.id, type: 'chat', status: 'failed' }]);
    expect(await records.jobs.read(late.id)).toMatchObject({
      status: 'failed',
      error: { code: 'deadline_exceeded' },
    });
  });
});

describe('the feed', () => {
  const rungOf = async (lane: string, depth: number | null = null) => {
    const answer = await records.feed.feed(lane, { depth });
    return answer.fed ? answer.rung.map((rung) => rung.jobId) : 'busy';
  };

  it('rings by priority, then age, no more than the cap of unclaimed tickets, and nothing before its time', async () => {
    await accept({ runAt: new Date(Date.now() + 60_000), priority: 9 });
    const low = await accept({ priority: 1 });
    const first = await accept();
    const second = await accept();
    const high = await accept({ priority: 8 });
    expect(new Set(await rungOf('one'))).toEqual(new Set([high.id, first.id, second.id]));
    expect(await rungOf('one')).toEqual([]);
    await claimed(records, high.id);
    expect(await rungOf('one')).toEqual([low.id]);
  });

  it('tells when the next job becomes ready', async () => {
    await accept({ runAt: new Date(Date.now() + 5000) });
    const answer = await records.feed.feed('one');
    expect(answer.fed && answer.nextReadyMs).toBeGreaterThan(4000);
    expect(answer.fed && answer.nextReadyMs).toBeLessThanOrEqual(5000);
  });

  it('rings nothing whose target is barred, and names those that do better elsewhere than to wait', async () => {
    const bar = { scope: 'provider:one', code: 'client_not_allowed', growing: false } as const;
    const job = await claimed(records, (await accept()).id);
    const hurried = await accept({ deadlineMs: 20_000 });
    await records.settle.settle(retry(job, { ...bar, forMs: 30_000, mostMs: 30_000 }));
    const short = await records.feed.feed('one');
    expect(short).toMatchObject({ rung: [], barred: [hurried.id] });
    expect(short.fed && short.nextReadyMs).toBeGreaterThan(20_000);
    expect(short.fed && short.nextReadyMs).toBeLessThanOrEqual(30_000);
    await records.database.pool.query(`UPDATE cooldowns SET until = until + interval '90 s'`);
    expect(await records.feed.feed('one')).toMatchObject({ rung: [], barred: [hurried.id, job.id] });
  });

  it('never rings more than the depth when many feed at once', async () => {
    await Promise.all(Array.from({ length: 20 }, () => accept()));
    const fed = await Promise.all(Array.from({ length: 10 }, () => rungOf('one')));
    expect(fed.flatMap((answer) => (answer === 'busy' ? [] : answer))).toHaveLength(3);
  });

  it('rings an old, unclaimed ticket again under its number, once', async () => {
    const job = await accept();
    await rungOf('one');
    expect(await records.feed.takeOldRings(60_000)).toEqual([]);
    expect(await records.feed.takeOldRings(-1)).toEqual([{ jobId: job.id, ring: 1, lane: 'one' }]);
    await records.feed.unring([{ jobId: job.id, ring: 1 }]);
    expect(await rungOf('one')).toEqual([job.id]);
  });

  it('moves a job that nobody holds once per ring', async () => {
    const chain = [targetOf('one'), targetOf('two')] as const;
    const job = await accept({ chain });
    const move = {
      jobId: job.id,
      ring: 1,
      readyAt: null,
      position: 1,
      target: chain[1],
      error: null,
      reason: 'one waits',
    };
    expect(await records.jobs.move(move)).toBe(true);
    expect(await records.jobs.move(move)).toBe(false);
    expect(await records.jobs.read(job.id)).toMatchObject({
      provider: 'two',
      ring: 2,
      phase: 'fallback',
      status: 'queued',
      progress: { percent: null, message: 'one waits' },
    });
    expect(await claim(records, job.id, { ring: 1 })).toEqual({ answer: 'stale', why: 'other_ring' });
  });
});
