import { Dispatch, Lanes, ticketOf } from '@longhaul/queue';
import { setTimeout as pause } from 'node:timers/promises';
import { putUpSignpost, Signpost } from '../support/signpost';
import { backEnds, RedisServer, startRedis } from '../support/stores';
import { backEndOf, DONE, latch, LEASE_MS, QueueRig, until } from './queue-rig';

const describeRedis = backEnds().includes('redis') ? describe : describe.skip;

describeRedis('lanes and a Redis primary that becomes a replica while their connections stay open', () => {
  let primary: RedisServer;
  let replica: RedisServer;
  let name: Signpost;
  let rig: QueueRig;

  beforeEach(async () => {
    [primary, replica] = await Promise.all([startRedis(), startRedis()]);
    await replica.follow(primary);
    name = await putUpSignpost(primary.url);
    rig = new QueueRig('redis', name.url);
    await rig.openLane();
  }, 60_000);
  afterEach(async () => {
    await rig.close();
    await name.close();
    await Promise.all([primary.stop(), replica.stop()]);
  }, 60_000);

  async function swap(): Promise<void> {
    await replica.lead();
    name.leadTo(replica.url);
    await primary.follow(replica);
  }

  /** As the feeder does: what was not taken is rung again. */
  async function ringUntilTaken(jobId: string): Promise<string[]> {
    const refusals: string[] = [];
    const givesUpAtMs = performance.now() + 20_000;
    for (;;) {
      try {
        await rig.ring(jobId);
        return refusals;
      } catch (thrown) {
        refusals.push(String(thrown));
        if (performance.now() > givesUpAtMs) throw thrown;
        await pause(100);
      }
    }
  }

  it('go on without a restart where the name leads to the new primary', async () => {
    const long = latch();
    const seen: string[] = [];
    const worker = await rig.work(async ({ jobId }) => {
      seen.push(jobId);
      if (jobId === 'job_long') await long.opened;
      return DONE;
    });
    let restored = 0;
    rig.dispatch.onRestored(() => (restored += 1));
    await rig.ring('job_long', 'job_before');
    await until('both are heard', 10_000, () => seen.length === 2);
    await swap();
    const refusals = await ringUntilTaken('job_after');
    expect(refusals[0]).toContain('READONLY');
    await until('consumption goes on', 20_000, () => seen.includes('job_after'));
    await until('the return is told', 10_000, () => restored > 0);
    long.open();
    await until('all have ended', 10_000, () => worker.stats()[rig.lane]?.handled === 3);
    expect(seen).toEqual(['job_long', 'job_before', 'job_after']);
  }, 90_000);

  // An ear that listens is cut off by Redis itself; one that was full stays connected to the old primary.
  it.each(['listens', 'is full'])(
    'hear what others ring on the new primary, where the worker %s',
    async (at) => {
      const long = latch();
      const seen: string[] = [];
      const handle = async ({ jobId }: { jobId: string }): Promise<typeof DONE> => {
        seen.push(jobId);
        if (jobId === 'job_before' && at === 'is full') await long.opened;
        return DONE;
      };
      await rig.work(handle, 1);
      await rig.ring('job_before');
      await until('it is heard', 10_000, () => seen.length === 1);
      await swap();
      long.open();
      const elsewhere = backEndOf('redis', replica.url);
      await elsewhere.open();
      const dispatch = new Dispatch(elsewhere, { warn: () => undefined, error: () => undefined });
      try {
        // More than one: the first may be fetched without an ear.
        for (const jobId of ['job_1', 'job_2', 'job_3', 'job_4']) {
          await dispatch.ring(rig.lane, [ticketOf(jobId, 1)]);
          await until(`${jobId} is heard`, 20_000, () => seen.includes(jobId));
        }
        expect(seen).toEqual(['job_before', 'job_1', 'job_2', 'job_3', 'job_4']);
      } finally {
        await dispatch.close();
      }
    },
    90_000,
  );

  it('wait for a name that goes on leading to the replica, without a storm, and go on where it is promoted', async () => {
    const lines: string[] = [];
    const log = { warn: (line: string) => lines.push(line), error: (line: string) => lines.push(line) };
    const backEnd = backEndOf('redis', name.url, { log });
    await backEnd.open();
    const dispatch = new Dispatch(backEnd, log);
    const seen: string[] = [];
    const handle = async ({ jobId }: { jobId: string }) => {
      seen.push(jobId);
      return DONE;
    };
    const lanes = new Lanes({
      ...{ backEnd, log, leaseMs: LEASE_MS, handle },
      lanes: [{ lane: rig.lane, cap: 2 }],
    });
    await lanes.start();
    let restored = 0;
    dispatch.onRestored(() => (restored += 1));
    try {
      await dispatch.ring(rig.lane, [ticketOf('job_before', 1)]);
      await until('it is heard', 10_000, () => seen.length === 1);
      await primary.follow(replica);
      const madeBefore = name.made();
      const words = new Set<boolean>();
      const endsAtMs = performance.now() + 8000;
      let refused = 0;
      while (performance.now() < endsAtMs) {
        await dispatch.ring(rig.lane, [ticketOf('job_after', 1)]).catch(() => (refused += 1));
        words.add(dispatch.isUp());
        await pause(20);
      }
      expect(refused).toBeGreaterThan(20);
      // The producer's, the worker's and its ear: at once, and after 1, 2 and 4 s; without a bound it was 145 times.
      expect(name.made() - madeBefore).toBeGreaterThan(0);
      expect(name.made() - madeBefore).toBeLessThanOrEqual(20);
      expect([...words]).toEqual([true]);
      expect(restored).toBe(0);
      expect(new Set(lines).size).toBe(lines.length);
      expect(lines.length).toBeLessThan(12);
      await primary.lead();
      await until('it takes tickets', 10_000, () => {
        void dispatch.ring(rig.lane, [ticketOf('job_after', 1)]).catch(() => undefined);
        return seen.includes('job_after');
      });
    } finally {
      await lanes.close(0);
      await dispatch.close();
    }
  }, 90_000);
});
