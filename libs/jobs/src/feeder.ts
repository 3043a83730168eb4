import { GatewayError } from '@longhaul/contract';
import { Dispatch, Ticket, ticketOf } from '@longhaul/queue';
import { FeedAnswer, FeedTerms, isStoreAway, Records, RungJob } from '@longhaul/records';
import { Log } from './log';
import { RoadMeter } from './road-meter';

export interface FeederParts {
  readonly records: Records;
  readonly dispatch: Pick<Dispatch, 'isUp' | 'ring'>;
  readonly meter: RoadMeter;
  readonly log: Log;
}

export interface FeederOptions extends FeedTerms {
  readonly lanes: readonly string[];
  readonly random: () => number;
  /** Monotonic milliseconds. Default: the process's own. */
  readonly now?: () => number;
}

/** Another process feeds the lane this very moment; its snapshot may be older than our commit, so we look again. */
const BUSY_RETRY_MS = 25;
/** Twice as long each time until the next wake: if it goes on, those who feed it look with snapshots younger than our commit. */
const LONGEST_BUSY_RETRY_MS = 200;
const LONGEST_TIMER_MS = 60_000;

interface LaneState {
  feeding: boolean;
  again: boolean;
  timer: NodeJS.Timeout | null;
  busyRetryMs: number;
  /** When it was last fed, by this process or, as it saw, by another. */
  fedMs: number;
}

/**
 * Rings ready jobs into their lanes. One feed per lane is under way at a time, here by a flag and among processes by
 * an advisory lock; a wake during a feed makes one more feed after it. PostgreSQL decides who is ready: the queue
 * never delays anything.
 */
export class Feeder {
  private readonly lanes = new Map<string, LaneState>();
  private stopped = false;
  private moveBarred: (jobId: string) => Promise<void> = () => Promise.resolve();

  constructor(
    private readonly parts: FeederParts,
    private readonly options: FeederOptions,
  ) {
    for (const lane of options.lanes)
      this.lanes.set(lane, {
        ...{ feeding: false, again: false, timer: null, busyRetryMs: BUSY_RETRY_MS },
        fedMs: this.now(),
      });
  }

  /** `moveBarred` is handed in late: it needs the feeder for its own wakes. */
  start(moveBarred: (jobId: string) => Promise<void>): void {
    this.moveBarred = moveBarred;
    this.parts.records.notices.on('ready', (lane) => {
      this.wake(lane);
    });
    this.wakeAll();
  }

  stop(): void {
    this.stopped = true;
    for (const state of this.lanes.values()) if (state.timer) clearTimeout(state.timer);
  }

  wakeAll(): void {
    for (const lane of this.lanes.keys()) this.wake(lane);
  }

  /** How long ago the lane was fed that was fed least lately; every lane is fed at least with each reconciling round. */
  lagMs(): number {
    return this.now() - Math.min(this.now(), ...[...this.lanes.values()].map(({ fedMs }) => fedMs));
  }

  /** Cheap, from anywhere, as often as you like. A lane that this configuration does not know is left to others. */
  wake(lane: string): void {
    const state = this.lanes.get(lane);
    if (!state) return;
    state.busyRetryMs = BUSY_RETRY_MS;
    this.look(lane, state);
  }

  /** Rings tickets anew that got lost, under the same number. */
  async ringAgain(tickets: readonly (RungJob & { readonly lane: string })[]): Promise<void> {
    for (const lane of new Set(tickets.map((ticket) => ticket.lane))) {
      const lost = tickets.filter((ticket) => ticket.lane === lane);
      this.parts.meter.rungAgain(lane, lost.length);
      await this.ring(lane, lost);
    }
  }

  private look(lane: string, state: LaneState): void {
    if (this.stopped) return;
    if (state.feeding) {
      state.again = true;
      return;
    }
    void this.feedWhileWoken(lane, state);
  }

  private async feedWhileWoken(lane: string, state: LaneState): Promise<void> {
    state.feeding = true;
    do {
      state.again = false;
      await this.feedOnce(lane, state).catch((thrown: unknown) => {
        this.noteFailure(lane, thrown);
      });
    } while (state.again && !this.stopped);
    state.feeding = false;
  }

  private async feedOnce(lane: string, state: LaneState): Promise<void> {
    // Nothing is marked as rung that could not be rung; the connection's return wakes every lane.
    if (!this.parts.dispatch.isUp()) return;
    const answer = await this.parts.records.feed.feed(lane, this.options);
    state.fedMs = this.now();
    if (!answer.fed) {
      this.wakeLater(lane, state, state.busyRetryMs * (1 + this.options.random()));
      state.busyRetryMs = Math.min(2 * state.busyRetryMs, LONGEST_BUSY_RETRY_MS);
      return;
    }
    state.busyRetryMs = BUSY_RETRY_MS;
    await this.ring(lane, answer.rung);
    await this.moveAll(answer);
    if (answer.nextReadyMs !== null) this.wakeLater(lane, state, Math.max(1, answer.nextReadyMs));
  }

  private async moveAll(answer: Extract<FeedAnswer, { fed: true }>): Promise<void> {
    for (const jobId of answer.barred) {
      await this.moveBarred(jobId).catch((thrown: unknown) => {
        if (isStoreAway(thrown)) throw thrown;
        // One job that cannot be moved must not stand in the way of the others.
        this.parts.log.error(`Job ${jobId} could not be moved from its barred target.`, thrown);
      });
    }
  }

  private async ring(lane: string, jobs: readonly RungJob[]): Promise<void> {
    if (jobs.length === 0) return;
    const tickets: Ticket[] = jobs.map((job) => ticketOf(job.jobId, job.ring));
    try {
      await this.parts.dispatch.ring(lane, tickets);
      this.parts.meter.rung(lane, tickets.length);
    } catch (thrown) {
      this.noteFailure(lane, thrown);
      // If this fails too, the mark grows old and the Reconciler rings again.
      await this.parts.records.feed.unring(jobs);
    }
  }

  private now(): number {
    return (this.options.now ?? performance.now.bind(performance))();
  }

  private wakeLater(lane: string, state: LaneState, afterMs: number): void {
    if (this.stopped) return;
    if (state.timer) clearTimeout(state.timer);
    state.timer = setTimeout(
      () => {
        state.timer = null;
        this.look(lane, state);
      },
      Math.min(afterMs, LONGEST_TIMER_MS),
    );
  }

  private noteFailure(lane: string, thrown: unknown): void {
    this.parts.meter.feedFailed(lane);
    if (thrown instanceof GatewayError)
      this.parts.log.warn(`Lane ${lane} could not be fed: ${thrown.message}`);
    else this.parts.log.error(`Lane ${lane} could not be fed.`, thrown);
  }
}
