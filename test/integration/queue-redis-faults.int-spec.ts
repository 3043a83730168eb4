import { Dispatch, Lanes, ticketOf } from '@longhaul/queue';
import Redis from 'ioredis';
import { backEnds, RedisServer, startRedis } from '../support/stores';
import { backEndOf, bells, DONE, latch, LEASE_MS, QueueRig, until } from './queue-rig';

const describeRedis = backEnds().includes('redis') ? describe : describe.skip;
const silent = { warn: () => undefined, error: () => undefined };

/** Milliseconds until the promise rejected; fails the test when it did not. */
async function rejectsAfter(work: Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await expect(work).rejects.toMatchObject({ code: 'store_unavailable' });
  return performance.now() - startedAt;
}

describeRedis('lanes and a Redis that fails', () => {
  let server: RedisServer;
  let rig: QueueRig;

  beforeEach(async () => {
    server = await startRedis();
    rig = new QueueRig('redis', server.url);
    await rig.openLane();
  }, 30_000);
  afterEach(async () => {
    server.thaw();
    await rig.close();
    await server.stop();
  }, 30_000);

  it('survive a flush with two tickets running, and new bells work', async () => {
    const long = latch();
    const seen: string[] = [];
    const worker = await rig.work(async ({ jobId }) => {
      seen.push(jobId);
      if (seen.length <= 2) await long.opened;
      return DONE;
    });
    await rig.ring('job_0', 'job_1');
    await until('two run', 5000, () => seen.length === 2);
    await server.flushAll();
    long.open();
    await until('both ended', 2000, () => worker.stats()[rig.lane]?.handled === 2);
    await rig.dispatch.ring(rig.lane, [ticketOf('job_0', 2), ticketOf('job_2', 1)]);
    await until('the new bells are heard', 3000, () => seen.length === 4);
    expect(seen.slice(2).sort()).toEqual(['job_0', 'job_2']);
    expect(worker.stats()[rig.lane]).toMatchObject({ faults: 0, active: 0 });
    await until('the lost ones are counted', 2000, () => (worker.stats()[rig.lane]?.lost ?? 0) >= 2);
  }, 30_000);

  it('lose their locks in a flush without losing their handlers', async () => {
    const long = latch();
    const aborted: boolean[] = [];
    let running = 0;
    const worker = await rig.work(async (_ticket, _lane, signal) => {
      running += 1;
      await long.opened;
      aborted.push(signal.aborted);
      return DONE;
    });
    await rig.ring('job_0', 'job_1');
    await until('two run', 5000, () => running === 2);
    await server.flushAll();
    await new Promise((resolve) => setTimeout(resolve, LEASE_MS));
    long.open();
    await until('both ended', 2000, () => worker.stats()[rig.lane]?.handled === 2);
    expect(aborted).toEqual([false, false]);
    expect(running).toBe(2);
  }, 30_000);

  it('reject a ring at once while it is stopped, say when it is back, and go on within three seconds', async () => {
    const seen: string[] = [];
    await rig.work(async ({ jobId }) => {
      seen.push(jobId);
      return DONE;
    });
    let restored = 0;
    rig.dispatch.onRestored(() => (restored += 1));
    await rig.ring('job_before');
    await until('it is heard', 5000, () => seen.length === 1);
    await server.kill();
    expect(await rejectsAfter(rig.ring('job_away'))).toBeLessThan(2000);
    expect(await rejectsAfter(rig.dispatch.ring(rig.lane, bells(5)))).toBeLessThan(2000);
    expect(await rejectsAfter(rig.dispatch.setFetchLimit(rig.lane, 4))).toBeLessThan(2000);
    await until('it is known to be away', 2000, () => !rig.dispatch.isUp());
    // Long enough for the retries to reach their ceiling.
    await new Promise((resolve) => setTimeout(resolve, 4000));
    expect(restored).toBe(0);
    await server.start();
    const backAt = performance.now();
    await until('the return is told', 3000, () => restored === 1);
    expect(rig.dispatch.isUp()).toBe(true);
    await rig.ring('job_after');
    await until('consumption goes on', 3000 - (performance.now() - backAt), () => seen.includes('job_after'));
    await expect(rig.backEnd.queue(rig.lane).setGlobalConcurrency(4)).resolves.toBeDefined();
    expect(restored).toBe(1);
  }, 40_000);

  it('assert the fetch limit again when it returns empty', async () => {
    await rig.dispatch.setFetchLimit(rig.lane, 1);
    await server.flushAll();
    let restored = 0;
    rig.dispatch.onRestored(() => (restored += 1));
    await server.kill();
    await server.start();
    await until('the return is told', 3000, () => restored === 1);
    const client = new Redis(server.url);
    try {
      let limit: string | null = null;
      await until('the limit is there', 2000, () => {
        void client.hget(`bull:longhaul.${rig.lane}:meta`, 'concurrency').then((value) => (limit = value));
        return limit === '1';
      });
    } finally {
      client.disconnect();
    }
  }, 30_000);

  it('answer within two seconds while it is frozen, and go on when it thaws', async () => {
    const seen: string[] = [];
    await rig.work(async ({ jobId }) => {
      seen.push(jobId);
      return DONE;
    });
    let restored = 0;
    rig.dispatch.onRestored(() => (restored += 1));
    await rig.ring('job_before');
    await until('it is heard', 5000, () => seen.length === 1);
    server.freeze();
    expect(await rejectsAfter(rig.ring('job_frozen'))).toBeLessThan(2000);
    expect(await rejectsAfter(rig.dispatch.waiting(rig.lane))).toBeLessThan(2000);
    await until('it is known to be away', 2000, () => !rig.dispatch.isUp());
    // Longer than any socket timeout of a worker.
    await new Promise((resolve) => setTimeout(resolve, 7000));
    server.thaw();
    const thawedAt = performance.now();
    await until('the return is told', 3000, () => restored >= 1);
    await rig.ring('job_after');
    await until('consumption goes on', 3000 - (performance.now() - thawedAt), () =>
      seen.includes('job_after'),
    );
  }, 40_000);

  it('close in time although it is frozen or gone', async () => {
    const frozen = await rig.work(async () => DONE);
    server.freeze();
    const startedAt = performance.now();
    await frozen.close(1000);
    await rig.dispatch.close();
    expect(performance.now() - startedAt).toBeLessThan(4000);
    server.thaw();
    await rig.openLane();
    const orphaned = await rig.work(async () => DONE);
    await server.kill();
    const killedAt = performance.now();
    await orphaned.close(1000);
    await rig.dispatch.close();
    expect(performance.now() - killedAt).toBeLessThan(4000);
  }, 40_000);

  it('start without it, and serve when it comes', async () => {
    await rig.close();
    await server.kill();
    const startedAt = performance.now();
    await rig.openLane();
    expect(performance.now() - startedAt).toBeLessThan(3000);
    expect(rig.dispatch.isUp()).toBe(false);
    const seen: string[] = [];
    await rig.work(async ({ jobId }) => {
      seen.push(jobId);
      return DONE;
    });
    let restored = 0;
    rig.dispatch.onRestored(() => (restored += 1));
    await rejectsAfter(rig.ring('job_early'));
    await server.start();
    await until('its first appearance is told', 3000, () => restored === 1);
    await rig.ring('job_early');
    await until('it is heard', 3000, () => seen.includes('job_early'));
  }, 40_000);

  it('refuse one that evicts keys, at boot and later, and name the setting', async () => {
    const client = new Redis(server.url);
    try {
      await client.config('SET', 'maxmemory-policy', 'allkeys-lru');
      const refused = backEndOf('redis', server.url);
      await expect(refused.open()).rejects.toThrow(/maxmemory-policy noeviction/);

      const fatal: string[] = [];
      await client.config('SET', 'maxmemory-policy', 'noeviction');
      const running = backEndOf('redis', server.url, { onFatal: (error) => fatal.push(error.message) });
      await running.open();
      const dispatch = new Dispatch(running, silent);
      await client.config('SET', 'maxmemory-policy', 'volatile-lru');
      await client.client('KILL', 'SKIPME', 'yes');
      await until('the change is noticed', 3000, () => fatal.length > 0);
      expect(fatal[0]).toMatch(/maxmemory-policy is volatile-lru/);
      expect(dispatch.isUp()).toBe(false);
      await dispatch.close();
    } finally {
      client.disconnect();
    }
  }, 30_000);

  it('report one and the same outage once in the log, not once per try', async () => {
    const lines: string[] = [];
    const log = { warn: (line: string) => lines.push(line), error: (line: string) => lines.push(line) };
    const backEnd = backEndOf('redis', server.url, { log });
    await backEnd.open();
    const lanes = new Lanes({
      ...{ backEnd, log, leaseMs: LEASE_MS, handle: async () => DONE },
      lanes: [
        { lane: 'a', cap: 2 },
        { lane: 'b', cap: 2 },
      ],
    });
    await lanes.start();
    await server.kill();
    await new Promise((resolve) => setTimeout(resolve, 3000));
    await lanes.close(0);
    await backEnd.close();
    expect(lines.length).toBeGreaterThan(0);
    expect(new Set(lines).size).toBe(lines.length);
    expect(lines.length).toBeLessThan(8);
  }, 30_000);
});
