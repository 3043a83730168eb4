import fc from 'fast-check';
import { Records } from '@longhaul/records';
import { Retention } from '../../libs/jobs/src/retention';
import { claimed, completion, freshRecords, newJob, soon } from '../support/records';

// A real store, on machines of any speed.
jest.setTimeout(120_000);

const DAY_MS = 86_400_000;
const MONTH_MS = 30 * DAY_MS;

let records: Records;

beforeAll(async () => {
  records = await freshRecords();
});
/** Faster than TRUNCATE where there is little. */
const clear = (): Promise<unknown> =>
  rows('DELETE FROM jobs; DELETE FROM attempts; DELETE FROM ledger; DELETE FROM tombstones');
beforeEach(async () => {
  await clear();
  await records.lanes.declare([{ name: 'one', cap: 50 }], 50);
});

const rows = async <Row extends object>(text: string): Promise<Row[]> =>
  (await records.database.pool.query<Row>(text)).rows;
const idsIn = async (table: string, column = 'id'): Promise<string[]> =>
  (await rows<{ id: string }>(`SELECT DISTINCT ${column} AS id FROM ${table} ORDER BY 1`)).map(
    ({ id }) => id,
  );
const accept = async (change: Parameters<typeof newJob>[0] = {}) =>
  (await records.accepts.accept(newJob(change))).row;
const ended = async (change: Parameters<typeof newJob>[0] = {}): Promise<string> => {
  const { id } = await accept(change);
  await records.settle.settle(completion(await claimed(records, id)));
  return id;
};
const age = (id: string, by: string): Promise<unknown> =>
  rows(
    `UPDATE jobs SET completed_at = completed_at - interval '${by}', purge_at = purge_at - interval '${by}' WHERE id = '${id}'`,
  );

interface Stored {
  readonly status: string;
  readonly isHeld: boolean;
  readonly endedDaysAgo: number;
  /** In days from now; null = the job has no time to live of its own. */
  readonly purgeInDays: number | null;
  readonly attempts: readonly { readonly isClosed: boolean; readonly isBooked: boolean }[];
}

const OPEN = ['queued', 'in_progress'];
const ENDED = ['completed', 'incomplete', 'failed', 'cancelled'];
const usually = (value: boolean): fc.Arbitrary<boolean> =>
  fc.oneof({ weight: 6, arbitrary: fc.constant(value) }, fc.constant(!value));
const stored: fc.Arbitrary<Stored> = fc.record({
  status: fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...ENDED) }, fc.constantFrom(...OPEN)),
  isHeld: usually(false),
  endedDaysAgo: fc.constantFrom(0, 29, 31, 400),
  purgeInDays: fc.constantFrom(null, null, -1, 1),
  attempts: fc.array(fc.record({ isClosed: usually(true), isBooked: usually(true) }), { maxLength: 3 }),
});

const isDue = ({ status, isHeld, endedDaysAgo, purgeInDays, attempts }: Stored): boolean =>
  ENDED.includes(status) &&
  !isHeld &&
  attempts.every(({ isClosed, isBooked }) => isClosed && isBooked) &&
  (purgeInDays === null ? endedDaysAgo > 30 : purgeInDays < 0);

/** Whatever a fault, an older version or a hand at the database may leave: also what no statement of ours does. */
async function store(job: Stored, id: string): Promise<void> {
  const lease = job.isHeld ? `'w1', now()` : 'NULL, NULL';
  const purgeAt = job.purgeInDays === null ? 'NULL' : `now() + interval '${String(job.purgeInDays)} days'`;
  await rows(`
    INSERT INTO jobs (id, caller, type, status, model, input, chain, decision, provider, target_model, max_calls,
                      ready_at, deadline_at, lease_owner, lease_until, completed_at, purge_at)
    VALUES ('${id}', 'local', 'chat', '${job.status}', 'm', '{}', '[]', '{}', 'one', 'm', 8, now(), now(), ${lease},
            now() - interval '${String(job.endedDaysAgo)} days', ${purgeAt})`);
  for (const [fence, { isClosed, isBooked }] of job.attempts.entries()) {
    const closed = isClosed ? `'succeeded', now()` : `'running', NULL`;
    await rows(`
      INSERT INTO attempts (job_id, fence, number, lane, model, ring, worker, started_at, status, ended_at)
      VALUES ('${id}', ${String(fence)}, 1, 'one', 'm', 1, 'w1', now(), ${closed})`);
    if (isBooked)
      await rows(`
        INSERT INTO ledger (job_id, fence, caller, provider, model, call)
        VALUES ('${id}', ${String(fence)}, 'local', 'one', 'm', 'answered')`);
  }
}

