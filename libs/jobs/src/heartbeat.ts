import { Timers } from '@longhaul/providers';
import { HeldClaim, ShownProgress } from '@longhaul/records';
import { Pulse } from './pulse';
import { RoadMeter } from './road-meter';

/** One statement for all of them. @returns the ids of those that were written */
export type ShowProgress = (shown: readonly ShownProgress[]) => Promise<readonly string[]>;

export interface HeartbeatOptions {
  readonly everyMs: number;
  readonly timers: Timers;
}

interface WatchedClaim {
  readonly claim: HeldClaim;
  readonly pulse: Pulse;
  /** What PostgreSQL has, as it was written. */
  shown: string;
}

/**
 * Shows how far the running calls of this process are: at most one statement per beat for all of them, of those alone
 * whose progress changed. It beats through the silence of a provider, rests while nothing runs, and never holds a call
 * up: a beat that PostgreSQL is too slow for is dropped, and the next one waits for it.
 */
export class Heartbeat {
  private readonly claims = new Map<string, WatchedClaim>();
  private timer: unknown = null;
  private beating = false;
  private stopped = false;

  constructor(
    private readonly show: ShowProgress,
    private readonly options: HeartbeatOptions,
    private readonly meter: RoadMeter,
  ) {}

  watch(claim: HeldClaim, pulse: Pulse): void {
    this.claims.set(claim.jobId, { claim, pulse, shown: '' });
    this.beatIn(this.options.everyMs);
  }

  /** From now on nothing is shown of this claim, but for a beat that is under way; its fence makes that one void. */
  leave({ jobId, fence }: HeldClaim): void {
    if (this.claims.get(jobId)?.claim.fence === fence) this.claims.delete(jobId);
  }

  stop(): void {
    this.stopped = true;
    if (this.timer !== null) this.options.timers.clearTimeout(this.timer);
    this.timer = null;
  }

  private beatIn(afterMs: number): void {
    if (this.stopped || this.beating || this.timer !== null) return;
    this.timer = this.options.timers.setTimeout(() => void this.beat(), afterMs);
  }

  private async beat(): Promise<void> {
    const { timers, everyMs } = this.options;
    this.timer = null;
    this.beating = true;
    const startedMs = timers.now();
    const inTime = await this.showChanged().catch(() => false);
    if (!inTime) this.meter.beat('failed');
    this.beating = false;
    if (this.claims.size > 0)
      this.beatIn(inTime ? Math.max(0, everyMs - (timers.now() - startedMs)) : everyMs);
  }

  private async showChanged(): Promise<true> {
    const changed = [...this.claims.values()].flatMap((watched) => {
      const progress = watched.pulse.progress();
      const text = JSON.stringify(progress);
      return progress === null || text === watched.shown ? [] : [{ watched, progress, text }];
    });
    if (changed.length === 0) return true;
    const written = new Set(
      await this.show(changed.map(({ watched, progress }) => ({ ...watched.claim, progress }))),
    );
    this.meter.beat('written');
    // A row that another statement held at that moment was passed over, and is shown at the next beat.
    for (const { watched, text } of changed) if (written.has(watched.claim.jobId)) watched.shown = text;
    return true;
  }
}
