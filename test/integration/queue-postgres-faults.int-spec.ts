import { PostgresServer, startPostgres } from '../support/stores';
import { backEndOf, DONE, QueueRig, until } from './queue-rig';

describe('lanes and a PostgreSQL that fails', () => {
  let server: PostgresServer;
  let rig: QueueRig;

  beforeAll(async () => {
    server = await startPostgres();
    rig = new QueueRig('postgres', server.url);
  }, 60_000);
  beforeEach(() => rig.openLane());
  afterEach(() => rig.close());

  it('are prepared once by several processes that boot together', async () => {
    const several = Array.from({ length: 4 }, () => backEndOf('postgres', server.url));
    await Promise.all(several.map((backEnd) => backEnd.open()));
    await Promise.all(several.map((backEnd) => backEnd.close()));
  }, 20_000);

  it('reject a ring while it is stopped, say when it is back, and go on', async () => {
    const seen: string[] = [];
    await rig.work(async ({ jobId }) => {
      seen.push(jobId);
      return DONE;
    });
    let restored = 0;
    rig.dispatch.onRestored(() => (restored += 1));
    await rig.ring('job_before');
    await until('it is heard', 5000, () => seen.length === 1);
    await server.stop();
    await expect(rig.ring('job_away')).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(rig.dispatch.isUp()).toBe(false);
    const closed = backEndOf('postgres', server.url);
    await expect(closed.open()).rejects.toMatchObject({ code: 'store_unavailable' });
    await server.start();
    await until('the return is told', 5000, () => restored === 1);
    await rig.ring('job_after');
    await until('consumption goes on', 5000, () => seen.includes('job_after'));
  }, 60_000);

  it('answer within two seconds while it is frozen, and close in time', async () => {
    const worker = await rig.work(async () => DONE);
    await rig.ring('job_before');
    await until('it is heard', 5000, () => worker.stats()[rig.lane]?.handled === 1);
    await server.freeze();
    try {
      const startedAt = performance.now();
      await expect(rig.ring('job_frozen')).rejects.toMatchObject({ code: 'store_unavailable' });
      expect(performance.now() - startedAt).toBeLessThan(2000);
      const closingAt = performance.now();
      await worker.close(500);
      await rig.dispatch.close();
      expect(performance.now() - closingAt).toBeLessThan(6000);
    } finally {
      await server.thaw();
    }
  }, 60_000);
});
