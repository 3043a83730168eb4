import { GatewayError } from '@longhaul/contract';
import { Job, RateLimitError, WaitingError } from 'bullmq';
import { setTimeout as pause } from 'node:timers/promises';
import { BackEnd, LaneWorker, STORE_DEADLINE_MS } from './back-end';
import { within } from './deadline';
import { messageOf, QueueLog, QuietLog } from './quiet-log';
import { parseTicket, Ticket } from './ticket';

/** What becomes of a ticket: it is gone, or the whole lane waits and the ticket is first in line again. */
export type Fate = { readonly fate: 'done' } | { readonly fate: 'hold'; readonly forMs: number };

/** Handles one ticket. `signal` is aborted when `close` has waited long enough. */
export type TicketHandler = (ticket: Ticket, lane: string, signal: AbortSignal) => Promise<Fate>;

export interface LaneCap {
  readonly lane: string;
  /** In-flight cap of the lane; one process never fetches more. */
  readonly cap: number;
}

export interface LanesOptions {
  readonly backEnd: BackEnd;
  readonly lanes: readonly LaneCap[];
  readonly leaseMs: number;
  readonly handle: TicketHandler;
  readonly log: QueueLog;
}

export interface LaneStats {
  /** Tickets whose handler runs now. */
  readonly active: number;
  readonly handled: number;
  readonly held: number;
  /** Handlers that threw. */
  readonly faults: number;
  /** Tickets that the store had lost, or given to another worker, before they were acknowledged. Harmless. */
  readonly lost: number;
  /** Tickets that could not be read. */
  readonly dropped: number;
}

interface Lane {
  readonly name: string;
  cap: number;
  worker: LaneWorker | null;
  stats: { -readonly [Key in keyof LaneStats]: LaneStats[Key] };
}

/** DESIGN, "Time": shares of a lease. A dead worker's ticket is back before its lease is over. */
const LOCK_SHARE = 0.8;
const STALLED_SHARE = 0.2;
/** For acknowledgements and farewells, after the handlers have ended. */
const FAREWELL_MS = 1000;
/** BullMQ's codes of a ticket that is gone or not ours: no key, no lock, not active, another's lock. */
const LOST_CODES: readonly unknown[] = [-1, -2, -3, -6];

const noStats = (): Lane['stats'] => ({ active: 0, handled: 0, held: 0, faults: 0, lost: 0, dropped: 0 });

/** The consuming side: one BullMQ worker per lane. */
export class Lanes {
  readonly #lanes: ReadonlyMap<string, Lane>;
  readonly #log: QueueLog;
  #stopped = false;
  #whenIdle: (() => void) | null = null;

  constructor(private readonly options: LanesOptions) {
    const made = options.lanes.map(({ lane, cap }): [string, Lane] => [
      lane,
      { name: lane, cap, worker: null, stats: noStats() },
    ]);
    this.#lanes = new Map(made);
    this.#log = new QuietLog(options.log);
  }

