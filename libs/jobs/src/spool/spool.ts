import { join } from 'node:path';
import { CrashSwitch } from '@longhaul/contract';
import { HeldClaim, Settlement } from '@longhaul/records';
import { Log } from '../log';
import { DiskCheck } from './disk-check';
import { answerIn, Entry, Fault, headOf, keyOf, lineOf } from './entry';
import { ForeignLogs, nothingIfMissing, passesSoon } from './foreign-logs';
import { readPiece } from './own-log';
import { Seal } from './seal';
import { Aside, asideName, moveAside, writeAside } from './set-aside';
import { SpoolWriter } from './writer';

export interface SpoolOptions {
  /**
   * How old a look into the other processes' logs may be: a small part of a lease. Nobody takes a job over before most
   * of a lease has passed since its owner wrote an answer and died, so that answer has been seen.
   */
  readonly listingMs: number;
  /** How long one file is appended to. */
  readonly rotateMs: number;
  readonly seal: Seal;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

export interface SpoolParts {
  readonly meter: {
    spoolWrote(outcome: 'written' | 'failed'): void;
    spoolSetAside(why: Aside | 'closed'): void;
  };
  readonly log: Log;
  /** Only in a process that the fault bench has armed. */
  readonly crash?: CrashSwitch | undefined;
}

export interface Unreadable {
  readonly unreadable: Entry;
  readonly fault: Fault;
}

/** An answer, or what is in the way of reading it. */
export type Found = { readonly settlement: Settlement } | Unreadable;

const CHECK_MS = 10_000;
const FAILING_CHECK_MS = 1000;

/**
 * Paid answers on disk, shared by the processes of one data directory: an answer is here, flushed, before it is
 * committed, so that neither a PostgreSQL outage nor a kill loses it. Each process appends to a log of its own: a file
 * per answer costs seven trips to the disk, and its creation and removal wait for every other flush of the machine.
 * Files are 0600, in a folder of 0700; with keys every answer is sealed.
 *
 * An answer that is settled is forgotten in memory alone and goes with its file. So a dead process may leave lines that
 * were settled: to settle one again is void, because its fence is gone.
 */
export class Spool {
  private readonly writer: SpoolWriter;
  private readonly foreign: ForeignLogs;
  private readonly disk: DiskCheck;
  private looked: { readonly atMs: number; readonly done: Promise<void> } | null = null;
  private readonly passedOver = new Set<string>();

  constructor(
    private readonly folder: string,
    private readonly options: SpoolOptions,
    private readonly parts: SpoolParts,
  ) {
    this.writer = new SpoolWriter(folder, options);
    this.foreign = new ForeignLogs(folder, {
      isOwn: (name) => this.writer.owns(name),
      onStray: (name, stray) => this.setStrayAside(name, stray),
      onHalf: (name) => this.setHalfAside(name),
      onClosed: (name, thrown) => this.tellClosed(name, thrown),
    });
    const checks = { everyMs: CHECK_MS, failingEveryMs: FAILING_CHECK_MS, log: parts.log };
    this.disk = new DiskCheck(folder, checks);
  }

  /** Makes the folder, and asks the disk from time to time. A spool that cannot be written stops no boot. */
  async prepare(): Promise<void> {
    await this.disk.start();
  }

  /** Asks the disk now. */
  async check(): Promise<void> {
    await this.disk.run();
  }

  /** Why answers cannot be spooled now; null while they can. */
  get trouble(): string | null {
    return this.disk.trouble;
  }

  /** Returns after the bytes are on the disk. */
  async write(settlement: Settlement): Promise<void> {
    this.parts.crash?.reach('before:spool');
    try {
      await this.writer.write(settlement);
    } catch (thrown) {
      this.parts.meter.spoolWrote('failed');
      this.disk.failed(thrown);
      throw thrown;
    }
    this.parts.crash?.reach('after:spool');
    this.parts.meter.spoolWrote('written');
    this.disk.works();
  }

