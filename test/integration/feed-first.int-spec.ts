import { BARRED_AT_ONCE } from '../../libs/records/src/feed.records';
import { FeedRig, id, many } from './feed-rig';

let rig: FeedRig;

beforeAll(async () => {
  rig = await FeedRig.over();
});

beforeEach(() => rig.empty());

/** Feeds the lane while another process does. */
async function feedBesideAnother() {
  const other = await rig.records.database.pool.connect();
  try {
    await other.query('BEGIN');
    await other.query(`SELECT pg_advisory_xact_lock(72150, hashtext('one'))`);
    return await rig.records.feed.feed('one');
  } finally {
    await other.query('ROLLBACK');
    other.release();
  }
}

const NOTHING = { fed: true, rung: [], barred: [] };

describe('the feed of a lane that is off, full of jobs that can but stay', () => {
  it('looks at them page by page, and then at them anew', async () => {
    await rig.wait(many(BARRED_AT_ONCE + 20, {}));
    await rig.query(`UPDATE jobs SET chain = '[{}, {}]', ready_at = (SELECT min(ready_at) FROM jobs)`);
    await rig.query('UPDATE lanes SET override_cap = 0');
    const page = async () => {
      const fed = await rig.records.feed.feed('one');
      return fed.fed ? fed.barred : [];
    };
    const all = Array.from({ length: BARRED_AT_ONCE + 20 }, (_, at) => id(at + 1));
    expect(await page()).toEqual(all.slice(0, BARRED_AT_ONCE));
    expect(await page()).toEqual(all.slice(BARRED_AT_ONCE));
    expect(await page()).toEqual(all.slice(0, BARRED_AT_ONCE));
  });
});

describe('a feed of a lane that another process feeds', () => {
  it('has nothing to wait for where no job waits', async () => {
    expect(await feedBesideAnother()).toEqual({ ...NOTHING, nextReadyMs: null });
  });

  it('has nothing to wait for where all that waits is rung', async () => {
    await rig.wait([{}, {}]);
    await rig.rung();
    expect(await feedBesideAnother()).toEqual({ ...NOTHING, nextReadyMs: null });
  });

  it('knows when the first job becomes ready', async () => {
    await rig.wait([{ readySecondsAgo: -3600 }, { readySecondsAgo: -60 }, { readySecondsAgo: -600 }]);
    const fed = await feedBesideAnother();
    expect(fed).toEqual({ ...NOTHING, nextReadyMs: expect.any(Number) as number });
    const { nextReadyMs } = fed as { nextReadyMs: number };
    expect(nextReadyMs).toBeGreaterThan(30_000);
    expect(nextReadyMs).toBeLessThanOrEqual(60_000);
  });

  it('looks again soon where a job waits that may be rung', async () => {
    await rig.wait([{}]);
    expect(await feedBesideAnother()).toEqual({ fed: false, busy: true });
  });
});
