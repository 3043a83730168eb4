import { FeedRig } from './feed-rig';

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
