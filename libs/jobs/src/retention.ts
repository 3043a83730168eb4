import { Records } from '@longhaul/records';
import { RoadMeter } from './road-meter';

export interface RetentionParts {
  readonly records: Pick<Records, 'retention'>;
  readonly meter: Pick<RoadMeter, 'purged'>;
}

export interface RetentionOptions {
  readonly everyMs: number;
  /** How long an ended job is kept that has no time to live of its own; null = for ever. */
  readonly jobMs: number | null;
  /** How long its tombstone is kept after that; null = for ever. */
  readonly tombstoneMs: number | null;
  /** A monotonic clock. */
  readonly now: () => number;
}

/**
 * Purges ended jobs whose time is over. One batch a round, so that it is never in anybody's way; in all processes, of
 * which PostgreSQL lets one at a time do it.
 */
export class Retention {
  private dueAtMs = -Infinity;

  constructor(
    private readonly parts: RetentionParts,
    private readonly options: RetentionOptions,
  ) {}

  /** Costs nothing until it is due; a full batch is followed by another in the next round. */
  async round(): Promise<void> {
    const { everyMs, jobMs, tombstoneMs, now } = this.options;
    const nowMs = now();
    if (nowMs < this.dueAtMs) return;
    const { retention } = this.parts.records;
    const { jobs, isMore } = await retention.purge(jobMs);
    if (jobs > 0) this.parts.meter.purged(jobs);
    const areMoreTombstones = tombstoneMs !== null && (await retention.forgetTombstones(tombstoneMs));
    await retention.forgetHealth();
    if (!isMore && !areMoreTombstones) this.dueAtMs = nowMs + everyMs;
  }
}
