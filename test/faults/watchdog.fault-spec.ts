import { execFileSync } from 'node:child_process';
import { existsSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { startLonghaul, until } from '../support/longhaul';
import { scratchDirectory } from '../support/scratch';
import { backEnds } from '../support/stores';

jest.setTimeout(180_000);

const describeRedis = backEnds().includes('redis') ? describe : describe.skip;

const ENV = { LEASE_SECS: '4', WATCHDOG_SECS: '2', STUCK_SECS: '6' };

/** Its canary comes back, and of the lanes it hears nothing: what nobody else suffers from, and a new process may mend. */
const MAY_WRITE_NO_LANE = ['worker', 'on', '>secret', '+@all', '&*', '%R~*', '~*canary*'];

/** What an access list of a managed Redis may look like that nobody tried: reads go, scripts do not. */
const MAY_NOT_SCRIPT = ['worker', 'on', '>secret', '~*', '&*', '+@all', '-@scripting'];

const asWorker = (url = ''): string => url.replace('redis://', 'redis://worker:secret@');

describeRedis('a worker whose Redis lets it hear nothing', () => {
  it('ends with an exit code for its supervisor when it alone hears nothing, and the job is another worker’s', async () => {
    const longhaul = await startLonghaul({ backEnd: 'redis', env: ENV });
    longhaul.upstream.script({ replies: [{ text: 'done', repeat: 'forever' }] });
    await longhaul.redis?.addUser(...MAY_WRITE_NO_LANE);
    const deaf = await longhaul.worker({ REDIS_URL: asWorker(longhaul.redis?.url) });
    const job = await longhaul.chat('moonshot/kimi-k2.6', 'waits');
    expect(await deaf.exited).toBe(1);
    expect(deaf.logs()).toMatch(/Lane moonshot has work and free slots .* its worker is rebuilt/);
    expect(deaf.logs()).toMatch(/Lane moonshot still started nothing .* The process ends/);
    expect((await longhaul.job(job.id)).status).toBe('queued');
    await longhaul.worker();
    expect((await longhaul.ended(job.id)).status).toBe('completed');
    expect(longhaul.upstream.calls({ marker: 'waits' })).toHaveLength(1);
  });

  it('stays, says so, and starts the job when it may, where the store takes nothing from it: a new one has the same user', async () => {
    const longhaul = await startLonghaul({ backEnd: 'redis', env: ENV });
    longhaul.upstream.script({ replies: [{ text: 'done', repeat: 'forever' }] });
    await longhaul.redis?.addUser(...MAY_NOT_SCRIPT);
    const worker = await longhaul.worker({ REDIS_URL: asWorker(longhaul.redis?.url) });
    const job = await longhaul.chat('moonshot/kimi-k2.6', 'waits');
    const probe = async (): Promise<string> => (await fetch(`${worker.url}/readyz`)).text();
    // Three times the time of the watchdog: it would have ended twice the time ago.
    await until(
      'the worker is not ready',
      async () => /"not_ready".*NOPERM.*stuck/.test(await probe()),
      60_000,
    );
    expect(worker.logs()).toMatch(/The queue store takes no ticket from this process.*moonshot.*NOPERM/);
    expect(worker.logs()).not.toMatch(/is rebuilt|The process ends/);
    await longhaul.redis?.addUser('worker', '+@scripting');
    expect((await longhaul.ended(job.id)).status).toBe('completed');
    expect(longhaul.upstream.calls({ marker: 'waits' })).toHaveLength(1);
  });
});

/** A disk that goes away when it is told to. */
class HangingDisk {
  private readonly pipe: string;
  readonly env: Readonly<Record<string, string>>;

  constructor(folder: string) {
    this.pipe = join(folder, 'pipe');
    const preload = `--import ${join(__dirname, '../support/hanging-disk.mjs')}`;
    this.env = { NODE_OPTIONS: preload, HANGING_DISK: this.pipe };
  }

  goAway(): void {
    execFileSync('mkfifo', [this.pipe]);
  }

  hangs(): boolean {
    return existsSync(`${this.pipe}.hangs`);
  }

  /** Whoever still waits for it is let go. */
  comeBack(): void {
    openSync(this.pipe, 'r+');
    rmSync(this.pipe);
  }
}

describe.each(backEnds())('a worker whose spool hangs (%s)', (backEnd) => {
  it('ends, though its exit would wait for that disk, and the job is another worker’s', async () => {
    const longhaul = await startLonghaul({ backEnd, env: ENV });
    longhaul.upstream.script({ replies: [{ text: 'done', repeat: 'forever' }] });
    const disk = new HangingDisk(longhaul.api.dataDir);
    const hung = await longhaul.worker(disk.env);
    disk.goAway();
    try {
      const job = await longhaul.chat('moonshot/kimi-k2.6', 'waits');
      // Killed by its own hand.
      expect(await hung.exited).toBeNull();
      expect(hung.logs()).toMatch(/Lane moonshot still started nothing .* the disk of the spool/);
      expect((await longhaul.job(job.id)).status).toBe('queued');
      await longhaul.worker();
      expect((await longhaul.ended(job.id)).status).toBe('completed');
      expect(longhaul.upstream.calls({ marker: 'waits' })).toHaveLength(1);
    } finally {
      disk.comeBack();
    }
  });

  it('ends as well when it is told to, long before its drain is over, and so does an API', async () => {
    const longhaul = await startLonghaul({ backEnd, env: { ...ENV, WATCHDOG_SECS: '0', DRAIN_SECS: '600' } });
    longhaul.upstream.script({ replies: [{ text: 'done', repeat: 'forever' }] });
    const disks = [scratchDirectory('disk'), scratchDirectory('disk')].map(
      (folder) => new HangingDisk(folder),
    );
    const [ofTheWorker, ofTheApi] = disks as [HangingDisk, HangingDisk];
    const hung = [await longhaul.worker(ofTheWorker.env), await longhaul.secondApi(ofTheApi.env)];
    for (const disk of disks) disk.goAway();
    try {
      await longhaul.chat('moonshot/kimi-k2.6', 'waits');
      await until('both hang', async () => disks.every((disk) => disk.hangs()), 60_000);
      for (const process of hung) process.kill('SIGTERM');
      expect(await Promise.all(hung.map(({ exited }) => exited))).toEqual([null, null]);
    } finally {
      for (const disk of disks) disk.comeBack();
    }
  });
});
