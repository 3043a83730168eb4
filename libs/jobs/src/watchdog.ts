import { GatewayError } from '@longhaul/contract';
import { Dispatch, Lanes, LaneStats } from '@longhaul/queue';
import { Records } from '@longhaul/records';
import { LaneState } from './lane-watch';
import { Log } from './log';
import { QueueCanary } from './queue-canary';
import { RoadMeter } from './road-meter';

export interface WatchdogParts {
  readonly lanes: Pick<Lanes, 'stats' | 'rebuild'>;
  readonly dispatch: Pick<Dispatch, 'isPaused' | 'isUp'>;
  readonly canary: Pick<QueueCanary, 'trouble' | 'send'>;
  readonly records: {
    readonly leases: Pick<Records['leases'], 'refusal'>;
    readonly lanes: Pick<Records['lanes'], 'proveWrites'>;
  };
  /** How many claims of a lane this process was granted. */
  readonly grantedOf: (lane: string) => number;
  readonly meter: RoadMeter;
  readonly log: Log;
  /** Nothing helps but a new process. */
  readonly onFatal: (error: GatewayError) => void;
}

/** What this process knows of its own ear for a lane. All on the monotonic clock. */
export interface Hearing {
  /** Tickets that had come when it last heard. */
  readonly received: number;
  /** Of these, those whose handling has come to its end. One that throws, or hangs, may do so with every ticket. */
  readonly answered: number;
  /** Claims that were granted here: their tickets are handled for as long as their calls take. What others start proves nothing of this process. */
  readonly granted: number;
  /** When the last one was answered, or when listening began: at the start, and anew after each trouble with a store. */
  readonly heardMs: number;
  readonly rebuiltMs: number | null;
}

export type Verdict = 'fine' | 'rebuild' | 'give_up';

/**
 * A lane is deaf here when it has stood still in all processes, and this one has answered none of its tickets, for so
 * long. While others start its jobs nothing is wrong with it. A ticket that was answered proves the whole way, whatever
 * the answer was; one that only came proves nothing: what every handler throws or hangs at may be this process's alone.
 */
export function judge(
  { stuckSinceMs }: Pick<LaneState, 'stuckSinceMs'>,
  { heardMs, rebuiltMs }: Pick<Hearing, 'heardMs' | 'rebuiltMs'>,
  { nowMs, afterMs }: { readonly nowMs: number; readonly afterMs: number },
): Verdict {
  if (stuckSinceMs === null || nowMs - stuckSinceMs < afterMs) return 'fine';
  if (nowMs - Math.max(heardMs, rebuiltMs ?? heardMs) < afterMs) return 'fine';
  return rebuiltMs === null || rebuiltMs < heardMs ? 'rebuild' : 'give_up';
}

/** A dropped ticket was answered as well: a new process would drop it too. */
const answeredOf = ({ handled, dropped }: LaneStats): number => handled + dropped;

const heardNow = (stats: LaneStats, granted: number, nowMs: number): Omit<Hearing, 'rebuiltMs'> => ({
  received: stats.received,
  answered: answeredOf(stats),
  granted,
  heardMs: nowMs,
});

/**
 * Replaces the worker of a lane that hears nothing, and ends the process when that was of no use. Only where the queue
 * store takes tickets from this process, and PostgreSQL claims: where one is away, full or forbids them, a new worker
 * starts as little, a new process has the same user, and to end this one would cost the calls that it has paid for.
 */
export class Watchdog {
  private readonly hearing = new Map<string, Hearing>();
  private readonly toldPaused = new Set<string>();
  private ended = false;
  private toldTrouble = false;

  /** @param afterMs 0 = never */
  constructor(
    private readonly parts: WatchdogParts,
    private readonly afterMs: number,
  ) {}

  async look(states: readonly LaneState[], nowMs: number): Promise<void> {
    const { dispatch, canary } = this.parts;
    if (!dispatch.isUp() || canary.trouble !== null) {
      this.listenAnew(states, nowMs);
      return;
    }
    this.toldTrouble = false;
    const stats = this.parts.lanes.stats();
    for (const state of states) {
      const lane = stats[state.lane];
      if (lane === undefined || this.ended) continue;
      const heard = this.listen(state, lane, nowMs);
      if (this.afterMs === 0) continue;
      const verdict = judge(state, heard, { nowMs, afterMs: this.afterMs });
      if (verdict === 'fine') continue;
      if (await this.takeWrites(state.lane)) await this.act(state.lane, verdict, { heard, nowMs });
      else this.listenAnew(states, nowMs);
    }
  }

