import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client, QueryConfig, QueryResult, QueryResultRow } from 'pg';
import { CANCELED, codeOf, isLockWait } from './store-faults';
import { explainUnreachable, mayStillCome } from './unreachable';

/** One number for all processes of all hosts: whoever holds it migrates, the others wait. */
const MIGRATION_LOCK = 7_215_084_631;
const MIGRATIONS_FOLDER = join(__dirname, 'migrations');
const SCHEMA = 'public';
const TABLE = 'longhaul_migrations';

/** For connecting, and for each question but the migrations themselves: an index of a large table may take hours. */
const ANSWER_MS = 10_000;
/** A way that is cut without a word during a migration, which has no clock, is found out by the system's probes. */
const KEEP_ALIVE_MS = 10_000;
/** Then it is said that another process has the lock. */
const LOCK_WAIT = '3s';

export interface MigrationWatch {
  /** Told every few seconds while another process holds the lock. */
  readonly onBusy: () => Promise<void>;
  /** Told before this process changes the schema. */
  readonly onMigrate: () => void;
}

/**
 * Brings the schema up to date, safely from several processes at once: drizzle's `migrate` alone is not
 * (drizzle-team/drizzle-orm#874), so a session advisory lock on one connection of its own stands around it. Whoever finds
 * it up to date asks for no lock: its holder may stand still.
 */
export async function migrateToLatest(url: string, watch?: MigrationWatch): Promise<void> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: ANSWER_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    application_name: 'longhaul-migrate',
  });
  // Unheard, a connection that breaks would end the process; the statement that was under way tells of it.
  client.on('error', () => undefined);
  await client.connect();
  try {
    if (await isUpToDate(client)) return;
    await takeLock(client, watch);
    if (await isUpToDate(client)) return;
    watch?.onMigrate();
    await migrateWith(client);
  } finally {
    await leave(client);
  }
}

/** Asks again for as long as somebody else has it and has not brought the schema up to date. The clock is that of this one message. */
async function takeLock(client: Client, watch?: MigrationWatch): Promise<void> {
  const take = `SET LOCAL lock_timeout = '${LOCK_WAIT}'; SELECT pg_advisory_lock(${String(MIGRATION_LOCK)})`;
  for (;;) {
    try {
      await ask(client, take);
      return;
    } catch (thrown) {
      if (!isLockWait(thrown)) throw thrown;
      await watch?.onBusy();
    }
    // Its holder may have committed, and stand still since.
    if (await isUpToDate(client)) return;
  }
}

/** `pg` takes a clock for one question, which its types leave out. */
interface TimedQuery extends QueryConfig {
  readonly query_timeout: number;
}

function ask<Row extends QueryResultRow>(client: Client, text: string): Promise<QueryResult<Row>> {
  const query: TimedQuery = { text, query_timeout: ANSWER_MS };
  return client.query<Row>(query);
}

/** Ending the session frees the lock, whatever happened before. Not waited for for ever: a server that hangs lets go of no connection. */
async function leave(client: Client): Promise<void> {
  const gone = new AbortController();
  const patience = pause(ANSWER_MS, undefined, { signal: gone.signal }).catch(() => undefined);
  await Promise.race([client.end(), patience]).finally(() => {
    gone.abort();
  });
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
 * an older process meets a newer schema as one that is up to date. Migrations and their rows are committed together. Under
 * the lock it is asked by statements of their own: their snapshots show what the holder before has committed. A server that takes no writes is left to drizzle, which is
 * refused there: it is not to be taken for ready.
 */
async function isUpToDate(client: Client): Promise<boolean> {
  const { rows: asked } = await ask<{ mayTell: boolean }>(
    client,
    `SELECT to_regclass('${SCHEMA}.${TABLE}') IS NOT NULL AND current_setting('transaction_read_only') = 'off' AS "mayTell"`,
  );
  if (asked[0]?.mayTell !== true) return false;
  const { rows } = await ask<{ last: string | null }>(
    client,
    `SELECT created_at::text AS last FROM ${SCHEMA}.${TABLE} ORDER BY created_at DESC LIMIT 1`,
  );
  const last = Number(rows[0]?.last ?? 0);
  return (await migrationTimes()).every((when) => when <= last);
}

async function migrationTimes(): Promise<number[]> {
  const journal = await readFile(join(MIGRATIONS_FOLDER, 'meta', '_journal.json'), 'utf8');
  return (JSON.parse(journal) as { entries: { when: number }[] }).entries.map(({ when }) => when);
}

export interface AwaitOptions extends MigrationWatch {
  /** The pause between two tries. */
  readonly pause: () => Promise<unknown>;
  /** Told after each try that failed, in a sentence without the password. */
  readonly onAway: (why: string) => Promise<void>;
}

/**
 * For the start of a process: stores may come in any order. Resolves when the schema is up to date, however long that
 * takes. Throws what no waiting mends: a password, a user or a database that the server does not accept.
 */
export async function awaitDatabase(url: string, options: AwaitOptions): Promise<void> {
  for (;;) {
    try {
      await migrateToLatest(url, options);
      return;
    } catch (thrown) {
      const explained = explainUnreachable(url, thrown);
      if (!mayStillCome(thrown) || !(explained instanceof Error)) throw explained;
      await options.onAway(explained.message);
      await options.pause();
    }
  }
}