  /** The newest spooled answer of a job, or null. */
  async find(jobId: string): Promise<Found | null> {
    await this.look(this.options.listingMs);
    const found = this.entries().filter((entry) => entry.jobId === jobId);
    const newest = found.sort((left, right) => right.fence - left.fence)[0];
    if (newest === undefined) return null;
    const body = await this.bodyOf(newest).catch((thrown: unknown) => {
      if (passesSoon(thrown)) throw thrown;
      return 'closed' as const;
    });
    if (body === 'closed') return { unreadable: newest, fault: 'broken' };
    if (body === null) {
      // Its file went meanwhile: its owner has settled all that was in it.
      this.remove(newest);
      return null;
    }
    const answer = answerIn(newest, body.toString(), this.options.seal);
    return 'fault' in answer ? { unreadable: newest, fault: answer.fault } : answer;
  }

  /** The jobs that have a spooled answer of at least this age; a young one may be about to be settled by its owner. */
  async jobIds({ olderThanMs = 0 } = {}): Promise<string[]> {
    await this.look(0);
    const latestMs = Date.now() - olderThanMs;
    return [...new Set(this.entries().flatMap(({ jobId, atMs }) => (atMs <= latestMs ? [jobId] : [])))];
  }

  /** How many answers of this process wait for PostgreSQL. */
  count(): number {
    return this.writer.entries().length;
  }

  remove(claim: HeldClaim): void {
    this.foreign.forget(claim);
    this.writer.forget(claim);
    this.parts.crash?.reach('after:unspool');
  }

  /** For an answer that PostgreSQL will never take: people may look at it, nobody tries it again. @returns its file */
  async setAside(settlement: Settlement): Promise<string> {
    const { head, body } = lineOf(settlement, Date.now(), this.options.seal);
    const name = asideName(keyOf(settlement), 'refused');
    await this.keep(name, 'refused', Buffer.from(`${head}${body}\n`));
    this.remove(settlement);
    return name;
  }

  /** The same for one that cannot be read, as its bytes are. @returns null when another process has told of it */
  async setUnreadableAside(entry: Entry, fault: Fault): Promise<string | null> {
    const name = asideName(keyOf(entry), fault);
    const body = await this.bodyOf(entry);
    const isNew = await this.keep(
      name,
      fault,
      Buffer.concat([Buffer.from(headOf(entry)), body ?? Buffer.of()]),
    );
    this.remove(entry);
    return isNew ? name : null;
  }

  /** Ends the writing, and leaves no empty file behind. */
  async close(): Promise<void> {
    this.disk.stop();
    await this.writer.close();
  }

  private entries(): Entry[] {
    return [...this.writer.entries(), ...this.foreign.entries()];
  }

  private async bodyOf(entry: Entry): Promise<Buffer | null> {
    const path = this.writer.pathOf(entry) ?? this.foreign.pathOf(entry);
    return path === undefined ? null : readPiece(path, entry).catch(nothingIfMissing);
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

  private async keep(name: string, why: Aside, bytes: Buffer): Promise<boolean> {
    const isNew = await writeAside(join(this.folder, name), bytes);
    if (isNew) this.parts.meter.spoolSetAside(why);
    return isNew;
  }

  private async setStrayAside(log: string, stray: { offset: number; length: number }): Promise<void> {
    const name = asideName(`${log}.${String(stray.offset)}`, 'broken');
    const bytes = await readPiece(join(this.folder, log), stray);
    if (await this.keep(name, 'broken', bytes).catch(() => false))
      this.parts.log.error(
        `A line of the spool's ${log} tells no job and is kept as ${name}. Its job is called again.`,
      );
  }

  private async setHalfAside(log: string): Promise<void> {
    const name = await moveAside(this.folder, log);
    this.parts.meter.spoolSetAside('broken');
    this.parts.log.warn(
      `The spool's ${log} ends in half an answer, which nobody can commit, and is kept as ${name}.`,
    );
  }

  /** Once for each: it is met at every look. */
  private tellClosed(name: string, thrown: unknown): void {
    if (this.passedOver.has(name)) return;
    this.passedOver.add(name);
    this.parts.meter.spoolSetAside('closed');
    const path = join(this.folder, name);
    this.parts.log.error(
      `${path} cannot be read, so what was paid for in it is called again. Give it to the user of this process, or mend its disk; what is no log of a worker can go.`,
      thrown,
    );
  }
}
