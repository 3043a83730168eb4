import { Database, migrateToLatest, Records } from '@longhaul/records';
import { claimed, completion, newJob } from '../support/records';
import { freshDatabase } from '../support/stores';

const TABLES = `SELECT relname AS name, seq_scan::int AS scans FROM pg_stat_user_tables
  WHERE relname IN ('jobs', 'attempts', 'ledger', 'idempotency_keys') ORDER BY 1`;

describe('the statements of a job', () => {
  let records: Records;

  /** One connection, as young as its tables. */
  beforeEach(async () => {
    const { url } = await freshDatabase();
    await migrateToLatest(url);
    records = new Records(new Database({ url, poolSize: 1, callMs: 10_000 }));
    await records.lanes.declare([{ name: 'one', cap: 10 }], 10);
  });

  afterEach(() => records.close());

  const rows = async <Row>(text: string): Promise<Row[]> =>
    (await records.database.pool.query(text)).rows as Row[];

  async function runOne(): Promise<void> {
    const { row } = await records.accepts.accept(newJob());
    await records.feed.feed('one');
    const job = await claimed(records, row.id);
    await records.settle.settle(completion(job));
    await records.leases.freeDead(new Date());
    await records.jobs.endOverdue();
  }

  /** What this connection has counted reaches the view when its transaction ends. */
  async function wholeReads(): Promise<unknown[]> {
    await rows('SELECT pg_stat_force_next_flush()');
    await rows('SELECT pg_stat_clear_snapshot()');
    return rows(TABLES);
  }

  it('are planned once on a connection, and not for each set of values', async () => {
    for (let nth = 0; nth < 3; nth += 1) await runOne();
    const planned = await rows<{ name: string; generic: number; custom: number }>(
      `SELECT name, generic_plans::int AS generic, custom_plans::int AS custom FROM pg_prepared_statements`,
    );
    expect(planned.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['accept_together', 'claim_together', 'settle_together']),
    );
    expect(planned.filter(({ custom }) => custom > 0)).toEqual([]);
  });

  it('read no table whole, though it was empty when they were planned', async () => {
    await runOne();
    const before = await wholeReads();
    await runOne();
    expect(await wholeReads()).toEqual(before);
    expect(before).toHaveLength(4);
  });

  it('are not compiled, however dear a small table without an index looks to PostgreSQL', async () => {
    expect(await rows('SHOW jit')).toEqual([{ jit: 'off' }]);
  });

  it('leave a text that is put together anew to its values', async () => {
    const [row] = await records.database.ask<{ mode: string }>(
      `SELECT current_setting('plan_cache_mode') AS mode WHERE $1 = 1`,
      [1],
    );
    expect(row).toEqual({ mode: 'force_custom_plan' });
  });
});
