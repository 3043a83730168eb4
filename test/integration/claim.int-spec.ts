import { Records } from '@longhaul/records';
import { claim, claimed, completion, freshRecords, newJob, retry, soon, targetOf } from '../support/records';

let records: Records;

beforeEach(async () => {
  records = await freshRecords();
  await records.lanes.declare(
    [
      { name: 'one', cap: 3 },
      { name: 'two', cap: 3 },
      { name: 'off', cap: 0 },
    ],
    4,
  );
});

const accept = async (change: Parameters<typeof newJob>[0] = {}) =>
  (await records.accepts.accept(newJob(change))).row;
const rows = async (text: string) => (await records.database.pool.query<Record<string, unknown>>(text)).rows;
const heldSlots = () => rows('SELECT scope, n, job_id FROM slots WHERE job_id IS NOT NULL ORDER BY 1, 2');

describe('a claim', () => {
  it('counts what is left until the deadline from the start of its attempt, so that none that is late may call', async () => {
    const { id } = await accept();
    const answers = [
      await claim(records, id, { leaseMs: -1 }),
      await claim(records, id, { takeOverUntil: soon() }),
    ];
    const left = await rows(
      `SELECT (extract(epoch FROM j.deadline_at - a.started_at) * 1000)::float8 AS "msToDeadline"
       FROM attempts a JOIN jobs j ON j.id = a.job_id ORDER BY a.number`,
    );
    expect(answers).toMatchObject(left.map((row) => ({ answer: 'claimed', ...row })));
    expect(left).toHaveLength(2);
  });

  it('takes the job, one slot of its provider, one of all, and writes the attempt before anything is sent', async () => {
    const job = await accept();
    const won = await claimed(records, job.id);
    expect(won).toMatchObject({
      status: 'in_progress',
      phase: 'running',
      fence: 1,
      attempts: 1,
      leaseOwner: 'w1',
    });
    expect(await heldSlots()).toEqual([
      { scope: '*', n: 1, job_id: job.id },
      { scope: 'one', n: 1, job_id: job.id },
    ]);
    expect(await records.attempts.list(job.id)).toMatchObject([
      { number: 1, status: 'running', lane: 'one', ring: 1, call: null },
    ]);
  });

  it('is stale for another ring, a held job, an ended job, a cancelled job, a job of later, a job past its deadline', async () => {
    const job = await accept();
    expect(await claim(records, job.id, { ring: 2 })).toEqual({ answer: 'stale', why: 'other_ring' });
    const won = await claimed(records, job.id);
    expect(await claim(records, job.id)).toEqual({ answer: 'stale', why: 'held' });
    await records.settle.settle(completion(won));
    expect(await claim(records, job.id)).toEqual({ answer: 'stale', why: 'ended' });
    const cancelled = await accept();
    await records.jobs.cancel(cancelled.id, 'local');
    expect(await claim(records, cancelled.id)).toEqual({ answer: 'stale', why: 'ended' });
    expect(await claim(records, (await accept({ runAt: new Date(Date.now() + 60_000) })).id)).toEqual({
      answer: 'stale',
      why: 'early',
    });
    expect(await claim(records, (await accept({ deadlineMs: 0 })).id)).toEqual({
      answer: 'stale',
      why: 'ending',
    });
    expect(await claim(records, 'job_unknown')).toEqual({ answer: 'stale', why: 'unknown' });
  });

  it('never exceeds a cap, nor leaves a half-taken slot, when many claim at once', async () => {
    const jobs = await Promise.all(
      Array.from({ length: 40 }, (_, i) => accept({ chain: [targetOf(i % 2 ? 'one' : 'two')] })),
    );
    const answers = await Promise.all(jobs.map((job) => claim(records, job.id)));
    const won = answers.filter((answer) => answer.answer === 'claimed');
    expect(won.length).toBeLessThanOrEqual(4);
    expect(won.length).toBeGreaterThan(0);
    const held = await heldSlots();
    expect(held.filter((slot) => slot.scope === '*')).toHaveLength(won.length);
    expect(held.filter((slot) => slot.scope !== '*')).toHaveLength(won.length);
    expect(answers.filter((answer) => answer.answer === 'full')).toHaveLength(40 - won.length);
  });

  it('says which cap is full, and takes nothing then', async () => {
    for (let i = 0; i < 3; i++) await claimed(records, (await accept()).id);
    const fourth = await accept();
    expect(await claim(records, fourth.id)).toEqual({ answer: 'full', scope: 'provider' });
    await claimed(records, (await accept({ chain: [targetOf('two')] })).id);
    expect(await claim(records, (await accept({ chain: [targetOf('two')] })).id)).toEqual({
      answer: 'full',
      scope: 'total',
    });
    expect(await heldSlots()).toHaveLength(8);
    expect((await records.jobs.read(fourth.id))?.attempts).toBe(0);
  });

  it('is barred while the target, its key or its provider cools, and when the provider is off', async () => {
    const job = await accept();
    const won = await claimed(records, job.id);
    await records.settle.settle(
      retry(won, {
        scope: 'credential:one',
        code: 'quota_exhausted',
        forMs: 60_000,
        growing: false,
        mostMs: 60_000,
      }),
    );
    const answer = await claim(records, job.id, { ring: 2 });
    expect(answer).toMatchObject({ answer: 'barred' });
    expect(answer.answer === 'barred' && answer.until ? answer.until.getTime() : 0).toBeGreaterThan(
      Date.now() + 50_000,
    );
    expect(await claim(records, (await accept({ chain: [targetOf('off')] })).id)).toEqual({
      answer: 'barred',
      until: null,
    });
    expect(await heldSlots()).toEqual([]);
  });
});

