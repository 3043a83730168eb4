import { Records } from '@longhaul/records';

export interface HousekeepingOptions {
  readonly everyMs: number;
  /** A monotonic clock. */
  readonly now: () => number;
}

/** Clears away what nobody will ask for again. One small batch a round, so that it is never in anybody's way. */
export class Housekeeping {
  private dueAtMs = -Infinity;

  constructor(
    private readonly records: Pick<Records, 'accepts' | 'circuits' | 'rates'>,
    private readonly options: HousekeepingOptions,
  ) {}

  /** Costs nothing until it is due; a full batch is followed by another in the next round. */
  async round(): Promise<void> {
    const nowMs = this.options.now();
    if (nowMs < this.dueAtMs) return;
    const isMore = [await this.records.accepts.deleteOldKeys(), await this.records.rates.purge()];
    await this.records.circuits.forgetOld();
    if (!isMore.includes(true)) this.dueAtMs = nowMs + this.options.everyMs;
  }
}
