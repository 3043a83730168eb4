import { GatewayError } from '@longhaul/contract';
import { Job, RateLimitError, WaitingError } from 'bullmq';
import { BackEnd, STORE_DEADLINE_MS } from './back-end';
import { within } from './deadline';
import { HeldTicket, Lane } from './lane';
import { messageOf, QueueLog, QuietLog } from './quiet-log';
import { parseTicket, Ticket } from './ticket';

/**
 * What becomes of a ticket: it is gone; it is gone and this process leaves the lane to others for a while; it is first
 * in line again; or so, and the whole lane waits.
 */
export type Fate =
  | { readonly fate: 'done' }
  | { readonly fate: 'rest'; readonly forMs: number }
  | { readonly fate: 'back' }
  | { readonly fate: 'hold'; readonly forMs: number };

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
  /** Tickets that came, whatever became of them. */
  readonly received: number;
  readonly handled: number;
  readonly held: number;
  /** Handlers that threw. */
  readonly faults: number;
  /** Tickets that the store had lost, or given to another worker, before they were acknowledged. Harmless. */
  readonly lost: number;
  /** Tickets that could not be read. */
  readonly dropped: number;
  /** How often a worker that heard nothing was replaced. */
  readonly rebuilt: number;
}

/** The consuming side: one BullMQ worker per lane. */
export class Lanes {
  readonly #lanes: ReadonlyMap<string, Lane>;
  readonly #log: QueueLog;
  #stopped = false;
  #whenIdle: (() => void) | null = null;

  constructor(private readonly options: LanesOptions) {
    const { backEnd, leaseMs } = options;
    this.#log = new QuietLog(options.log);
    const tools = {
      ...{ backEnd, leaseMs, log: this.#log },
      receive: (lane: Lane, job: Job, held: HeldTicket) => this.#receive(lane, job, held),
      warn: (thrown: unknown) => this.#warn(thrown),
    };
    this.#lanes = new Map(options.lanes.map(({ lane, cap }) => [lane, new Lane(lane, cap, tools)]));
  }

  /** Begins to fetch. The back end must be open. A Redis that is away is waited for in the background. */
  async start(): Promise<void> {
    for (const lane of this.#lanes.values()) lane.open();
    if (this.options.backEnd.kind === 'redis') return;
    try {
      // BullMQ keeps the failure of a PostgreSQL worker's first query for good: better no start than a deaf one.
      await this.#each((lane) => lane.ready());
    } catch (cause) {
      await this.close(0);
      const message = `The lanes could not be served: ${messageOf(cause)}. Check DATABASE_URL and start again.`;
      throw new GatewayError('store_unavailable', message, { cause });
    }
  }

  /** Changes how many tickets of a lane this process runs at once. Running ones go on. */
  setConcurrency(lane: string, cap: number): void {
    this.#lanes.get(lane)?.setConcurrency(cap);
  }

  /** Serves a lane by a new worker with new connections, for one that hears nothing. */
  rebuild(lane: string): void {
    this.#lanes.get(lane)?.rebuild();
  }

  /** From now on no ticket reaches the handler; those that wait stay where they are. */
  stopClaiming(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    for (const lane of this.#lanes.values()) lane.stop();
  }

  /**
   * Stops claiming, waits for the running handlers for at most `graceMs`, then aborts their signals and leaves.
   * A handler that ignores its signal goes on without a ticket. Never hangs, whatever the store does.
   */
  async close(graceMs: number): Promise<void> {
    this.stopClaiming();
    await within(graceMs, this.#idle()).catch(() => undefined);
    if (this.#active() > 0) for (const lane of this.#lanes.values()) lane.cancelAll();
    await this.#each((lane) => lane.close());
  }

  /** Of whoever waits in `close`: what runs now may hang. */
  waitNoLonger(): void {
    this.#whenIdle?.();
  }

  /** Counters per lane since the start. */
  stats(): Readonly<Record<string, LaneStats>> {
    return Object.fromEntries([...this.#lanes.values()].map(({ name, stats }) => [name, { ...stats }]));
  }

  async #each(work: (lane: Lane) => Promise<void>): Promise<void> {
    await Promise.all([...this.#lanes.values()].map(work));
  }

  async #receive(lane: Lane, job: Job, { token, signal }: HeldTicket): Promise<void> {
    lane.stats.received += 1;
    // A fetch that was under way when the stop came may still bring one ticket.
    if (this.#stopped) return putBack(job, token);
    const parsed = parseTicket(job.data);
    if (parsed.kind !== 'ticket') return this.#drop(lane, job, parsed.kind);
    const fate = await this.#handle(lane, parsed.ticket, signal);
    switch (fate.fate) {
      case 'done':
        return;
      case 'rest':
        lane.rest(fate.forMs);
        return;
      case 'back':
        return putBack(job, token);
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
}

async function putBack(job: Job, token: string | undefined): Promise<never> {
  await job.moveToWait(token);
  throw new WaitingError();
}
