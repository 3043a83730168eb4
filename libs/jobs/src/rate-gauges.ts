import { Metrics } from '@longhaul/metrics';
import { LaneLimits, LimitFigure } from '@longhaul/records';

export interface RateGaugesOptions {
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** Scrapes come from several sides; PostgreSQL is asked at most so often. */
const FRESH_MS = 1000;

/** The gauges of the limits of keys, read from PostgreSQL when somebody scrapes. While it is away they are absent. */
export class RateGauges {
  private askedMs = -Infinity;
  private reading: Promise<void> = Promise.resolve();

  constructor(
    private readonly metrics: Metrics,
    private readonly figures: () => Promise<readonly LaneLimits[]>,
    private readonly options: RateGaugesOptions,
  ) {}

  /** Scrapes that come together share one answer. */
  sample(): Promise<void> {
    const nowMs = this.options.now();
    if (nowMs - this.askedMs >= FRESH_MS) {
      this.askedMs = nowMs;
      this.reading = this.read();
    }
    return this.reading;
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
