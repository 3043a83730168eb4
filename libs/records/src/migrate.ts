import { join } from 'node:path';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import { Client } from 'pg';

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
