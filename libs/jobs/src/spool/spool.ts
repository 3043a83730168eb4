import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HeldClaim, Settlement } from '@longhaul/records';
import { Entry } from './entry';
import { ForeignLogs } from './foreign-logs';
import { OwnLog } from './own-log';

export interface SpoolOptions {
  /**
   * How old a look into the other processes' logs may be: a small part of a lease. Nobody takes a job over before most
   * of a lease has passed since its owner wrote an answer and died, so that answer has been seen.
   */
  readonly listingMs: number;
  /** How long one file is appended to. */
  readonly rotateMs: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

interface Waiting {
  readonly settlement: Settlement;
  readonly done: () => void;
  readonly failed: (reason: unknown) => void;
}

const LARGEST_LOG_BYTES = 16_000_000;
/** An empty log waits so long for the next answer before it goes. */
const IDLE_MS = 1000;
const TAG_BYTES = 6;

/**
 * Paid answers on disk, shared by the processes of one data directory: an answer is here, flushed, before it is
 * committed, so that neither a PostgreSQL outage nor a kill loses it. Each process appends to a log of its own, and what
 * comes while one flush is under way goes with the next: a file per answer costs seven trips to the disk, and its
 * creation and removal wait for every other flush of the machine. Files are 0600, in a folder of 0700.
 *
 * An answer that is settled is forgotten in memory alone and goes with its file. So a dead process may leave lines that
 * were settled: to settle one again is void, because its fence is gone.
 */
export class Spool {
  private readonly logs = new Set<OwnLog>();
  private readonly foreign: ForeignLogs;
  private current: OwnLog | null = null;
  private waiting: Waiting[] = [];
  private isWriting = false;
  private looked: { readonly atMs: number; readonly done: Promise<void> } | null = null;
  private idle: NodeJS.Timeout | null = null;
  private readonly leaving = new Set<Promise<void>>();

  constructor(
    private readonly folder: string,
    private readonly options: SpoolOptions,
  ) {
    this.foreign = new ForeignLogs(folder, (name) => [...this.logs].some((log) => log.name === name));
  }

  async prepare(): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
  }

  /** Returns after the bytes are on the disk. */
  write(settlement: Settlement): Promise<void> {
    return new Promise((done, failed) => {
      this.waiting.push({ settlement, done, failed });
      if (!this.isWriting) void this.writeAll();
    });
  }

  /** The newest spooled answer of a job, or null. */
  async find(jobId: string): Promise<Settlement | null> {
    await this.look(this.options.listingMs);
    const found = this.entries().filter((entry) => entry.jobId === jobId);
    const newest = found.sort((left, right) => right.fence - left.fence)[0];
    if (newest === undefined) return null;
    const own = [...this.logs].find((log) => log.entries().includes(newest));
    return own ? own.read(newest) : this.foreign.read(newest);
  }

  /** The jobs that have a spooled answer of at least this age; a young one may be about to be settled by its owner. */
  async jobIds({ olderThanMs = 0 } = {}): Promise<string[]> {
    await this.look(0);
    const latestMs = Date.now() - olderThanMs;
    return [...new Set(this.entries().flatMap(({ jobId, atMs }) => (atMs <= latestMs ? [jobId] : [])))];
  }

  /** How many answers of this process wait for PostgreSQL. */
  count(): number {
    return [...this.logs].reduce((sum, log) => sum + log.entries().length, 0);
  }

  remove(claim: HeldClaim): void {
    this.foreign.forget(claim);
    for (const log of this.logs) {
      if (!log.forget(claim) || !log.isEmpty) continue;
      if (log !== this.current) this.retire(log);
      else this.idle ??= setTimeout(() => this.retireIdle(), IDLE_MS).unref();
    }
  }

  /** For an answer that PostgreSQL will never take: people may look at it, nobody tries it again. */
  async setAside(settlement: Settlement): Promise<void> {
    const { jobId, fence } = settlement;
    const path = join(this.folder, `${jobId}.${String(fence)}.json.refused`);
    await writeFile(path, JSON.stringify(settlement), { mode: 0o600 });
    this.remove({ jobId, fence });
  }

  /** Ends the writing, and leaves no empty file behind. */
  async close(): Promise<void> {
    if (this.idle) clearTimeout(this.idle);
    for (const log of this.logs) {
      if (log.isEmpty) this.retire(log);
      else await log.close();
    }
    await Promise.all(this.leaving);
  }

  private entries(): Entry[] {
    return [...[...this.logs].flatMap((log) => log.entries()), ...this.foreign.entries()];
  }

  /** One look serves all claims of a moment. */
  private look(maxAgeMs: number): Promise<void> {
    const { now } = this.options;
    if (this.looked === null || now() - this.looked.atMs >= maxAgeMs) {
      const before = this.looked?.done ?? Promise.resolve();
      const done = before.catch(() => undefined).then(() => this.foreign.refresh());
      this.looked = { atMs: now(), done };
    }
    return this.looked.done;
  }

  private async writeAll(): Promise<void> {
    this.isWriting = true;
    for (let batch = this.takeBatch(); batch.length > 0; batch = this.takeBatch()) {
      const settlements = batch.map(({ settlement }) => settlement);
      try {
        const log = await this.openLog();
        await log.append(settlements, Date.now());
        for (const { done } of batch) done();
      } catch (thrown) {
        // Half a line may stand at its end: nothing may follow that.
        await this.leaveCurrent();
        for (const { failed } of batch) failed(thrown);
      }
    }
    this.isWriting = false;
  }

  private takeBatch(): Waiting[] {
    const batch = this.waiting;
    this.waiting = [];
    return batch;
  }

  private async openLog(): Promise<OwnLog> {
    const { now, rotateMs } = this.options;
    const { current } = this;
    if (current !== null && now() - current.sinceMs < rotateMs && current.sizeBytes < LARGEST_LOG_BYTES)
      return current;
    const name = `${String(Date.now())}-${randomBytes(TAG_BYTES).toString('hex')}.log`;
    const log = await OwnLog.create(join(this.folder, name), now());
    this.logs.add(log);
    this.current = log;
    if (current?.isEmpty) this.retire(current);
    return log;
  }

  private async leaveCurrent(): Promise<void> {
    const { current } = this;
    this.current = null;
    if (current?.isEmpty) this.retire(current);
    else await current?.close().catch(() => undefined);
  }

  private retireIdle(): void {
    this.idle = null;
    const { current } = this;
    // While something is being written, the log is about to be no longer empty.
    if (current === null || !current.isEmpty || this.isWriting) return;
    this.current = null;
    this.retire(current);
  }

  private retire(log: OwnLog): void {
    this.logs.delete(log);
    // A file that stays is read by the next process, and every line of it is void.
    const left = log.retire().catch(() => undefined);
    this.leaving.add(left);
    void left.then(() => this.leaving.delete(left));
  }
}