  /** Begins to fetch. The back end must be open. A Redis that is away is waited for in the background. */
  async start(): Promise<void> {
    for (const lane of this.#lanes.values()) lane.worker = this.#hire(lane);
    if (this.options.backEnd.kind === 'redis') return;
    try {
      // BullMQ keeps the failure of a PostgreSQL worker's first query for good: better no start than a deaf one.
      await Promise.all(this.#workers().map((worker) => worker.waitUntilReady()));
    } catch (cause) {
      await this.close(0);
      const message = `The lanes could not be served: ${messageOf(cause)}. Check DATABASE_URL and start again.`;
      throw new GatewayError('store_unavailable', message, { cause });
    }
  }

  /** Changes how many tickets of a lane this process runs at once. Running ones go on. */
  setConcurrency(lane: string, cap: number): void {
    const known = this.#lanes.get(lane);
    if (known === undefined) return;
    known.cap = cap;
    if (known.worker === null || known.worker.concurrency === atLeastOne(cap)) return;
    known.worker.concurrency = atLeastOne(cap);
    this.#wake(known.worker);
  }

  /** From now on no ticket reaches the handler; those that wait stay where they are. */
  stopClaiming(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    for (const worker of this.#workers()) worker.pause(true).catch((thrown: unknown) => this.#warn(thrown));
  }

  /**
   * Stops claiming, waits for the running handlers for at most `graceMs`, then aborts their signals and leaves.
   * A handler that ignores its signal goes on without a ticket. Never hangs, whatever the store does.
   */
  async close(graceMs: number): Promise<void> {
    this.stopClaiming();
    await within(graceMs, this.#idle()).catch(() => {
      for (const worker of this.#workers()) worker.cancelAllJobs('the process ends');
    });
    await Promise.all(this.#workers().map((worker) => this.#dismiss(worker)));
  }

  /** Counters per lane since the start. */
  stats(): Readonly<Record<string, LaneStats>> {
    return Object.fromEntries([...this.#lanes.values()].map(({ name, stats }) => [name, { ...stats }]));
  }

  #workers(): LaneWorker[] {
    return [...this.#lanes.values()].flatMap(({ worker }) => (worker === null ? [] : [worker]));
  }

  #hire(lane: Lane): LaneWorker {
    const { backEnd, leaseMs } = this.options;
    // BullMQ makes an abort signal only for a function that declares exactly these three, without defaults.
    const processor = (job: Job, token: string | undefined, signal: AbortSignal | undefined): Promise<void> =>
      this.#receive(lane, job, { token, signal: signal ?? new AbortController().signal });
    const worker = backEnd.worker(lane.name, processor, {
      concurrency: atLeastOne(lane.cap),
      lockDurationMs: leaseMs * LOCK_SHARE,
      stalledIntervalMs: leaseMs * STALLED_SHARE,
    });
    worker.on('error', (error) => this.#onError(lane, error));
    worker.on('lockRenewalFailed', (bullIds) => {
      // The lease in PostgreSQL decides who runs a job, so a lost lock ends nothing here.
      this.#log.warn(`Lane ${lane.name}: the locks of ${bullIds.length} running ticket(s) are gone.`);
    });
    return worker;
  }

  async #receive(
    lane: Lane,
    job: Job,
    { token, signal }: { readonly token: string | undefined; readonly signal: AbortSignal },
  ): Promise<void> {
    if (this.#stopped) {
      // A fetch that was under way when the stop came may still bring one ticket.
      await job.moveToWait(token);
      throw new WaitingError();
    }
    const parsed = parseTicket(job.data);
    if (parsed.kind !== 'ticket') return this.#drop(lane, job, parsed.kind);
    const fate = await this.#handle(lane, parsed.ticket, signal);
    switch (fate.fate) {
      case 'done':
        return;
      case 'hold':
        await this.#hold(lane, fate.forMs);
        throw new RateLimitError();
      default:
        return fate satisfies never;
    }
  }

  async #handle(lane: Lane, ticket: Ticket, signal: AbortSignal): Promise<Fate> {
    lane.stats.active += 1;
    try {
      const fate = await this.options.handle(ticket, lane.name, signal);
      lane.stats.handled += 1;
      return fate;
    } catch (thrown) {
      // PostgreSQL decides whether and when the job is rung again, so for the lane this ticket is done.
      lane.stats.faults += 1;
      this.#log.error(`Lane ${lane.name}: job ${ticket.jobId} threw: ${messageOf(thrown)}`);
      return { fate: 'done' };
    } finally {
      lane.stats.active -= 1;
      if (this.#active() === 0) this.#whenIdle?.();
    }
  }

  /** Holds the lane in every process. If that fails the ticket is back at once, and is held by the next claim. */
  async #hold(lane: Lane, forMs: number): Promise<void> {
    lane.stats.held += 1;
    const held = this.options.backEnd.queue(lane.name).rateLimit(Math.max(1, Math.round(forMs)));
    await within(STORE_DEADLINE_MS, held).catch((thrown: unknown) => this.#warn(thrown));
  }

  /** A newer Longhaul's ticket is dropped as well: PostgreSQL rings again, until a worker that knows it answers. */
  #drop(lane: Lane, job: Job, kind: 'newer' | 'garbage'): void {
    lane.stats.dropped += 1;
    const what = kind === 'newer' ? 'of a newer Longhaul' : 'that is not one of ours';
    this.#log.warn(`Lane ${lane.name}: dropped ticket ${job.id ?? '?'} ${what}.`);
  }

  #onError(lane: Lane, error: Error): void {
    if (LOST_CODES.includes(Reflect.get(error, 'code'))) lane.stats.lost += 1;
    else this.#warn(error);
  }

  #warn(thrown: unknown): void {
    this.#log.warn(`Lanes (${this.options.backEnd.kind}): ${messageOf(thrown)}`);
  }

  #active(): number {
    return [...this.#lanes.values()].reduce((sum, { stats }) => sum + stats.active, 0);
  }

  #idle(): Promise<void> {
    if (this.#active() === 0) return Promise.resolve();
    return new Promise((resolve) => (this.#whenIdle = resolve));
  }

  /** BullMQ looks at a raised concurrency only when a running ticket ends; a resume makes it look now. */
  #wake(worker: LaneWorker): void {
    if (this.#stopped || !worker.isRunning()) return;
    // Both act before their first await, so the loop never sees the pause.
    const woken = Promise.all([worker.pause(true), worker.resume()]);
    woken.catch((thrown: unknown) => this.#warn(thrown));
  }

  /**
   * BullMQ's orderly close waits for the running tickets, and for ever where Redis is away. So the loop is left
   * to end by itself, which includes the acknowledgements, and what is left then is cut.
   */
  async #dismiss(worker: LaneWorker): Promise<void> {
    const backend = worker.getBackend();
    backend.disconnectBlocking(false).catch((thrown: unknown) => this.#warn(thrown));
    const givesUpAtMs = performance.now() + FAREWELL_MS;
    while (worker.isRunning() && performance.now() < givesUpAtMs) await pause(10);
    await within(FAREWELL_MS, worker.close(true)).catch((thrown: unknown) => this.#warn(thrown));
  }
}

const atLeastOne = (cap: number): number => Math.max(1, cap);
