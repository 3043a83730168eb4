import pg from 'pg';

/** As Longhaul has for its records. */
const POOL_SIZE = 12;

/** The columns have Longhaul's names, so that one statement measures both sides. */
const TABLE = `
  CREATE TABLE IF NOT EXISTS jobs (
    id text PRIMARY KEY, status text NOT NULL DEFAULT 'queued', input jsonb NOT NULL, output jsonb,
    created_at timestamptz NOT NULL DEFAULT now(), started_at timestamptz, completed_at timestamptz)`;

const STATEMENTS = {
  insert: 'INSERT INTO jobs (id, input) VALUES ($1, $2)',
  find: 'SELECT id, status, created_at, started_at, completed_at, output FROM jobs WHERE id = $1',
  begin: `UPDATE jobs SET status = 'in_progress', started_at = clock_timestamp() WHERE id = $1 RETURNING input`,
  complete: `UPDATE jobs SET status = 'completed', output = $2, completed_at = clock_timestamp() WHERE id = $1`,
};

/** The floor's one table: each method is one prepared statement. */
export async function openRecords(url) {
  const pool = new pg.Pool({ connectionString: url, max: POOL_SIZE, keepAlive: true });
  await pool.query(TABLE);
  const run = async (name, values) => (await pool.query({ name, text: STATEMENTS[name], values })).rows;
  return {
    insert: (id, input) => run('insert', [id, JSON.stringify(input)]),
    find: async (id) => (await run('find', [id]))[0],
    begin: async (id) => (await run('begin', [id]))[0].input,
    complete: (id, output) => run('complete', [id, JSON.stringify(output)]),
  };
}