  /**
   * Both stores. The last canary may have come back just before its store began to refuse; and a server that answers and has
   * room may still hold up every claim: an index that is being made, a commit that waits for a standby.
   */
  private async takeWrites(lane: string): Promise<boolean> {
    const { canary, records } = this.parts;
    if ((await canary.send()) !== null) return false;
    const refusal = await records.leases.refusal().catch(() => 'away');
    if (refusal !== null) return false;
    return records.lanes.proveWrites(lane).then(
      () => true,
      () => false,
    );
  }

  /** Nothing can be heard now, so the time does not count. */
  private listenAnew(states: readonly LaneState[], nowMs: number): void {
    const { lanes, grantedOf } = this.parts;
    const stats = lanes.stats();
    for (const { lane } of states) {
      const of = stats[lane];
      if (of !== undefined)
        this.hearing.set(lane, { ...heardNow(of, grantedOf(lane), nowMs), rebuiltMs: null });
    }
    this.tellTrouble(states.filter(({ lane, stuckSinceMs }) => stats[lane] && stuckSinceMs !== null));
  }

  private tellTrouble(waiting: readonly LaneState[]): void {
    const { trouble } = this.parts.canary;
    if (this.toldTrouble || trouble === null || waiting.length === 0) return;
    this.toldTrouble = true;
    const lanes = waiting.map(({ lane }) => lane).join(', ');
    this.parts.log.warn(
      `The queue store takes no ticket from this process, so that jobs wait (${lanes}); what runs goes on, and they ` +
        `start when the store is mended. ${trouble}`,
    );
  }

  private listen({ lane }: LaneState, of: LaneStats, nowMs: number): Hearing {
    const before = this.hearing.get(lane);
    const granted = this.parts.grantedOf(lane);
    const heard =
      before?.answered === answeredOf(of) && before.granted === granted
        ? before
        : { ...heardNow(of, granted, nowMs), rebuiltMs: before?.rebuiltMs ?? null };
    this.hearing.set(lane, heard);
    return heard;
  }

  private async act(
    lane: string,
    verdict: Exclude<Verdict, 'fine'>,
    { heard, nowMs }: { readonly heard: Hearing; readonly nowMs: number },
  ): Promise<void> {
    if (await this.isPaused(lane)) return;
    const seconds = String(this.afterMs / 1000);
    this.parts.meter.watchdogActed(lane, verdict);
    switch (verdict) {
      case 'rebuild':
        this.parts.log.warn(
          `Lane ${lane} has work and free slots and started nothing for ${seconds} s; its worker is rebuilt.`,
        );
        this.parts.lanes.rebuild(lane);
        this.hearing.set(lane, { ...heard, rebuiltMs: nowMs });
        return;
      case 'give_up':
        this.ended = true;
        this.parts.onFatal(
          new GatewayError(
            'internal',
            `Lane ${lane} still started nothing ${seconds} s after its worker was rebuilt. The process ends, so that ` +
              `its supervisor starts a new one; if that does not help, look at ${this.suspectOf(lane, heard)}.`,
          ),
        );
        return;
      default:
        return verdict satisfies never;
    }
  }

  /** What runs may be calls, or what came before it was last looked and has hung since. */
  private suspectOf(lane: string, heard: Hearing): string {
    const { received = 0, active = 0 } = this.parts.lanes.stats()[lane] ?? {};
    if (received > heard.received)
      return 'the disk of the spool, and at what the log says of the jobs: tickets came, and none was answered';
    return active > 0 ? 'the queue store, and at the disk of the spool' : 'the queue store';
  }

  /** By somebody's hand, in the queue store: a new worker would hear as little. */
  private async isPaused(lane: string): Promise<boolean> {
    const paused = await this.parts.dispatch.isPaused(lane).catch(() => true);
    if (!paused) this.toldPaused.delete(lane);
    else if (!this.toldPaused.has(lane)) {
      this.toldPaused.add(lane);
      this.parts.log.warn(
        `Lane ${lane} is paused in the queue store, or its state cannot be read; its jobs wait. Resume the queue there.`,
      );
    }
    return paused;
  }
}
