import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Redis from 'ioredis';
import { query } from './longhaul';

export interface Held {
  /** `<table>.<column>`, a key, or a file. */
  readonly place: string;
  readonly bytes: Buffer;
}

const bytesOf = (value: unknown): Buffer =>
  Buffer.isBuffer(value)
    ? value
    : Buffer.from(typeof value === 'string' ? value : JSON.stringify(value ?? null));

/** Every value of every table, also of those that the queue keeps there. */
export async function dumpPostgres(url: string): Promise<Held[]> {
  const tables = await query<{ schema: string; name: string }>(
    url,
    `SELECT table_schema AS schema, table_name AS name FROM information_schema.tables
     WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')`,
  );
  const dumps = tables.map(async ({ schema, name }) => {
    const rows = await query<Record<string, unknown>>(url, `SELECT * FROM "${schema}"."${name}"`);
    return rows.flatMap((row) =>
      Object.entries(row).map(([column, value]) => ({ place: `${name}.${column}`, bytes: bytesOf(value) })),
    );
  });
  return (await Promise.all(dumps)).flat();
}

/** Every key with its value as Redis would write it down, uncompressed. */
export async function dumpRedis(url: string): Promise<Held[]> {
  const client = new Redis(url);
  try {
    await client.config('SET', 'rdbcompression', 'no');
    const keys = await client.keys('*');
    const values = await Promise.all(keys.map((key) => client.dumpBuffer(key)));
    return keys.map((key, index) => ({
      place: key,
      bytes: Buffer.concat([Buffer.from(key), values[index] ?? Buffer.alloc(0)]),
    }));
  } finally {
    client.disconnect();
  }
}

/** Every file below a folder that is still there when it is read: a log of the spool goes when it is done. */
export const dumpFolder = (folder: string): Held[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .flatMap((place) => {
      const bytes = readIfThere(place);
      return bytes ? [{ place, bytes }] : [];
    });

function readIfThere(place: string): Buffer | null {
  try {
    return readFileSync(place);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw thrown;
  }
}
