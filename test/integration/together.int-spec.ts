import { JobRow, Records, Settlement } from '@longhaul/records';
import { claim, claimed, completion, freshRecords, newJob, retry, targetOf } from '../support/records';

let records: Records;

beforeEach(async () => {
  records = await freshRecords();
  await records.lanes.declare(
    [
      { name: 'one', cap: 6 },
      { name: 'two', cap: 6 },
    ],
    10,
  );
});

const accept = async (change: Parameters<typeof newJob>[0] = {}) =>
  (await records.accepts.accept(newJob(change))).row;
const acceptMany = (count: number) => Promise.all(Array.from({ length: count }, () => accept()));
const rows = async (text: string) => (await records.database.pool.query<Record<string, unknown>>(text)).rows;
const claimAll = (jobs: readonly { readonly id: string }[]): Promise<JobRow[]> =>
  Promise.all(jobs.map(({ id }) => claimed(records, id)));
const settleAll = (settlements: readonly Settlement[]) =>
  Promise.all(settlements.map((settlement) => records.settle.settle(settlement)));

describe('claims of the same moment', () => {
  it('are one transaction, each with its own two slots and its own attempt', async () => {
    const jobs = await acceptMany(5);
    const won = await claimAll(jobs);
    expect(won.map(({ id, fence, attempts, leaseOwner }) => ({ id, fence, attempts, leaseOwner }))).toEqual(
      jobs.map(({ id }) => ({ id, fence: 1, attempts: 1, leaseOwner: 'w1' })),
    );
    expect(
      await rows('SELECT count(*)::int AS n, count(DISTINCT xmin::text)::int AS t FROM attempts'),
    ).toEqual([{ n: 5, t: 1 }]);
    expect(
      await rows(`SELECT s.scope, count(DISTINCT s.n)::int AS n FROM slots s JOIN jobs j
        ON (j.id, j.fence, j.provider, j.lease_until) = (s.job_id, s.fence, s.lane, s.lease_until) GROUP BY 1 ORDER BY 1`),
    ).toEqual([
      { scope: '*', n: 5 },
      { scope: 'one', n: 5 },
    ]);
  });

  it('take no more than the caps leave; the others hear which is full', async () => {
    const answers = await Promise.all((await acceptMany(9)).map(({ id }) => claim(records, id)));
    expect(answers.filter(({ answer }) => answer === 'claimed')).toHaveLength(6);
    expect(answers.filter(({ answer }) => answer === 'full')).toEqual(
      Array.from({ length: 3 }, () => ({ answer: 'full', scope: 'provider' })),
    );
    const others = await Promise.all(Array.from({ length: 5 }, () => accept({ chain: [targetOf('two')] })));
    const rest = await Promise.all(others.map(({ id }) => claim(records, id, { lane: 'two' })));
    expect(rest.filter(({ answer }) => answer === 'claimed')).toHaveLength(4);
    expect(rest.filter(({ answer }) => answer === 'full')).toEqual([{ answer: 'full', scope: 'total' }]);
    expect(await rows('SELECT count(*)::int AS n FROM slots WHERE job_id IS NOT NULL')).toEqual([{ n: 20 }]);
  });

  it.each([
    ['provider', 2, 10],
    ['total', 6, 2],
  ] as const)(
    'keep to a cap of the %s that was lowered, though it has more slots',
    async (scope, cap, total) => {
      await records.lanes.declare([{ name: 'one', cap }], total);
      const answers = await Promise.all((await acceptMany(3)).map(({ id }) => claim(records, id)));
      expect(answers.filter(({ answer }) => answer === 'claimed')).toHaveLength(2);
      expect(answers.filter(({ answer }) => answer === 'full')).toEqual([{ answer: 'full', scope }]);
    },
  );

  it('give one ticket that comes twice to one of the two', async () => {
    const job = await accept();
    const answers = await Promise.all([claim(records, job.id), claim(records, job.id)]);
    expect(answers.map(({ answer }) => answer).sort()).toEqual(['claimed', 'stale']);
    expect(await rows('SELECT count(*)::int AS n FROM slots WHERE job_id IS NOT NULL')).toEqual([{ n: 2 }]);
  });

  it('hear each for itself what is stale or barred', async () => {
    const [plain, cancelled] = await Promise.all([accept(), accept()]);
    const cool = await claimed(records, (await accept({ chain: [targetOf('one', 'hot')] })).id);
    const scope = 'target:one/hot';
    await records.settle.settle(
      retry(cool, { scope, code: 'overloaded', forMs: 60_000, growing: false, mostMs: 60_000 }),
    );
    await records.jobs.cancel(cancelled.id, 'local');
    const answers = await Promise.all([
      claim(records, plain.id),
      claim(records, cancelled.id),
      claim(records, plain.id, { ring: 7 }),
      claim(records, cool.id, { ring: 2 }),
    ]);
    expect(answers.map(({ answer }) => answer)).toEqual(['claimed', 'stale', 'stale', 'barred']);
  });

  it('yield to a lane that waits for a total slot', async () => {
    await records.lanes.declare([], 2);
    const [first] = await claimAll(await acceptMany(2));
    const waiting = await accept({ chain: [targetOf('two')] });
    await records.feed.feed('two');
    expect(await claim(records, waiting.id, { lane: 'two' })).toMatchObject({ answer: 'full' });
    if (first) await records.settle.settle(completion(first));
    const [greedy, wanted] = [await claim(records, (await accept()).id), await claim(records, waiting.id)];
    expect([greedy.answer, wanted.answer]).toEqual(['full', 'claimed']);
  });
});

