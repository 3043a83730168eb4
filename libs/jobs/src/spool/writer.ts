import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { HeldClaim, Settlement } from '@longhaul/records';
import { Entry } from './entry';
import { OwnLog } from './own-log';
import { Seal } from './seal';

export interface WriterOptions {
  /** How long one file is appended to. */
  readonly rotateMs: number;
  readonly seal: Seal;
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

/** What this process appends: what comes while one flush is under way goes with the next. */
export class SpoolWriter {
  private readonly logs = new Set<OwnLog>();
  private current: OwnLog | null = null;
  private waiting: Waiting[] = [];
  private isWriting = false;
  private idle: NodeJS.Timeout | null = null;
  private readonly leaving = new Set<Promise<void>>();

  constructor(
    private readonly folder: string,
    private readonly options: WriterOptions,
  ) {}

  /** Returns after the bytes are on the disk. */
  write(settlement: Settlement): Promise<void> {
    return new Promise((done, failed) => {
      this.waiting.push({ settlement, done, failed });
      if (!this.isWriting) void this.writeAll();
    });
  }

  entries(): Entry[] {
    return [...this.logs].flatMap((log) => log.entries());
  }

  owns(name: string): boolean {
    return [...this.logs].some((log) => log.name === name);
  }

  /** The file of one of `entries`. */
  pathOf(entry: Entry): string | undefined {
    return [...this.logs].find((log) => log.entries().includes(entry))?.path;
  }

  forget(claim: HeldClaim): void {
    for (const log of this.logs) {
      if (!log.forget(claim) || !log.isEmpty) continue;
      if (log !== this.current) this.retire(log);
      else this.idle ??= setTimeout(() => this.retireIdle(), IDLE_MS).unref();
    }
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

  private async writeAll(): Promise<void> {
    this.isWriting = true;
    for (let batch = this.takeBatch(); batch.length > 0; batch = this.takeBatch()) {
      const settlements = batch.map(({ settlement }) => settlement);
      try {
        const log = await this.openLog();
        await log.append(settlements, { atMs: Date.now(), seal: this.options.seal });
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
