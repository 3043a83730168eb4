import { Database, migrateToLatest, Records } from '@longhaul/records';
import { claimed, newJob } from '../support/records';
import { startPostgres } from '../support/stores';

jest.setTimeout(60_000);

describe('PostgreSQL frozen for longer than a lease', () => {
  it('does not, when it thaws, free a live worker by a statement from before', async () => {
    const server = await startPostgres();
    await migrateToLatest(server.url);
    const records = new Records(new Database({ url: server.url, poolSize: 4, callMs: 500 }));
    await records.lanes.declare([{ name: 'one', cap: 3 }], 10);
    const { row } = await records.accepts.accept(newJob());
    const held = await claimed(records, row.id, { leaseMs: 1000 });
    // As the lease keeper would: half a lease from the last contact.
    const judgesUntil = new Date(Date.now() + 500);
    await server.freeze();
    await expect(records.leases.freeDead(judgesUntil)).rejects.toMatchObject({ code: 'store_unavailable' });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await server.thaw();
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await records.jobs.read(row.id)).toMatchObject({ leaseOwner: 'w1', deaths: 0, fence: held.fence });
    await records.close();
  });
});
