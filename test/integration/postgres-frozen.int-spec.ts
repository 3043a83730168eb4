import { Database, migrateToLatest, Records } from '@longhaul/records';
import { claimed, newJob } from '../support/records';
import { PostgresServer, startPostgres } from '../support/stores';

jest.setTimeout(60_000);

const CALL_MS = 1500;

describe('a PostgreSQL that is frozen', () => {
  let server: PostgresServer;
  let records: Records;

  beforeAll(async () => {
    server = await startPostgres();
    await migrateToLatest(server.url);
  });

  beforeEach(() => {
    records = new Records(new Database({ url: server.url, poolSize: 4, callMs: CALL_MS }));
  });

  it('does not, when it thaws after a lease, free a live worker by a statement from before', async () => {
    await records.lanes.declare([{ name: 'one', cap: 3 }], 10);
    const { row } = await records.accepts.accept(newJob());
    const held = await claimed(records, row.id, { leaseMs: 1000 });
    // As the lease keeper would: half a lease from the last contact.
    const judgesUntil = new Date(Date.now() + 500);
    await server.freeze();
    await expect(records.leases.freeDead(judgesUntil)).rejects.toMatchObject({ code: 'store_unavailable' });
    await server.thaw();
    // The late statement runs before or during this one, which waits for its lock on the row.
    await records.database.pool.query('SELECT 1 FROM jobs WHERE id = $1 FOR UPDATE', [row.id]);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await records.jobs.read(row.id)).toMatchObject({ leaseOwner: 'w1', deaths: 0, fence: held.fence });
    await records.close();
  });

  it.each([
    ['with a connection at hand', true],
    ['without one', false],
  ])(
    'is told of an accept once: when its clock has run out there is no time for a second saying, %s',
    async (_, isAtHand) => {
      if (isAtHand) await Promise.all([1, 2].map(() => records.database.pool.query('SELECT 1')));
      const run = jest.spyOn(records.database, 'run');
      await server.freeze();
      try {
        await expect(records.accepts.accept(newJob())).rejects.toMatchObject({ code: 'store_unavailable' });
        expect(run.mock.calls.map(([{ name }]) => name)).toEqual(['accept_together']);
      } finally {
        await server.thaw();
        await records.close();
      }
    },
  );

  it('does not keep a process from ending', async () => {
    records.notices.start();
    await Promise.all([1, 2, 3].map(() => records.database.pool.query('SELECT 1')));
    await server.freeze();
    try {
      const startedAt = performance.now();
      await records.close();
      expect(performance.now() - startedAt).toBeLessThan(3 * CALL_MS);
    } finally {
      await server.thaw();
    }
  });
});
