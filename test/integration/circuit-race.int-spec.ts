import { Records } from '@longhaul/records';
import { claimed, retry, targetOf } from '../support/records';
import { acceptMany, circuitsOf, claimNow, growing, halfOpen, rowsOf, TARGET, twoLanes } from './circuit-rig';
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

describe('a call that fails after its circuit has opened', () => {
  it.each([
    ['grows', growing()],
    ['is soft', growing({ growing: false, probed: false, code: 'timeout' })],
    ['ends later than the hint', growing({ growing: false, code: 'rate_limited' })],
  ])(
    'is settled while another has that circuit in its hands: one that %s stays as it is',
    async (_, cooling) => {
      const jobs = await acceptMany(records, 2);
      const [first, second] = await Promise.all(jobs.map(({ id }) => claimed(records, id)));
      if (!first || !second) throw new Error('two were claimed');
      await records.settle.settle(retry(first, growing({ forMs: 60_000 })));
      const before = await records.jobs.barsOf([targetOf('one')]);
      const other = await records.database.pool.connect();
      try {
        await other.query('BEGIN');
        await other.query('SELECT 1 FROM cooldowns FOR UPDATE');
        expect(await records.settle.settle(retry(second, cooling))).toBe('in_progress');
      } finally {
        await other.query('ROLLBACK');
        other.release();
      }
      expect(await records.jobs.barsOf([targetOf('one')])).toEqual(before);
      expect(await circuitsOf(records)).toEqual([{ scope: TARGET, strikes: 1, probe: null }]);
    },
  );
});
