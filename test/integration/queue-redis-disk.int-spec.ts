import Redis from 'ioredis';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { backEnds, RedisServer, startRedis } from '../support/stores';
import { DONE, QueueRig, until } from './queue-rig';

const describeRedis = backEnds().includes('redis') ? describe : describe.skip;

describeRedis('lanes and a Redis whose disk takes nothing', () => {
  let server: RedisServer;
  let client: Redis;
  /** Where its next snapshot belongs. A directory of that name makes every save fail, as a full disk does. */
  let snapshot: string;
  let rig: QueueRig;

  beforeEach(async () => {
    server = await startRedis();
    client = new Redis(server.url);
    const [, directory = ''] = (await client.config('GET', 'dir')) as string[];
    snapshot = join(directory, 'dump.rdb');
    rig = new QueueRig('redis', server.url);
    await rig.openLane();
  }, 30_000);
  afterEach(async () => {
    // With a save that fails Redis would not end.
    await client.config('SET', 'save', '');
    client.disconnect();
    await rig.close();
    await server.stop();
  }, 30_000);

  async function save(status: 'ok' | 'err'): Promise<void> {
    await client.bgsave();
    for (let looks = 0; looks < 500; looks += 1) {
      const said = await client.info('persistence');
      if (said.includes('rdb_bgsave_in_progress:0') && said.includes(`rdb_last_bgsave_status:${status}`))
        return;
      await pause(10);
    }
    throw new Error(`The save did not end as ${status}.`);
  }

  it('take nothing, say why, and go on by themselves when it does', async () => {
    const seen: string[] = [];
    await rig.work(async ({ jobId }) => {
      seen.push(jobId);
      return DONE;
    });
    await client.config('SET', 'save', '3600 1');
    mkdirSync(snapshot);
    await save('err');
    await expect(rig.dispatch.probe()).rejects.toThrow(/MISCONF/);
    await expect(rig.ring('job_early')).rejects.toMatchObject({ code: 'store_unavailable' });
    rmSync(snapshot, { recursive: true });
    await save('ok');
    await rig.dispatch.probe();
    await rig.ring('job_late');
    await until('it is heard', 10_000, () => seen.includes('job_late'));
    expect(seen).toEqual(['job_late']);
  }, 30_000);
});
