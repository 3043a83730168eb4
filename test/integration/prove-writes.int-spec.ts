import { Database, Records } from '@longhaul/records';
import pg from 'pg';
import { claim, freshRecords, newJob } from '../support/records';

/** What whoever makes an index holds, and what a claim cannot write beside. */
const INDEXING = 'SHARE';

const LIMITS = { requestsPerMinute: 1000, tokensPerMinute: 1_000_000, tokensPerDay: 10_000_000 };

const refuses = (work: Promise<unknown>): Promise<boolean> =>
  work.then(
    () => false,
    () => true,
  );

describe('the proof that PostgreSQL would take a claim', () => {
  it('fails beside a lock on any table that a claim or its reservation writes, and beside no other', async () => {
    const here = await freshRecords();
    await here.lanes.declare([{ name: 'one', cap: 100, limits: LIMITS }], 100);
    // Of the sessions from now on: what waits for a lock is refused, and what is merely slow is not.
    await here.database.ask(
      `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET lock_timeout = ''300ms''', current_database()); END $$`,
      [],
    );
    const impatient = new Records(new Database({ url: here.database.url, poolSize: 2, callMs: 20_000 }));
    const other = new pg.Client({ connectionString: here.database.url });
    await other.connect();
    const tables = await here.database.ask<{ name: string }>(
      `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename`,
      [],
    );
    const found: Record<string, readonly boolean[]> = {};
    for (const { name } of tables) {
      const { row } = await here.accepts.accept(newJob());
      await other.query(`BEGIN; LOCK TABLE ${name} IN ${INDEXING} MODE`);
      const isWritten = await refuses(claim(impatient, row.id));
      found[name] = [isWritten, await refuses(impatient.lanes.proveWrites('one'))];
      await other.query('ROLLBACK');
    }
    await other.end();
    await impatient.close();
    const written = Object.keys(found).filter((name) => found[name]?.[0]);
    expect(written).toEqual(expect.arrayContaining(['attempts', 'jobs', 'lanes', 'reservations', 'slots']));
    expect(Object.keys(found).filter((name) => found[name]?.[1])).toEqual(written);
    await here.lanes.proveWrites('one');
  }, 60_000);
});
