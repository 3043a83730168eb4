import { Client } from 'pg';
import { Records } from '@longhaul/records';
import { Explained, nodesIn, Plan } from '../support/plans';
import { freshRecords, soon } from '../support/records';

const ENDED = 20_000;
const RUNNING = 500;

const FILL = `
  INSERT INTO jobs (id, caller, type, status, model, input, chain, decision, provider, target_model, max_calls, attempts,
                    fence, ready_at, deadline_at, completed_at)
  SELECT 'job_' || lpad(n::text, 8, '0'), 'local', 'chat', 'completed', 'auto', '{}', '[]', '{}', 'one', 'm', 8, 1, 1,
    now(), now(), now()
  FROM generate_series(1, ${String(ENDED)}) n`;
const CLAIM_ALL = [
  `UPDATE jobs SET status = 'in_progress', phase = 'running', completed_at = NULL, lease_owner = 'w1',
     lease_until = now() + interval '1 hour' WHERE id <= 'job_' || lpad('${String(RUNNING)}', 8, '0')`,
  `UPDATE slots SET job_id = 'job_' || lpad(n::text, 8, '0'), fence = 1, lane = 'one', lease_until = now() + interval '1 hour'`,
];
const PROGRESS = { percent: null, message: 'Writing.', tokens: null, seconds_since_last_token: null };

interface Sent {
  readonly name: string;
  readonly text: string;
  readonly values: unknown[];
}

describe('calls of one worker that came up since PostgreSQL last counted its tables', () => {
  let records: Records;
  const running = Array.from({ length: RUNNING }, (_, at) => ({
    jobId: `job_${String(at + 1).padStart(8, '0')}`,
    fence: 1,
  }));

  /** What it has counted is that nothing runs. */
  beforeAll(async () => {
    records = await freshRecords();
    const { pool } = records.database;
    await pool.query('ALTER TABLE jobs DISABLE TRIGGER USER, SET (autovacuum_enabled = off)');
    await pool.query(FILL);
    await records.lanes.declare([{ name: 'one', cap: RUNNING }], RUNNING);
    await pool.query('VACUUM ANALYZE jobs, slots');
    for (const statement of CLAIM_ALL) await pool.query(statement);
  });

  /** How that statement of the work runs. */
  async function nodesOf(name: string, work: () => Promise<unknown>): Promise<Plan[]> {
    const query = jest.spyOn(Client.prototype, 'query');
    try {
      await work();
      const sent = (query.mock.calls as unknown as [Sent][]).find(([statement]) => statement.name === name);
      const explain = `EXPLAIN (ANALYZE, FORMAT JSON) ${sent?.[0].text ?? ''}`;
      return nodesIn((await records.database.pool.query<Explained>(explain, sent?.[0].values)).rows);
    } finally {
      query.mockRestore();
    }
  }

  it.each<[string, string, () => Promise<unknown>]>([
    ['renewed', 'renew', () => records.leases.renew(running, { worker: 'w1', leaseMs: 60_000 })],
    [
      'shown',
      'show_progress',
      () => records.progress.show(running.map((claim) => ({ ...claim, progress: PROGRESS }))),
    ],
    [
      'freed after the death of their worker',
      'free_dead',
      async () => {
        await records.database.pool.query(
          `UPDATE jobs SET lease_until = now() WHERE lease_owner IS NOT NULL`,
        );
        return records.leases.freeDead(soon());
      },
    ],
  ])('are %s with work that grows with their number, and not with its square', async (_, name, work) => {
    const nodes = await nodesOf(name, work);
    const looks = nodes.map((node) => {
      const removed = (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Join Filter'] ?? 0);
      return node['Actual Loops'] * (node['Actual Rows'] + removed);
    });
    expect(nodes.map((node) => node['Relation Name'])).toContain('jobs');
    expect(Math.max(...looks)).toBeGreaterThanOrEqual(RUNNING / 2);
    expect(Math.max(...looks)).toBeLessThanOrEqual(5 * RUNNING);
  });
});
