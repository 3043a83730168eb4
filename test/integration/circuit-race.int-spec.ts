import { Records } from '@longhaul/records';
import { acceptMany, circuitsOf, claimNow, halfOpen, rowsOf, TARGET, twoLanes } from './circuit-rig';
import { until } from '../support/longhaul';

let records: Records;

beforeEach(async () => {
  records = await twoLanes();
});

/** Somebody waits for a lock in this database. */
const isWaiting = async () =>
  (
    await rowsOf(
      records,
      `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    )
  ).length > 0;

describe('a claim that has begun before another one became the probe', () => {
  it('waits for that one’s commit, and then is none', async () => {
    await halfOpen(records, TARGET);
    const [first, second] = await acceptMany(records, 2);
    const other = await records.database.pool.connect();
    try {
      await other.query('BEGIN');
      await other.query(
        `UPDATE jobs SET status = 'in_progress', fence = 1, lease_owner = 'w9', lease_until = now() + interval '1 minute' WHERE id = $1`,
        [first?.id],
      );
      await other.query('UPDATE cooldowns SET probe_job = $1, probe_fence = 1', [first?.id]);
      const claiming = claimNow(records, second?.id ?? '');
      await until('the claim waits', isWaiting);
      await other.query('COMMIT');
      expect(await claiming).toEqual({ answer: 'probing' });
    } finally {
      other.release();
    }
    expect(await circuitsOf(records)).toMatchObject([{ probe: first?.id }]);
    expect(await rowsOf(records, 'SELECT 1 FROM attempts')).toEqual([]);
  });
});
