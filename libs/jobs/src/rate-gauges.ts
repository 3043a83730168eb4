import { Metrics } from '@longhaul/metrics';
import { LaneLimits, LimitFigure } from '@longhaul/records';
import { SharedReading } from './shared-reading';

export interface RateGaugesOptions {
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** The gauges of the limits of keys, read from PostgreSQL when somebody scrapes. While it is away they are absent. */
export class RateGauges {
  private readonly reading: SharedReading;

  constructor(
    private readonly metrics: Metrics,
    private readonly figures: () => Promise<readonly LaneLimits[]>,
    { now }: RateGaugesOptions,
  ) {
    this.reading = new SharedReading(() => this.read(), now);
  }

  /** Scrapes that come together share one answer. */
  sample(): Promise<void> {
    return this.reading.ask();
  }

  private async read(): Promise<void> {
    const lanes = await this.figures().catch(() => []);
    this.metrics.forget('longhaul_rate_limit');
    this.metrics.forget('longhaul_rate_used');
    for (const { lane, requestsPerMinute, tokensPerMinute, tokensPerDay } of lanes) {
      this.show(lane, 'requests_per_minute', requestsPerMinute);
      this.show(lane, 'tokens_per_minute', tokensPerMinute);
      this.show(lane, 'tokens_per_day', tokensPerDay);
    }
  }

  private show(lane: string, limit: string, { configured, seen, used }: LimitFigure): void {
    if (configured === null) return;
    this.metrics.set('longhaul_rate_limit', { lane, limit }, Math.min(configured, seen ?? configured));
    this.metrics.set('longhaul_rate_used', { lane, limit }, used);
  }
}
