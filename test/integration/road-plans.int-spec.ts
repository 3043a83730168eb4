import { Client } from 'pg';
import { Records } from '@longhaul/records';
import { Explained, nodesIn, Plan } from '../support/plans';
import { claimed, completion, freshRecords, newJob, soon } from '../support/records';

// Many rows, on machines of any speed.
jest.setTimeout(120_000);

const ROWS = 30_000;
/** What grows with the history. */
const HISTORY = ['jobs', 'attempts', 'ledger', 'job_events', 'tombstones', 'idempotency_keys'];

let records: Records;

/** Ended jobs, each with what one leaves. They end a day ago at most, but for every thousandth. */
const FILL = [
  `INSERT INTO jobs (id, caller, type, status, model, input, chain, decision, provider, target_model, max_calls, attempts,
                     ready_at, deadline_at, created_at, completed_at, ttl_ms, purge_at)
   SELECT 'job_' || lpad(n::text, 8, '0'), 'local', 'chat', 'completed', 'auto', '{}', '[]', '{}', 'one', 'm', 8, 1,
     now(), now(), now() - n * interval '2 seconds',
     now() - CASE WHEN n % 1000 = 1 THEN interval '40 days' ELSE n * interval '2 seconds' END,
     CASE WHEN n % 10 = 0 THEN 86400000 END, CASE WHEN n % 10 = 0 THEN now() + (n % 1000 - 1) * interval '1 minute' END
   FROM generate_series(1, ${String(ROWS)}) n`,
  `INSERT INTO attempts (job_id, fence, number, lane, model, ring, worker, started_at, status, ended_at)
   SELECT id, 1, 1, 'one', 'm', 1, 'w1', now(), 'succeeded', now() FROM jobs`,
  `INSERT INTO ledger (job_id, fence, caller, provider, model, call) SELECT id, 1, caller, 'one', 'm', 'answered' FROM jobs`,
  `INSERT INTO job_events (job_id, seq, at, status, attempt, provider, model) SELECT id, 0, now(), status, 1, 'one', 'm' FROM jobs`,
  `INSERT INTO tombstones (job_id, caller, created_at) SELECT 'gone_' || id, caller, created_at FROM jobs`,
  `INSERT INTO idempotency_keys (caller, key, fingerprint, job_id) SELECT caller, id, 'x', id FROM jobs`,
];

beforeAll(async () => {
  records = await freshRecords();
  const { pool } = records.database;
  await pool.query('ALTER TABLE jobs DISABLE TRIGGER USER');
  for (const statement of FILL) await pool.query(statement);
  await pool.query('ALTER TABLE jobs ENABLE TRIGGER USER');
  await pool.query(`VACUUM ANALYZE ${HISTORY.join(', ')}`);
  await records.lanes.declare([{ name: 'one', cap: 10 }], 10);
});

interface Sent {
  readonly text: string;
  readonly values?: readonly unknown[];
}

/** The very statements that the work sends, as PostgreSQL plans them. */
async function plansOf(work: () => Promise<unknown>): Promise<Plan[]> {
  const query = jest.spyOn(Client.prototype, 'query');
  let sent: Sent[];
  try {
    await work();
    sent = (query.mock.calls as unknown[][])
      .map(([first, values]): Sent => {
        const { text, values: own }: Sent = typeof first === 'string' ? { text: first } : (first as Sent);
        return { text, values: own ?? ((values ?? []) as readonly unknown[]) };
      })
      .filter(({ text }) => /^\s*(?:SELECT|WITH|INSERT|UPDATE|DELETE)/i.test(text));
  } finally {
    query.mockRestore();
  }
  expect(sent.length).toBeGreaterThan(0);
  const nodes = sent.map(async ({ text, values = [] }) =>
    nodesIn(
      (await records.database.pool.query<Explained>(`EXPLAIN (FORMAT JSON) ${text}`, [...values])).rows,
    ),
  );
  return (await Promise.all(nodes)).flat();
}

/** Each holds only jobs that nobody holds and that may still run; which of them is the cheapest depends on how few those are. */
const WAITING = ['jobs_to_ring', 'jobs_ready_next', 'jobs_rung', 'jobs_deadline', 'jobs_cancel_left'];

const held = async () =>
  claimed(records, (await records.accepts.accept(newJob())).row.id).then((job) => completion(job));

describe('among many ended jobs', () => {
  it.each<[string, string | readonly string[], () => Promise<unknown>]>([
    ['a poll', 'jobs_pkey', () => records.jobs.find('job_00000007', 'local')],
    [
      'a poll of a purged job',
      'tombstones_pkey',
      () => records.jobs.find('gone_job_00000007', 'local').catch(() => null),
    ],
    ['a read of attempts', 'attempts_job_id_fence_pk', () => records.attempts.list('job_00000007')],
    [
      'a submission with a key',
      'jobs_pkey',
      async () => {
        const idempotency = { route: 'POST /v1/jobs', key: 'job_00000007', fingerprint: 'x' };
        return records.accepts.accept(newJob({ idempotency }));
      },
    ],
    [
      'a list of jobs with keys',
      'idempotency_keys_caller_route_key_pk',
      async () => {
        const keyed = ['job_00000008', 'new'].map((key) => ({
          route: 'POST /v1/jobs',
          key,
          fingerprint: 'x',
        }));
        return records.bulkAccepts.accept(keyed.map((idempotency) => newJob({ idempotency })));
      },
    ],
    [
      'a feed',
      WAITING,
      async () => {
        await records.accepts.accept(newJob());
        return records.feed.feed('one', { depth: 5 });
      },
    ],
    ['a claim', 'jobs_pkey', held],
    ['a settlement', 'jobs_pkey', async () => records.settle.settle(await held())],
    ['a cancel', 'jobs_pkey', async () => records.jobs.cancelRunning((await held()).jobId, 'local')],
    ['a look for cancels', 'jobs_pkey', () => records.leases.cancelled(['job_00000007', 'job_00000008'])],
    ['the end of overdue jobs', WAITING, () => records.jobs.endOverdue()],
    ['the search for lost tickets', WAITING, () => records.feed.takeOldRings(10_000)],
    ['the freeing of dead leases', 'jobs_leased', () => records.leases.freeDead(soon())],
    ['the circuits that every process reads', 'jobs_pkey', () => records.health.circuits()],
    ['the figures of the lanes', WAITING, () => records.figures.lanes()],
    ['a deletion', 'jobs_pkey', () => records.removals.remove('job_00000009', 'local')],
    ['a purge by age', 'jobs_ended_at', () => records.retention.purge(30 * 86_400_000)],
    ['a purge by time to live', 'jobs_purge_at', () => records.retention.purge(null)],
    ['the forgetting of tombstones', 'tombstones_age', () => records.retention.forgetTombstones(86_400_000)],
    ['the forgetting of keys', 'idempotency_keys_age', () => records.accepts.deleteOldKeys()],
  ])('%s goes by its index and reads no table whole (%j)', async (_, index, work) => {
    const nodes = await plansOf(work);
    const scanned = nodes
      .filter((node) => node['Node Type'] === 'Seq Scan')
      .map((node) => node['Relation Name']);
    expect(scanned.filter((name) => HISTORY.includes(String(name)))).toEqual([]);
    const used = nodes.map((node) => String(node['Index Name']));
    expect(used.filter((name) => [index].flat().includes(name))).not.toEqual([]);
  });
});
