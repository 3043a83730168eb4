import { LanePulse } from '@longhaul/records';
import { Log } from './log';

/** Since when a lane has had work that could start, and has started none. */
export interface LaneState extends LanePulse {
  /** Monotonic; null = it goes on, or has nothing to do. */
  readonly stuckSinceMs: number | null;
}

export interface LaneWatchParts {
  readonly pulses: () => Promise<readonly LanePulse[]>;
  /** While the queue store is known to be away, nobody expects a start. */
  readonly isQueueUp: () => boolean;
  /** After each look. */
  readonly onLook: (lanes: readonly LaneState[], nowMs: number) => Promise<void>;
  readonly log: Log;
}

export interface LaneWatchOptions {
  readonly everyMs: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** A lane that could start a job and shows the same mark as before has started nothing in between, in any process. */
export function follow(before: LaneState | undefined, pulse: LanePulse, nowMs: number): LaneState {
  if (pulse.startableSeconds === null) return { ...pulse, stuckSinceMs: null };
  const stood = before?.stuckSinceMs ?? null;
  return { ...pulse, stuckSinceMs: stood !== null && before?.mark === pulse.mark ? stood : nowMs };
}

/** A look that comes so many times later than it should says nothing of the time in between. */
const LATE = 4;

/** Looks at all lanes in the background, for readiness and the watchdog. */
export class LaneWatch {
  private states: ReadonlyMap<string, LaneState> = new Map();
  private lookedMs = -Infinity;
  private timer: NodeJS.Timeout | null = null;
  private stopped = false;

  constructor(
    private readonly parts: LaneWatchParts,
    private readonly options: LaneWatchOptions,
  ) {}

  start(): void {
    this.timer ??= setTimeout(() => void this.goOn(), this.options.everyMs);
  }

  stop(): void {
    this.stopped = true;
    if (this.timer) clearTimeout(this.timer);
  }

  get lanes(): readonly LaneState[] {
    return [...this.states.values()];
  }

  /** How long each lane has stood still with work to do; those that go on are left out. */
  stuck(): { readonly lane: string; readonly seconds: number }[] {
    return this.lanes.flatMap(({ lane, stuckSinceMs }) =>
      stuckSinceMs === null ? [] : [{ lane, seconds: (this.options.now() - stuckSinceMs) / 1000 }],
    );
  }

  private async goOn(): Promise<void> {
    await this.look().catch((thrown: unknown) => {
      // What was seen before the outage says nothing of the time after it.
      this.states = new Map();
      this.parts.log.warn('The lanes could not be looked at.', thrown);
    });
    if (!this.stopped) this.timer = setTimeout(() => void this.goOn(), this.options.everyMs);
  }

  private async look(): Promise<void> {
    const pulses = await this.parts.pulses();
    const nowMs = this.options.now();
    const isLate = nowMs - this.lookedMs > LATE * this.options.everyMs + 2000;
    const before = isLate || !this.parts.isQueueUp() ? new Map<string, LaneState>() : this.states;
    this.lookedMs = nowMs;
    this.states = new Map(pulses.map((pulse) => [pulse.lane, follow(before.get(pulse.lane), pulse, nowMs)]));
    await this.parts.onLook(this.lanes, nowMs);
  }
}