describe('answers of the same moment', () => {
  it('end in one transaction, each with its output, its cost and its ledger row, and free their slots', async () => {
    const won = await claimAll(await acceptMany(4));
    await records.database.pool.query(
      `INSERT INTO cooldowns VALUES ('target:one/m', now(), 'overloaded', 3), ('target:one/n', now(), 'overloaded', 2)`,
    );
    const settlements = won.map((job, at) => ({
      ...completion(job, { text: `answer ${String(at)} "\\u0000 \u0000 \ud800` }),
      warm: 'target:one/m',
    }));
    expect(await settleAll(settlements)).toEqual(Array.from({ length: 4 }, () => 'completed'));
    expect(await rows('SELECT count(*)::int AS n, count(DISTINCT xmin::text)::int AS t FROM ledger')).toEqual(
      [{ n: 4, t: 1 }],
    );
    for (const [at, { id }] of won.entries()) {
      const output = { text: `answer ${String(at)} "\\u0000 \ufffd \ufffd` };
      expect(await records.jobs.read(id)).toMatchObject({
        ...{ status: 'completed', phase: null, output, costNanoUsd: 1500, leaseOwner: null, rungAt: null },
        ...{ usage: { freshInput: 10, output: 5 }, completedAt: expect.any(Date) as Date },
      });
      expect(await records.attempts.list(id)).toMatchObject([{ status: 'succeeded', call: 'answered' }]);
    }
    expect(await rows('SELECT 1 FROM slots WHERE job_id IS NOT NULL')).toEqual([]);
    expect(await rows('SELECT scope, strikes FROM cooldowns ORDER BY 1')).toEqual([
      { scope: 'target:one/m', strikes: 0 },
      { scope: 'target:one/n', strikes: 2 },
    ]);
  });

  it('do not suffer from one among them that PostgreSQL refuses', async () => {
    const [good, dear] = (await claimAll(await acceptMany(2))).map((job) => completion(job));
    if (!good || !dear) throw new Error('two were claimed');
    const tooDear = { ...dear, attempt: { ...dear.attempt, nanoUsd: 1e30 } };
    const [first, second] = await Promise.allSettled(
      [good, tooDear].map((one) => records.settle.settle(one)),
    );
    expect(first).toEqual({ status: 'fulfilled', value: 'completed' });
    expect(second?.status).toBe('rejected');
    expect(await settleAll([dear])).toEqual(['completed']);
  });

  it('settle each claim once, whatever else is in the group', async () => {
    const [first, second, third] = await claimAll(await acceptMany(3));
    if (!first || !second || !third) throw new Error('three were claimed');
    await records.jobs.cancel(second.id, 'local');
    const late = { ...completion(third), fence: 9 };
    const statuses = await settleAll([completion(first), completion(second), late, completion(first)]);
    expect([statuses[1], statuses[2]]).toEqual(['cancelled', null]);
    expect([statuses[0], statuses[3]].sort()).toEqual(['completed', null]);
    expect(await rows('SELECT count(*)::int AS n FROM ledger')).toEqual([{ n: 2 }]);
    expect(await rows('SELECT DISTINCT job_id FROM slots WHERE job_id IS NOT NULL')).toEqual([
      { job_id: third.id },
    ]);
  });

  it('add up what the claims before have cost', async () => {
    const first = await claimed(records, (await accept()).id);
    const failed = retry(first);
    await records.settle.settle({ ...failed, attempt: { ...failed.attempt, nanoUsd: 500 } });
    const again = await claimed(records, first.id, { ring: 2 });
    expect(await settleAll([completion(again)])).toEqual(['completed']);
    expect(await records.jobs.read(first.id)).toMatchObject({ costNanoUsd: 2000 });
  });

  it('do not wait for a neighbour that another statement has in hand, and see what that has changed', async () => {
    const [busy, plain] = await claimAll(await acceptMany(2));
    if (!busy || !plain) throw new Error('two were claimed');
    const other = await records.database.pool.connect();
    try {
      await other.query('BEGIN');
      await other.query('UPDATE jobs SET cancel_requested_at = clock_timestamp() WHERE id = $1', [busy.id]);
      const [held, free] = [busy, plain].map((job) => records.settle.settle(completion(job)));
      expect(await free).toBe('completed');
      await other.query('COMMIT');
      expect(await held).toBe('cancelled');
    } finally {
      other.release();
    }
  });
});

describe('the statements for many', () => {
  it('look jobs and attempts up by their keys, also when they were planned in an empty store', async () => {
    const run = jest.spyOn(records.database, 'run');
    const won = await claimed(records, (await accept()).id);
    await records.settle.settle(completion(won));
    await records.jobs.find(won.id, 'local');
    const asked = new Map(
      run.mock.calls.map(([statement, values]) => [statement.name, { statement, values }]),
    );
    run.mockRestore();
    await records.database.pool.query('TRUNCATE jobs, attempts, ledger, job_events');
    const client = await records.database.pool.connect();
    try {
      await client.query('SET plan_cache_mode = force_generic_plan');
      for (const name of ['claim_together', 'settle_together', 'find']) {
        const { statement, values } = asked.get(name) ?? { statement: { text: '' }, values: [] };
        await client.query(`PREPARE planned_${name} AS ${statement.text}`);
        const { rows: lines } = await client.query<{ 'QUERY PLAN': string }>(
          `EXPLAIN EXECUTE planned_${name} (${values.map(() => 'NULL').join(', ')})`,
        );
        const plan = lines.map((line) => line['QUERY PLAN']).join('\n');
        expect(plan).toMatch(/Index Scan using jobs_pkey on jobs/);
        expect(plan).not.toMatch(/Seq Scan on (jobs|attempts)/);
      }
    } finally {
      client.release(true);
    }
  });
});
