import { GatewayError } from '@longhaul/contract';
import { Dispatch, Lanes } from '@longhaul/queue';
import { LaneState } from './lane-watch';
import { Log } from './log';
import { QueueCanary } from './queue-canary';
import { RoadMeter } from './road-meter';

export interface WatchdogParts {
  readonly lanes: Pick<Lanes, 'stats' | 'rebuild'>;
  readonly dispatch: Pick<Dispatch, 'isPaused' | 'isUp'>;
  readonly canary: Pick<QueueCanary, 'trouble' | 'send'>;
  readonly meter: RoadMeter;
  readonly log: Log;
  /** Nothing helps but a new process. */
  readonly onFatal: (error: GatewayError) => void;
}

/** What this process knows of its own ear for a lane. All on the monotonic clock. */
export interface Hearing {
  /** Tickets that have come so far. */
  readonly received: number;
  /** When the last one came, or when listening began: at the start, and anew after each trouble with the queue store. */
  readonly heardMs: number;
  readonly rebuiltMs: number | null;
}

export type Verdict = 'fine' | 'rebuild' | 'give_up';

/**
 * A lane is deaf here when it has stood still in all processes, and brought this one nothing, for so long. While others
 * start its jobs nothing is wrong with it, and a ticket that came proves the way that it took, whatever became of it.
 */
export function judge(
  { stuckSinceMs }: Pick<LaneState, 'stuckSinceMs'>,
  { heardMs, rebuiltMs }: Hearing,
  { nowMs, afterMs }: { readonly nowMs: number; readonly afterMs: number },
): Verdict {
  if (stuckSinceMs === null || nowMs - stuckSinceMs < afterMs) return 'fine';
  if (nowMs - Math.max(heardMs, rebuiltMs ?? heardMs) < afterMs) return 'fine';
  return rebuiltMs === null || rebuiltMs < heardMs ? 'rebuild' : 'give_up';
}

/**
 * Replaces the worker of a lane that hears nothing, and ends the process when that was of no use. Only where the queue
 * store takes tickets from this process: where it is away, full or forbids them, a new worker hears as little, a new
 * process has the same user, and to end this one would cost the calls that it has paid for.
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
      const received = stats[state.lane]?.received;
      if (received === undefined || this.ended) continue;
      const heard = this.listen(state.lane, received, nowMs);
      if (this.afterMs === 0) continue;
      const verdict = judge(state, heard, { nowMs, afterMs: this.afterMs });
      if (verdict === 'fine') continue;
      // The last canary may have come back just before the store began to refuse.
      if ((await canary.send()) === null) await this.act(state.lane, verdict, nowMs);
      else this.listenAnew(states, nowMs);
    }
  }

  /** Nothing can be heard now, so the time does not count. */
  private listenAnew(states: readonly LaneState[], nowMs: number): void {
    const stats = this.parts.lanes.stats();
    for (const { lane } of states) {
      const received = stats[lane]?.received;
      if (received !== undefined) this.hearing.set(lane, { received, heardMs: nowMs, rebuiltMs: null });
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

  private listen(lane: string, received: number, nowMs: number): Hearing {
    const before = this.hearing.get(lane);
    const heard =
      before?.received === received
        ? before
        : { received, heardMs: nowMs, rebuiltMs: before?.rebuiltMs ?? null };
    this.hearing.set(lane, heard);
    return heard;
  }

  private async act(lane: string, verdict: Exclude<Verdict, 'fine'>, nowMs: number): Promise<void> {
    if (await this.isPaused(lane)) return;
    const seconds = String(this.afterMs / 1000);
    this.parts.meter.watchdogActed(lane, verdict);
    switch (verdict) {
      case 'rebuild':
        this.parts.log.warn(
          `Lane ${lane} has work and free slots and started nothing for ${seconds} s; its worker is rebuilt.`,
        );
        this.parts.lanes.rebuild(lane);
        this.hearing.set(lane, { ...this.heardOf(lane), rebuiltMs: nowMs });
        return;
      case 'give_up':
        this.ended = true;
        this.parts.onFatal(
          new GatewayError(
            'internal',
            `Lane ${lane} still started nothing ${seconds} s after its worker was rebuilt. The process ends, so that ` +
              'its supervisor starts a new one; look at the queue store if that does not help.',
          ),
        );
        return;
      default:
        return verdict satisfies never;
    }
  }

  private heardOf(lane: string): Hearing {
    return this.hearing.get(lane) ?? { received: 0, heardMs: 0, rebuiltMs: null };
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