describe('a purge', () => {
  it('takes every job that has ended, is settled and whose time is over, and no other', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(stored, { minLength: 5, maxLength: 20 }), async (jobs) => {
        await clear();
        const named = jobs.map((job, at) => ({ id: `job_${String(at).padStart(3, '0')}`, job }));
        for (const { id, job } of named) await store(job, id);
        const booked = await rows('SELECT * FROM ledger ORDER BY job_id, fence');
        const due = named.filter(({ job }) => isDue(job)).map(({ id }) => id);
        expect(await records.retention.purge(MONTH_MS)).toEqual({ jobs: due.length, isMore: false });
        expect(await idsIn('tombstones', 'job_id')).toEqual(due);
        const left = named.map(({ id }) => id).filter((id) => !due.includes(id));
        expect(await idsIn('jobs')).toEqual(left);
        for (const table of ['attempts', 'job_events'])
          expect((await idsIn(table, 'job_id')).filter((id) => !left.includes(id))).toEqual([]);
        expect(await rows('SELECT * FROM ledger ORDER BY job_id, fence')).toEqual(booked);
      }),
      { numRuns: 40 },
    );
  });

  it('leaves what a deletion leaves: a tombstone, and the ledger', async () => {
    const [purged, removed] = [await ended(), await ended()];
    await age(purged, '31 days');
    expect(await records.retention.purge(MONTH_MS)).toEqual({ jobs: 1, isMore: false });
    await records.removals.remove(removed, 'local');
    for (const id of [purged, removed]) {
      await expect(records.jobs.find(id, 'local')).rejects.toMatchObject({ code: 'gone' });
      await expect(records.jobs.find(id, 'another')).rejects.toMatchObject({ code: 'not_found' });
    }
    expect(await idsIn('ledger', 'job_id')).toEqual([purged, removed].sort());
    expect(
      await records.list.page('local', { limit: 1, order: 'asc', statuses: [], metadata: {}, after: purged }),
    ).toEqual({ rows: [], hasMore: false });
  });

  it('keeps for ever what has no time to live, where the operator wants that', async () => {
    const [kept, short] = [await ended(), await ended({ ttlMs: DAY_MS })];
    for (const id of [kept, short]) await age(id, '1000 days');
    expect(await records.retention.purge(null)).toEqual({ jobs: 1, isMore: false });
    expect(await idsIn('jobs')).toEqual([kept]);
  });

  it('leaves nothing for an answer that comes after it, and takes nothing of what was booked', async () => {
    const { id } = await accept();
    const settlement = completion(await claimed(records, id));
    await records.settle.settle(settlement);
    await age(id, '31 days');
    await records.retention.purge(MONTH_MS);
    const booked = await rows('SELECT * FROM ledger');
    for (const takeover of [false, true])
      expect(await records.settle.settle(settlement, { takeover })).toBeNull();
    expect([await rows('SELECT * FROM ledger'), await idsIn('attempts', 'job_id')]).toEqual([booked, []]);
  });

  it('does no harm beside deletions and other purges of the same jobs', async () => {
    const ids = await Promise.all(Array.from({ length: 30 }, () => ended()));
    await rows(`UPDATE jobs SET completed_at = completed_at - interval '31 days'`);
    const purges = Array.from({ length: 6 }, () => records.retention.purge(MONTH_MS));
    const removals = await Promise.all(ids.map((id) => records.removals.remove(id, 'local')));
    const purged = (await Promise.all(purges)).reduce((sum, { jobs }) => sum + jobs, 0);
    await records.retention.purge(MONTH_MS);
    expect(removals.filter((removal) => removal === 'removed').length + purged).toBeLessThanOrEqual(30);
    expect([await idsIn('jobs'), await idsIn('tombstones', 'job_id')]).toEqual([[], ids.sort()]);
  });

  it('waits for nobody who holds a job, and takes it the next time', async () => {
    const ids = [await ended(), await ended()];
    await rows(`UPDATE jobs SET completed_at = completed_at - interval '31 days'`);
    const holder = await records.database.pool.connect();
    await holder.query('BEGIN');
    await holder.query('SELECT 1 FROM jobs WHERE id = $1 FOR UPDATE', [ids[0]]);
    expect(await records.retention.purge(MONTH_MS)).toMatchObject({ jobs: 1 });
    await holder.query('ROLLBACK');
    holder.release();
    expect(await records.retention.purge(MONTH_MS)).toMatchObject({ jobs: 1 });
  });
});

