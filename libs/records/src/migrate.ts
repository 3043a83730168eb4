import { join } from 'node:path';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import { Client } from 'pg';
import { explainUnreachable, mayStillCome } from './unreachable';

/** One number for all processes of all hosts: whoever holds it migrates, the others wait. */
const MIGRATION_LOCK = 7_215_084_631;
const MIGRATIONS_FOLDER = join(__dirname, 'migrations');

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
    await migrate(drizzle(client), {
      migrationsFolder: MIGRATIONS_FOLDER,
      migrationsSchema: 'public',
      migrationsTable: 'longhaul_migrations',
    });
  } finally {
    // Ending the session frees the lock, whatever happened before.
    await client.end();
  }
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
