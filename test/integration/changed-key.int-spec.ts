import { Client } from 'pg';
import { Dispatch } from '@longhaul/queue';
import { MOST_UNBARRED_AT_ONCE, Records } from '@longhaul/records';
import { Housekeeping } from '../../libs/jobs/src/housekeeping';
import { LeaseKeeper } from '../../libs/jobs/src/lease';
import { Reconciler } from '../../libs/jobs/src/reconciler';
import { UNBAR } from '../../libs/records/src/lane.records';
import { until } from '../support/longhaul';
import { Explained, nodesIn, Plan } from '../support/plans';
import { freshRecords, newJob, soon, targetOf } from '../support/records';
import { runnerOver } from '../support/runner';

// Many rows, on machines of any speed.
jest.setTimeout(120_000);

const WAITING = 20_000;
/** One that waits for another reason in the lane of the changed key, and one that waits for a key that is still in use. */
const OTHERS = 2;

let records: Records;

const query = async <Row>(text: string): Promise<Row[]> =>
  (await records.database.pool.query(text)).rows as Row[];

const declare = (key: string) =>
  records.lanes.declare(
    [
      { name: 'one', cap: 10, credential: `one:${key}` },
      { name: 'two', cap: 10, credential: 'two:kept' },
    ],
    20,
  );

/** As the Feeder has left them behind a quota that is told to be whole again in hours: moved to the end of that bar. */
const LINE = [
  `INSERT INTO cooldowns (scope, until, code) SELECT scope, now() + interval '5 hours', 'quota_exhausted'
   FROM unnest(ARRAY['credential:one:old', 'credential:two:kept']) scope`,
  `UPDATE jobs SET ready_at = (SELECT date_trunc('milliseconds', max(until)) FROM cooldowns)`,
  `INSERT INTO jobs SELECT r.* FROM jobs j, generate_series(2, ${String(WAITING)}) n,
     LATERAL jsonb_populate_record(j, jsonb_build_object('id', 'job_line' || n)) r WHERE j.provider = 'one'`,
  `INSERT INTO jobs SELECT r.* FROM jobs j,
     LATERAL jsonb_populate_record(j, jsonb_build_object('id', 'job_later', 'ready_at', j.ready_at + interval '1 second')) r
   WHERE j.id = 'job_line2'`,
];

beforeEach(async () => {
  records = await freshRecords();
  await declare('old');
  const deadlineMs = 86_400_000;
  for (const name of ['one', 'two'])
    await records.accepts.accept(newJob({ deadlineMs, chain: [targetOf(name)] }));
  // A log of these jobs would be twice the work and is not read here.
  await query('ALTER TABLE jobs DISABLE TRIGGER USER');
  for (const statement of LINE) await query(statement);
});

async function waiting(): Promise<number> {
  const [row] = await query<{ n: number }>('SELECT count(*)::int AS n FROM jobs WHERE ready_at > now()');
  return row?.n ?? 0;
}

/** Of a process that does nothing else, and knows nothing of who has declared what. */
async function reconciler(): Promise<Reconciler> {
  const { settler, feeder, meter } = await runnerOver(records);
  const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
  return new Reconciler(
    {
      ...{ records, settler, feeder, meter, log: silent, onCap: () => undefined },
      keeper: { takeOverUntil: soon } as LeaseKeeper,
      housekeeping: new Housekeeping(records, { everyMs: 600_000, now: () => performance.now() }),
      retention: { round: async () => undefined },
      dispatch: { isUp: () => false, onRestored: () => () => undefined } as unknown as Dispatch,
    },
    { everyMs: 20, reringMs: 600_000, spoolAgeMs: 0 },
  );
}

describe('a key that is changed while 20,000 jobs wait for the old one', () => {
  it('is declared without a touch on any of them: a start waits for no line', async () => {
    await declare('new');
    expect(await waiting()).toBe(WAITING + OTHERS);
  });

  it('makes them ready a batch at a time, and no job that waits for something else', async () => {
    await declare('new');
    expect(await records.lanes.unbar()).toBe(MOST_UNBARRED_AT_ONCE);
    expect(await waiting()).toBe(WAITING + OTHERS - MOST_UNBARRED_AT_ONCE);
    while ((await records.lanes.unbar()) > 0);
    const left = await query('SELECT provider FROM jobs WHERE ready_at > now() ORDER BY provider');
    expect(left).toEqual([{ provider: 'one' }, { provider: 'two' }]);
  });

  it('makes them ready soon after, whichever process goes on: the one that declared it may be dead', async () => {
    await declare('new');
    const other = await reconciler();
    other.start();
    await until('no job waits for the old key', async () => (await waiting()) === OTHERS);
    await other.stop();
  });

  it('is seen by a process that runs on, which asks again when it is changed, and only then', async () => {
    const sent = jest.spyOn(Client.prototype, 'query');
    const asked = (name: string) =>
      (sent.mock.calls as unknown[][]).filter(([first]) => Object(first).name === name).length;
    const rounds = async (count: number): Promise<void> => {
      const from = asked('caps');
      await until(`${String(count)} rounds`, async () => asked('caps') >= from + count);
    };
    const other = await reconciler();
    try {
      other.start();
      await rounds(4);
      // A second look, for what the first may have passed over.
      expect(asked('unbar')).toBe(2);
      await declare('new');
      await until('no job waits for the old key', async () => (await waiting()) === OTHERS);
      await rounds(4);
      const looks = asked('unbar');
      expect(looks).toBeGreaterThan(WAITING / MOST_UNBARRED_AT_ONCE);
      await rounds(3);
      expect(asked('unbar')).toBe(looks);
    } finally {
      await other.stop();
      sent.mockRestore();
    }
  });
});

describe('a batch of them', () => {
  /** As this process's own connections plan it. Nothing stays of it. */
  async function planOf(): Promise<Plan[]> {
    const client = await records.database.pool.connect();
    try {
      await client.query('BEGIN');
      await client.query(`PREPARE batch (int) AS ${UNBAR.text}`);
      const explain = `EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE batch (${String(MOST_UNBARRED_AT_ONCE)})`;
      return nodesIn((await client.query<Explained>(explain)).rows);
    } finally {
      await client.query('ROLLBACK');
      await client.query('DEALLOCATE batch');
      client.release();
    }
  }

  it.each([
    ['planned while nothing was known', 'SELECT 1'],
    ['planned with statistics', 'ANALYZE jobs, lanes, cooldowns'],
  ])('is found by the index of what becomes ready, and touches no other job: %s', async (_, before) => {
    await declare('new');
    await query(before);
    const nodes = await planOf();
    const ofJobs = nodes.filter((node) => node['Relation Name'] === 'jobs');
    expect(ofJobs.map((node) => node['Index Name'])).toContain('jobs_ready_next');
    expect(ofJobs.map((node) => node['Node Type'])).not.toContain('Seq Scan');
    for (const node of ofJobs) {
      const rows = (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'];
      expect(rows).toBeLessThanOrEqual(MOST_UNBARRED_AT_ONCE);
    }
  });

  it('costs a look at an index where none waits, however many wait for keys in use', async () => {
    const touched = (await planOf()).filter((node) => node['Relation Name'] === 'jobs');
    expect(touched.map((node) => node['Actual Rows'] * node['Actual Loops'])).toEqual(touched.map(() => 0));
  });
});
