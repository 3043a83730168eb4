import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { awaitDatabase, Database, migrateToLatest } from '@longhaul/records';
import { freshDatabase, startPostgres } from '../support/stores';

// A wait for the lock and one for an answer, on machines of any speed.
jest.setTimeout(60_000);

const JOURNAL = join(__dirname, '../../libs/records/src/migrations/meta/_journal.json');
const { entries } = JSON.parse(readFileSync(JOURNAL, 'utf8')) as { entries: unknown[] };

/** The migrator makes its schema and its table before it looks; so it is known by this whether it was asked. */
const REFUSE_CHANGES = `
  CREATE FUNCTION refuse_changes() RETURNS event_trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the schema is being changed'; END $$;
  CREATE EVENT TRIGGER refuse_changes ON ddl_command_start EXECUTE FUNCTION refuse_changes()`;

/** As a process that migrates, or that stands still while it does. @returns lets go of it */
async function holdLock(databaseUrl: string): Promise<() => Promise<void>> {
  const holder = new Client({ connectionString: databaseUrl });
  await holder.connect();
  await holder.query('SELECT pg_advisory_lock(7215084631)');
  return () => holder.end();
}

/** What the holder of the lock would have committed. */
async function commitSchema(databaseUrl: string): Promise<void> {
  const { url: other } = await freshDatabase();
  await migrateToLatest(other);
  const [from, to] = [new Client({ connectionString: other }), new Client({ connectionString: databaseUrl })];
  await Promise.all([from.connect(), to.connect()]);
  const { rows } = await from.query('SELECT hash, created_at FROM longhaul_migrations');
  await to.query('CREATE TABLE longhaul_migrations (id serial PRIMARY KEY, hash text, created_at bigint)');
  for (const { hash, created_at } of rows as { hash: string; created_at: string }[])
    await to.query('INSERT INTO longhaul_migrations (hash, created_at) VALUES ($1, $2)', [hash, created_at]);
  await Promise.all([from.end(), to.end()]);
}

const never = (why: unknown): Promise<never> => Promise.reject(new Error(`told: ${String(why)}`));

let url = '';
let database: Database;
const query = (text: string) => database.pool.query<{ n: number }>(text);

describe('the schema at a start', () => {
  beforeEach(async () => {
    ({ url } = await freshDatabase());
    database = new Database({ url, poolSize: 2, callMs: 10_000 });
  });
  afterEach(() => database.close());

  it('is made once by several processes that come at the same time', async () => {
    await Promise.all([1, 2, 3, 4].map(() => migrateToLatest(url)));
    expect((await query('SELECT count(*)::int AS n FROM longhaul_migrations')).rows[0]?.n).toBe(
      entries.length,
    );
  });

  it('is left alone by a process that finds it up to date, or newer than itself', async () => {
    await migrateToLatest(url);
    await query(REFUSE_CHANGES);
    await migrateToLatest(url);
    await query(`INSERT INTO longhaul_migrations (hash, created_at) VALUES ('newer', 9999999999999)`);
    await migrateToLatest(url);
  });

  it('is changed when a migration is missing, or when it says nothing of any', async () => {
    await migrateToLatest(url);
    await query(REFUSE_CHANGES);
    await query('DELETE FROM longhaul_migrations WHERE id = (SELECT max(id) FROM longhaul_migrations)');
    await expect(migrateToLatest(url)).rejects.toThrow();
    await query('DELETE FROM longhaul_migrations');
    await expect(migrateToLatest(url)).rejects.toThrow();
  });

  it('is not taken for ready on a server that takes no writes, even when it is up to date', async () => {
    await migrateToLatest(url);
    const standby = new URL(url);
    standby.searchParams.set('options', '-c default_transaction_read_only=on');
    await expect(migrateToLatest(standby.href)).rejects.toMatchObject({ code: '25006' });
    const told: string[] = [];
    const waits = awaitDatabase(standby.href, {
      pause: () => Promise.reject(new Error('waited')),
      onAway: (why) => Promise.resolve(void told.push(why)),
      onBusy: () => never('busy'),
      onMigrate: () => undefined,
    });
    await expect(waits).rejects.toThrow('waited');
    expect(told).toEqual([expect.stringContaining('it takes no writes')]);
  });

  it('is waited for by a process that has to migrate, which says so while another holds the lock', async () => {
    const letGo = await holdLock(url);
    const told: string[] = [];
    await awaitDatabase(url, {
      pause: () => never('a pause'),
      onAway: never,
      onBusy: async () => {
        told.push('busy');
        if (told.length === 2) await letGo();
      },
      onMigrate: () => void told.push('migrates'),
    });
    expect(told).toEqual(['busy', 'busy', 'migrates']);
    expect((await query('SELECT count(*)::int AS n FROM jobs')).rows[0]?.n).toBe(0);
  });

  it('is looked at again in the wait: whoever has the lock may have committed, and stand still since', async () => {
    const letGo = await holdLock(url);
    await expect(
      awaitDatabase(url, {
        ...{ pause: () => never('a pause'), onAway: never },
        onBusy: () => commitSchema(url),
        onMigrate: () => {
          throw new Error('it migrates');
        },
      }),
    ).resolves.toBeUndefined();
    await letGo();
  });

  it('needs no lock where it is up to date: a start does not wait for one that stands still', async () => {
    await migrateToLatest(url);
    const letGo = await holdLock(url);
    await awaitDatabase(url, {
      ...{ pause: () => never('a pause'), onAway: never, onBusy: () => never('busy') },
      onMigrate: () => {
        throw new Error('it migrates');
      },
    });
    await letGo();
  });

  it('is asked for again when PostgreSQL falls silent in the middle of the wait', async () => {
    const server = await startPostgres();
    const letGo = await holdLock(server.url);
    const told: string[] = [];
    await awaitDatabase(server.url, {
      pause: async () => {
        await server.thaw();
        await letGo();
      },
      onAway: (why) => Promise.resolve(void told.push(why)),
      onBusy: () => server.freeze(),
      onMigrate: () => void told.push('migrates'),
    });
    expect(told).toEqual([expect.stringContaining('no answer in time'), 'migrates']);
    await server.destroy();
  });
});
