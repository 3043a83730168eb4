import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { CANCELED, codeOf } from './store-faults';
import { explainUnreachable, mayStillCome } from './unreachable';

/** One number for all processes of all hosts: whoever holds it migrates, the others wait. */
const MIGRATION_LOCK = 7_215_084_631;
const MIGRATIONS_FOLDER = join(__dirname, 'migrations');
const SCHEMA = 'public';
const TABLE = 'longhaul_migrations';

/**
 * Brings the schema up to date, safely from several processes at once: drizzle's `migrate` alone is not
 * (drizzle-team/drizzle-orm#874), so a session advisory lock on one connection of its own stands around it.
 */
export async function migrateToLatest(url: string): Promise<void> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: 10_000,
    application_name: 'longhaul-migrate',
  });
  // Unheard, a connection that breaks would end the process; the statement that was under way tells of it.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    if (!(await isUpToDate(client))) await migrateWith(client);
  } finally {
    // Ending the session frees the lock, whatever happened before.
    await client.end();
  }
}

/** Loads drizzle, which costs a boot more processor time than all of its statements. */
async function migrateWith(client: Client): Promise<void> {
  const { drizzle } = await import('drizzle-orm/node-postgres');
  const { migrate } = await import('drizzle-orm/node-postgres/migrator');
  try {
    await migrate(drizzle(client), {
      migrationsFolder: MIGRATIONS_FOLDER,
      migrationsSchema: SCHEMA,
      migrationsTable: TABLE,
    });
  } catch (thrown) {
    // Where it tells to wait, as PostgreSQL said it; where a statement is at fault or too slow, with the statement.
    const cause = thrown instanceof Error ? thrown.cause : undefined;
    throw mayStillCome(cause) && codeOf(cause) !== CANCELED ? cause : thrown;
  }
}

/**
 * Whether drizzle would find nothing to do, by its own rule: it runs what is younger than the last that it has run. So
 * an older process meets a newer schema as one that is up to date. Asked under the lock, by statements of their own:
 * their snapshots show what the holder before has committed. A server that takes no writes is left to drizzle, which is
 * refused there: it is not to be taken for ready.
 */
async function isUpToDate(client: Client): Promise<boolean> {
  const { rows: asked } = await client.query<{ mayTell: boolean }>(
    `SELECT to_regclass('${SCHEMA}.${TABLE}') IS NOT NULL AND current_setting('transaction_read_only') = 'off' AS "mayTell"`,
  );
  if (asked[0]?.mayTell !== true) return false;
  const { rows } = await client.query<{ last: string | null }>(
    `SELECT created_at::text AS last FROM ${SCHEMA}.${TABLE} ORDER BY created_at DESC LIMIT 1`,
  );
  const last = Number(rows[0]?.last ?? 0);
  return (await migrationTimes()).every((when) => when <= last);
}

async function migrationTimes(): Promise<number[]> {
  const journal = await readFile(join(MIGRATIONS_FOLDER, 'meta', '_journal.json'), 'utf8');
  return (JSON.parse(journal) as { entries: { when: number }[] }).entries.map(({ when }) => when);
}

export interface AwaitOptions {
  /** The pause between two tries. */
  readonly pause: () => Promise<unknown>;
  /** Told after each try that failed, in a sentence without the password. */
  readonly onAway: (why: string) => Promise<void>;
}

/**
 * For the start of a process: stores may come in any order. Resolves when the schema is up to date, however long that
 * takes. Throws what no waiting mends: a password, a user or a database that the server does not accept.
 */
export async function awaitDatabase(url: string, { pause, onAway }: AwaitOptions): Promise<void> {
  for (;;) {
    try {
      await migrateToLatest(url);
      return;
    } catch (thrown) {
      const explained = explainUnreachable(url, thrown);
      if (!mayStillCome(thrown) || !(explained instanceof Error)) throw explained;
      await onAway(explained.message);
      await pause();
    }
  }
}
