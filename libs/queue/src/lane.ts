import { Job } from 'bullmq';
import { setTimeout as pause } from 'node:timers/promises';
import { BackEnd, LaneWorker } from './back-end';
import { within } from './deadline';
import type { LaneStats } from './lanes';
import { QueueLog } from './quiet-log';

export interface LaneOptions {
  readonly backEnd: BackEnd;
  readonly leaseMs: number;
  readonly receive: (lane: Lane, job: Job, held: HeldTicket) => Promise<void>;
  readonly log: QueueLog;
  readonly warn: (thrown: unknown) => void;
}

/** What BullMQ hands over with a ticket. */
export interface HeldTicket {
  readonly token: string | undefined;
  readonly signal: AbortSignal;
}

/** DESIGN, "Time": shares of a lease. A dead worker's ticket is back before its lease is over. */
const LOCK_SHARE = 0.8;
const STALLED_SHARE = 0.2;
/** For acknowledgements and farewells, after the handlers have ended. */
const FAREWELL_MS = 1000;
/** BullMQ's codes of a ticket that is gone or not ours: no key, no lock, not active, another's lock. */
const LOST_CODES: readonly unknown[] = [-1, -2, -3, -6];

/** One lane of this process, and the BullMQ worker that serves it now. */
export class Lane {
  readonly stats: { -readonly [Key in keyof LaneStats]: LaneStats[Key] } = {
    ...{ active: 0, received: 0, handled: 0, held: 0, faults: 0, lost: 0, dropped: 0, rebuilt: 0 },
  };
  #worker: LaneWorker | null = null;
  #rest: NodeJS.Timeout | null = null;
  #stopped = false;

  constructor(
    readonly name: string,
    private cap: number,
    private readonly options: LaneOptions,
  ) {}

  /** Begins to fetch. */
  open(): void {
    this.#worker ??= this.#hire();
  }

  async ready(): Promise<void> {
    await this.#worker?.waitUntilReady();
  }

  setConcurrency(cap: number): void {
    this.cap = cap;
    if (this.#worker === null || this.#worker.concurrency === atLeastOne(cap)) return;
    this.#worker.concurrency = atLeastOne(cap);
    this.#wake(this.#worker);
  }

  /** Nothing is fetched for a while; what runs goes on. */
  rest(forMs: number): void {
    const worker = this.#worker;
    if (worker === null || this.#rest !== null || this.#stopped) return;
    worker.pause(true).catch(this.options.warn);
    this.#rest = setTimeout(() => {
      this.#rest = null;
      if (!this.#stopped && worker === this.#worker) worker.resume().catch(this.options.warn);
    }, forMs);
  }

  stop(): void {
    this.#stopped = true;
    if (this.#rest !== null) clearTimeout(this.#rest);
    this.#worker?.pause(true).catch(this.options.warn);
  }

  cancelAll(): void {
    this.#worker?.cancelAllJobs('the process ends');
  }

  async close(): Promise<void> {
    if (this.#worker !== null) await this.#dismiss(this.#worker);
  }

  /**
   * A new worker on connections of its own takes the place of one that hears nothing. Handlers that run go on; their
   * tickets come back and are stale, because PostgreSQL knows who has their jobs.
   */
  rebuild(): void {
    const deaf = this.#worker;
    if (deaf === null || this.#stopped) return;
    this.stats.rebuilt += 1;
    if (this.#rest !== null) clearTimeout(this.#rest);
    this.#rest = null;
    this.#worker = this.#hire();
    deaf.pause(true).catch(this.options.warn);
    void this.#dismiss(deaf);
  }

  #hire(): LaneWorker {
    const { backEnd, leaseMs, receive, log } = this.options;
    // BullMQ makes an abort signal only for a function that declares exactly these three, without defaults.
    const processor = (job: Job, token: string | undefined, signal: AbortSignal | undefined): Promise<void> =>
      receive(this, job, { token, signal: signal ?? new AbortController().signal });
    const worker = backEnd.worker(this.name, processor, {
      concurrency: atLeastOne(this.cap),
      lockDurationMs: leaseMs * LOCK_SHARE,
      stalledIntervalMs: leaseMs * STALLED_SHARE,
    });
    worker.on('error', (error) => this.#onError(error));
    worker.on('lockRenewalFailed', (bullIds) => {
      // The lease in PostgreSQL decides who runs a job, so a lost lock ends nothing here.
      log.warn(`Lane ${this.name}: the locks of ${bullIds.length} running ticket(s) are gone.`);
    });
    return worker;
  }

  #onError(error: Error): void {
    if (LOST_CODES.includes(Reflect.get(error, 'code'))) this.stats.lost += 1;
    else this.options.warn(error);
  }

  /** BullMQ looks at a raised concurrency only when a running ticket ends; a resume makes it look now. */
  #wake(worker: LaneWorker): void {
    if (this.#stopped || this.#rest !== null || !worker.isRunning()) return;
    // Both act before their first await, so the loop never sees the pause.
    const woken = Promise.all([worker.pause(true), worker.resume()]);
    woken.catch(this.options.warn);
  }

  /**
   * BullMQ's orderly close waits for the running tickets, and for ever where Redis is away. So the loop is left
   * to end by itself, which includes the acknowledgements, and what is left then is cut.
   */
  async #dismiss(worker: LaneWorker): Promise<void> {
    const backend = worker.getBackend();
    backend.disconnectBlocking(false).catch(this.options.warn);
    const givesUpAtMs = performance.now() + FAREWELL_MS;
    while (worker.isRunning() && performance.now() < givesUpAtMs) await pause(10);
    await within(FAREWELL_MS, worker.close(true)).catch(this.options.warn);
  }
}

const atLeastOne = (cap: number): number => Math.max(1, cap);
