import { HealthRecords, TargetHealth } from '@longhaul/records';
import { HealthBoard } from '@longhaul/registry';
import { HealthSettings } from '@longhaul/settings';
import { HealthSnapshot, illnessesOf } from './health-words';

export interface HealthWatchParts {
  readonly records: Pick<HealthRecords, 'since' | 'circuits'>;
  readonly board: Pick<HealthBoard, 'ail'>;
  /** As they are in force. */
  readonly settings: () => HealthSettings;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

export interface HealthWatchOptions {
  readonly everyMs: number;
  /** What is older says nothing against anybody. */
  readonly staleMs: number;
}

/** A circuit that opens is heeded everywhere within two seconds, the time of the answer included. */
export const HEALTH_WATCH_TIMES: HealthWatchOptions = { everyMs: 1000, staleMs: 5000 };

/** A row is stamped before it is committed, so what was read lately is read once more. */
const OVERLAP_MS = 10_000;
const MOST_TARGETS = 2000;

/**
 * Reads how targets are from PostgreSQL, in the background, for those who choose: no choice waits for a database. What
 * cannot be read any more is forgotten, since old news would bar what may be well by now.
 */
export class HealthWatch {
  private readonly targets = new Map<string, TargetHealth>();
  private newest: Date | null = null;
  private snapshot: HealthSnapshot | null = null;
  private readMs = Number.NEGATIVE_INFINITY;
  private timer: NodeJS.Timeout | null = null;
  private isStopped = false;
  private looking: Promise<void> | null = null;

  constructor(
    private readonly parts: HealthWatchParts,
    private readonly options: HealthWatchOptions,
  ) {}

  /** Resolves after the first look. */
  async start(): Promise<void> {
    await this.look();
    if (this.isStopped) return;
    this.timer = setInterval(() => {
      void this.look();
      this.forgetIfStale();
    }, this.options.everyMs);
    this.timer.unref();
  }

  stop(): void {
    this.isStopped = true;
    if (this.timer) clearInterval(this.timer);
  }

  /** What is known of a target; null = it was never called, or PostgreSQL is away. */
  of(target: string): TargetHealth | null {
    return this.snapshot === null ? null : (this.targets.get(target) ?? null);
  }

  /** Never throws: what is known grows old instead. One look at a time. */
  look(): Promise<void> {
    this.looking ??= this.read()
      .catch(() => undefined)
      .finally(() => {
        this.looking = null;
      });
    return this.looking;
  }

  private async read(): Promise<void> {
    const { records, board, settings, now } = this.parts;
    const since = this.newest === null ? null : new Date(this.newest.getTime() - OVERLAP_MS);
    const [news, { now: moment, circuits }] = await Promise.all([records.since(since), records.circuits()]);
    for (const each of [...news].reverse()) this.keep(each);
    this.readMs = now();
    this.snapshot = { now: moment, circuits, targets: [...this.targets.values()] };
    board.ail(illnessesOf(this.snapshot, settings()));
  }

  /** The newest last, so that the oldest goes first when there are too many. */
  private keep(health: TargetHealth): void {
    this.targets.delete(health.target);
    this.targets.set(health.target, health);
    if (this.newest === null || health.updatedAt > this.newest) this.newest = health.updatedAt;
    const [oldest] = this.targets.keys();
    if (this.targets.size > MOST_TARGETS && oldest !== undefined) this.targets.delete(oldest);
  }

  private forgetIfStale(): void {
    const { board, now } = this.parts;
    if (this.snapshot === null || now() - this.readMs < this.options.staleMs) return;
    this.snapshot = null;
    board.ail(new Map());
  }
}
