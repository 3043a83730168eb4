import { Database, Records } from '@longhaul/records';
import { freshRecords, newJob } from '../support/records';

const leases = { worker: 'w1', leaseMs: 1000 };

describe('a PostgreSQL that is read-only, as a standby is', () => {
  it('says so before a job is sent, and counts as not reached by who would judge leases', async () => {
    const primary = await freshRecords();
    await primary.lanes.declare([{ name: 'one', cap: 1 }], 10);
    expect(await primary.leases.refusal()).toBeNull();
    expect((await primary.leases.renew([], leases)).takesWrites).toBe(true);

    const url = new URL(primary.database.url);
    url.searchParams.set('options', '-c default_transaction_read_only=on');
    const standby = new Records(new Database({ url: url.href, poolSize: 4, callMs: 10_000 }));
    try {
      expect(await standby.leases.refusal()).toBe('read_only');
      await expect(standby.leases.renew([], leases)).rejects.toMatchObject({ code: 'store_unavailable' });
      await expect(standby.accepts.accept(newJob())).rejects.toMatchObject({
        ...{ code: 'store_unavailable', message: expect.stringContaining('read-only') as unknown },
      });
    } finally {
      await standby.close();
    }
  });
});