describe('a cap that was lowered', () => {
  it('takes no running claim away, and lets none begin above it', async () => {
    const [first, second] = [await accept(), await accept()];
    const running = await claimed(records, first.id);
    await claimed(records, second.id);
    await records.lanes.declare([{ name: 'one', cap: 1 }], 4);
    await records.settle.settle(completion(running));
    const third = await accept();
    await claimed(records, third.id);
    expect(await claim(records, (await accept()).id)).toEqual({ answer: 'full', scope: 'provider' });
  });
});

describe('an expired lease', () => {
  it('is not taken over by a process that may not judge it yet, and its slots stay taken', async () => {
    const job = await accept();
    await claimed(records, job.id, { leaseMs: -1 });
    expect(await claim(records, job.id)).toEqual({ answer: 'stale', why: 'held' });
    await claimed(records, (await accept()).id);
    await claimed(records, (await accept()).id);
    expect(await claim(records, (await accept()).id)).toEqual({ answer: 'full', scope: 'provider' });
  });

  it('is taken over under a new fence: the old attempt is closed, its call booked as unknown, a death counted', async () => {
    const job = await accept();
    const dead = await claimed(records, job.id, { leaseMs: -1 });
    const won = await claimed(records, job.id, { takeOverUntil: soon(), worker: 'w2' });
    expect(won).toMatchObject({ fence: 2, deaths: 1, attempts: 2, leaseOwner: 'w2' });
    expect(await records.attempts.list(job.id)).toMatchObject([
      { number: 1, status: 'failed', error: { code: 'worker_lost' }, call: 'unknown', cost_usd: null },
      { number: 2, status: 'running', worker: 'w2' },
    ]);
    expect(await heldSlots()).toHaveLength(2);
    expect(await records.settle.settle(completion(dead))).toBeNull();
    expect(await records.settle.settle(completion(won))).toBe('completed');
    expect(await heldSlots()).toEqual([]);
  });

  it('is not taken over when its cancel was acknowledged', async () => {
    const job = await accept();
    await claimed(records, job.id, { leaseMs: -1 });
    await records.jobs.cancel(job.id, 'local');
    expect(await claim(records, job.id, { takeOverUntil: soon() })).toEqual({ answer: 'stale', why: 'held' });
  });

  it('is freed by the Reconciler: the job waits under a new ring, without slots; the third death is poison', async () => {
    const job = await accept();
    for (const death of [1, 2]) {
      await claimed(records, job.id, { leaseMs: -1, ring: death });
      expect(await records.leases.freeDead(soon())).toEqual([
        { jobId: job.id, type: 'chat', lane: 'one', status: 'in_progress' },
      ]);
      expect(await records.jobs.read(job.id)).toMatchObject({
        deaths: death,
        ring: death + 1,
        leaseOwner: null,
        rungAt: null,
      });
    }
    await claimed(records, job.id, { leaseMs: -1, ring: 3 });
    expect(await claim(records, job.id, { ring: 3, takeOverUntil: soon() })).toEqual({
      answer: 'stale',
      why: 'held',
    });
    expect(await records.leases.freeDead(soon())).toEqual([
      { jobId: job.id, type: 'chat', lane: 'one', status: 'failed' },
    ]);
    expect((await records.jobs.read(job.id))?.error?.code).toBe('poison');
    expect(await heldSlots()).toEqual([]);
  });

  it('still lets its owner commit the paid answer late, while nobody has claimed the job since', async () => {
    const job = await accept();
    const slow = await claimed(records, job.id, { leaseMs: -1 });
    await records.leases.freeDead(soon());
    expect(
      (await records.leases.renew([{ jobId: job.id, fence: 1 }], { worker: 'w1', leaseMs: 1000 })).renewed,
    ).toHaveLength(1);
    expect(await records.settle.settle(completion(slow))).toBe('completed');
    expect(await records.attempts.list(job.id)).toMatchObject([
      { status: 'succeeded', error: null, call: 'answered', cost_usd: 0.0000015 },
    ]);
  });

  it('is renewed for every claim whose fence stands, and only for those', async () => {
    const [kept, lost] = [await accept(), await accept()];
    await claimed(records, kept.id, { leaseMs: -1 });
    await claimed(records, lost.id, { leaseMs: -1 });
    await claimed(records, lost.id, { takeOverUntil: soon(), worker: 'w2' });
    await records.jobs.cancel(kept.id, 'local');
    const { renewed } = await records.leases.renew(
      [
        { jobId: kept.id, fence: 1 },
        { jobId: lost.id, fence: 1 },
      ],
      { worker: 'w1', leaseMs: 5000 },
    );
    expect(renewed).toEqual([{ jobId: kept.id, fence: 1, cancelRequested: true }]);
    expect(
      (await rows(`SELECT lease_until > now() AS live FROM slots WHERE job_id = '${kept.id}'`)).every(
        (slot) => slot.live,
      ),
    ).toBe(true);
  });
});
