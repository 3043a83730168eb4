import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Settlement } from '@longhaul/records';
import { Seal } from './seal';
import { Spool, SpoolOptions } from './spool';

export const settlement = {
  jobId: 'job_a',
  fence: 3,
  job: { to: 'end', status: 'completed', output: { text: 'paid for\nin full: ✓' } },
} as unknown as Settlement;

/** One folder for each test, and the spools of several processes on it. */
export class SpoolRig {
  folder = '';
  nowMs = 0;
  readonly said: string[] = [];
  readonly counted: string[] = [];
  private readonly opened: Spool[] = [];

  async begin(): Promise<void> {
    this.nowMs = 0;
    this.said.length = 0;
    this.counted.length = 0;
    this.folder = join(await mkdtemp(join(tmpdir(), 'longhaul-spool-')), 'spool');
    await this.spool().prepare();
  }

  async end(): Promise<void> {
    await Promise.all(this.opened.splice(0).map((spool) => spool.close()));
    await rm(join(this.folder, '..'), { recursive: true });
  }

  spool(change: Partial<SpoolOptions> & { readonly folder?: string } = {}): Spool {
    const { folder = this.folder, ...options } = change;
    const say = (message: string): void => void this.said.push(message);
    const count = (what: string): void => void this.counted.push(what);
    const spool = new Spool(
      folder,
      { listingMs: 0, rotateMs: 1000, seal: new Seal([]), now: () => this.nowMs, ...options },
      { log: { info: say, warn: say, error: say }, meter: { spoolWrote: count, spoolSetAside: count } },
    );
    this.opened.push(spool);
    return spool;
  }

  async logs(): Promise<string[]> {
    return (await readdir(this.folder)).filter((name) => name.endsWith('.log'));
  }

  async firstLog(): Promise<string> {
    return join(this.folder, (await this.logs())[0] ?? 'none');
  }

  /** Names and contents of everything there. */
  async onDisk(): Promise<string> {
    const names = await readdir(this.folder);
    const files = await Promise.all(names.map((name) => readFile(join(this.folder, name), 'latin1')));
    return [...names, ...files].join('\n');
  }
}

export const keyed = (...bytes: readonly number[]): Partial<SpoolOptions> => ({
  seal: new Seal(bytes.map((byte) => Buffer.alloc(32, byte))),
});

export async function answerOf(spool: Spool, jobId: string): Promise<Settlement | null> {
  const found = await spool.find(jobId);
  return found && 'settlement' in found ? found.settlement : null;
}