describe('the time to live of a job', () => {
  const purgeInMs = async (id: string): Promise<number | null> => {
    const [row] = await rows<{ ms: string | null }>(
      `SELECT extract(epoch FROM purge_at - completed_at) * 1000 AS ms FROM jobs WHERE id = '${id}'`,
    );
    return row?.ms === null || row === undefined ? null : Number(row.ms);
  };
  const job = { ttlMs: 90_000 };

  it('counts from its end, and not before, whichever way it ends', async () => {
    const [answered, failed, cancelled, overdue, moved, lost] = await Promise.all(
      Array.from({ length: 6 }, async () => (await accept(job)).id),
    );
    for (const id of [answered, cancelled]) expect(await purgeInMs(String(id))).toBeNull();
    const failure = completion(await claimed(records, String(failed)));
    const error = { code: 'internal', message: 'x' };
    await records.settle.settle({ ...failure, job: { ...failure.job, status: 'failed', error } as never });
    await records.settle.settle(completion(await claimed(records, String(answered))));
    await records.jobs.cancelRunning(String(cancelled), 'local');
    await rows(`UPDATE jobs SET deadline_at = now() - interval '1 second' WHERE id = '${String(overdue)}'`);
    await records.jobs.endOverdue();
    const target = { provider: 'one', model: 'm' } as never;
    await records.jobs.move({ jobId: String(moved), ring: 1, readyAt: null, position: 0, target, error });
    await claimed(records, String(lost), { leaseMs: 1 });
    await rows(
      `UPDATE jobs SET cancel_requested_at = now(), lease_until = now() - interval '1 second' WHERE id = '${String(lost)}'`,
    );
    await records.leases.freeDead(soon());
    const all = [answered, failed, cancelled, overdue, moved, lost];
    expect(await Promise.all(all.map((id) => purgeInMs(String(id))))).toEqual(all.map(() => 90_000));
  });

  it('is longer or shorter than the age at which others go', async () => {
    const [short, long] = [await ended(job), await ended({ ttlMs: 400 * DAY_MS })];
    for (const id of [short, long]) await age(id, '89 seconds');
    expect(await records.retention.purge(MONTH_MS)).toMatchObject({ jobs: 0 });
    await age(short, '2 seconds');
    await age(long, '399 days');
    expect(await records.retention.purge(MONTH_MS)).toMatchObject({ jobs: 1 });
    expect(await idsIn('jobs')).toEqual([long]);
  });
});

describe('the rounds of a retention', () => {
  it('take bounded batches one after the other, then look again when it is time', async () => {
    const fill = (): Promise<unknown> =>
      rows(`
        INSERT INTO jobs (id, caller, type, status, model, input, chain, decision, provider, target_model, max_calls,
                          ready_at, deadline_at, completed_at)
        SELECT 'job_' || n, 'local', 'chat', 'completed', 'm', '{}', '[]', '{}', 'one', 'm', 8, now(), now(),
               now() - interval '31 days' FROM generate_series(1, 1200) n`);
    await fill();
    let nowMs = 0;
    const purged: number[] = [];
    const meter = { purged: (jobs: number): void => void purged.push(jobs) };
    const options = { everyMs: 30_000, jobMs: MONTH_MS, tombstoneMs: DAY_MS, now: () => nowMs };
    const retention = new Retention({ records, meter }, options);
    for (let round = 0; round < 5; round++) await retention.round();
    expect(purged).toEqual([500, 500, 200]);
    await fill();
    nowMs = 29_999;
    await retention.round();
    expect(purged).toHaveLength(3);
    nowMs = 30_000;
    await retention.round();
    expect(purged).toEqual([500, 500, 200, 500]);
  });

  it('forget tombstones after a longer time; then nobody knows of the job', async () => {
    const [old, young] = [await ended(), await ended()];
    for (const id of [old, young]) await records.removals.remove(id, 'local');
    await rows(`UPDATE tombstones SET deleted_at = now() - interval '25 hours' WHERE job_id = '${old}'`);
    const options = { everyMs: 30_000, jobMs: null, now: () => 0 };
    const meter = { purged: () => undefined };
    await new Retention({ records, meter }, { ...options, tombstoneMs: null }).round();
    expect(await idsIn('tombstones', 'job_id')).toHaveLength(2);
    await new Retention({ records, meter }, { ...options, tombstoneMs: DAY_MS }).round();
    await expect(records.jobs.find(old, 'local')).rejects.toMatchObject({ code: 'not_found' });
    await expect(records.jobs.find(young, 'local')).rejects.toMatchObject({ code: 'gone' });
  });
});
