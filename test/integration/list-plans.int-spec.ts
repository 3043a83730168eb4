import { JobFilter, Records } from '@longhaul/records';
import { Explained, nodesIn, Plan } from '../support/plans';
import { freshRecords } from '../support/records';

// Many rows, on machines of any speed.
jest.setTimeout(90_000);

const ROWS = 40_000;
/** What a page may touch: some rows for each one it shows, and never a share of the table. */
const MOST_ROWS = 600;

let records: Records;

/** A caller with most of the jobs; all its failures are old, so that from the newest they are far away. */
const FILL = `
  INSERT INTO jobs (id, caller, type, status, model, input, chain, decision, provider, target_model, max_calls,
                    ready_at, deadline_at, metadata, created_at)
  SELECT 'job_' || lpad(n::text, 8, '0'), CASE WHEN n % 10 < 8 THEN 'busy' ELSE 'quiet' END, 'chat',
    CASE WHEN n < ${String(ROWS / 5)} THEN 'failed' WHEN n % 500 = 1 THEN 'cancelled' ELSE 'completed' END,
    'auto', '{}', '[]', '{}', 'glm', 'glm-4.7', 8, now(), now(),
    CASE WHEN n % 3 = 0 THEN jsonb_build_object('run', (n / 100)::text) ELSE '{}' END,
    now() - (${String(ROWS)} - n) * interval '20 seconds'
  FROM generate_series(1, ${String(ROWS)}) n`;

beforeAll(async () => {
  records = await freshRecords();
  const { pool } = records.database;
  // A log of these jobs would be twice the work and is not read here.
  await pool.query('ALTER TABLE jobs DISABLE TRIGGER USER');
  await pool.query(FILL);
  await pool.query('VACUUM ANALYZE jobs');
});

/** The very statement that a page sends, as PostgreSQL runs it. */
async function planOf(filter: Partial<JobFilter>): Promise<Plan[]> {
  const ask = jest.spyOn(records.database, 'ask');
  try {
    await records.list.page('busy', { limit: 20, order: 'desc', statuses: [], metadata: {}, ...filter });
    const [text = '', values = []] = ask.mock.lastCall ?? [];
    const { rows } = await records.database.pool.query<Explained>(`EXPLAIN (ANALYZE, FORMAT JSON) ${text}`, [
      ...values,
    ]);
    return nodesIn(rows);
  } finally {
    ask.mockRestore();
  }
}

const touchedBy = (nodes: readonly Plan[]): number =>
  nodes
    .filter((node) => node['Relation Name'] === 'jobs')
    .map((node) => (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'])
    .reduce((sum, rows) => sum + rows, 0);

const OLD = `job_${String(ROWS / 10).padStart(8, '0')}`;

describe('a page of a long list', () => {
  it.each<[string, Partial<JobFilter>, string]>([
    ['of everything', {}, 'jobs_by_caller'],
    ['of everything, oldest first', { order: 'asc' }, 'jobs_by_caller'],
    ['far down', { after: OLD }, 'jobs_by_caller'],
    ['before a job', { before: OLD }, 'jobs_by_caller'],
    ['of one status that is far away', { statuses: ['failed'] }, 'jobs_by_status'],
    ['of a rare status', { statuses: ['cancelled'] }, 'jobs_by_status'],
    ['of a status that no job has', { statuses: ['incomplete'] }, 'jobs_by_status'],
    ['of what runs', { statuses: ['queued', 'in_progress'] }, 'jobs_by_status'],
    ['of several statuses', { statuses: ['failed', 'cancelled', 'completed'] }, 'jobs_by_status'],
    ['of several statuses, far down', { statuses: ['failed', 'cancelled'], after: OLD }, 'jobs_by_status'],
    ['of metadata', { metadata: { run: '77' } }, 'jobs_by_metadata'],
    ['of metadata that no job has', { metadata: { team: 'red' } }, 'jobs_by_metadata'],
  ])('%s touches few rows, by its index', async (_, filter, index) => {
    const nodes = await planOf(filter);
    expect(nodes.map((node) => node['Index Name'])).toContain(index);
    expect(nodes.map((node) => node['Node Type'])).not.toContain('Seq Scan');
    expect(touchedBy(nodes)).toBeLessThanOrEqual(MOST_ROWS);
  });

  it('of a status that no job has touches none, where all jobs have one status', async () => {
    const { pool } = records.database;
    await pool.query(`UPDATE jobs SET status = 'completed' WHERE status <> 'completed'`);
    await pool.query('VACUUM ANALYZE jobs');
    const nodes = await planOf({ statuses: ['failed'] });
    expect(nodes.map((node) => node['Index Name'])).toContain('jobs_by_status');
    expect(touchedBy(nodes)).toBe(0);
  });
});
