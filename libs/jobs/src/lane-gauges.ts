import { Metrics } from '@longhaul/metrics';
import { LaneFigures } from '@longhaul/records';
import { SharedReading } from './shared-reading';

export interface LaneGaugesOptions {
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

const GAUGES = [
  'longhaul_lane_in_flight',
  'longhaul_lane_cap',
  'longhaul_lane_waiting',
  'longhaul_lane_rung',
  'longhaul_lane_scheduled',
  'longhaul_lane_oldest_ready_age_seconds',
] as const;

/** The gauges of the lanes, read from PostgreSQL when somebody scrapes. While it is away they are absent. */
export class LaneGauges {
  private readonly reading: SharedReading;

  constructor(
    private readonly metrics: Metrics,
    private readonly figures: () => Promise<readonly LaneFigures[]>,
    { now }: LaneGaugesOptions,
  ) {
    this.reading = new SharedReading(() => this.read(), now);
  }

  /** Scrapes that come together share one answer. */
  sample(): Promise<void> {
    return this.reading.ask();
  }

  private async read(): Promise<void> {
    const lanes = await this.figures().catch(() => null);
    for (const gauge of GAUGES) this.metrics.forget(gauge);
    this.metrics.set('longhaul_database_up', {}, lanes === null ? 0 : 1);
    for (const figure of lanes ?? []) this.show(figure);
  }

  private show({ lane, oldestReadySeconds, ...figure }: LaneFigures): void {
    this.metrics.set('longhaul_lane_in_flight', { lane }, figure.inFlight);
    this.metrics.set('longhaul_lane_cap', { lane }, figure.cap);
    this.metrics.set('longhaul_lane_waiting', { lane }, figure.waiting);
    this.metrics.set('longhaul_lane_rung', { lane }, figure.rung);
    this.metrics.set('longhaul_lane_scheduled', { lane }, figure.scheduled);
    if (oldestReadySeconds !== null)
      this.metrics.set('longhaul_lane_oldest_ready_age_seconds', { lane }, oldestReadySeconds);
  }
}
