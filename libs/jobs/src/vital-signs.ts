import { GatewayError } from '@longhaul/contract';
import { Metrics } from '@longhaul/metrics';
import { Dispatch, Lanes } from '@longhaul/queue';
import { Records } from '@longhaul/records';
import { Feeder } from './feeder';
import { LaneState, LaneWatch } from './lane-watch';
import { Log } from './log';
import { QueueCanary } from './queue-canary';
import { Vitals } from './readiness';
import { RoadMeter } from './road-meter';
import { Watchdog } from './watchdog';

export interface VitalSignsParts {
  readonly records: Pick<Records, 'pulses' | 'leases' | 'lanes'>;
  readonly dispatch: Dispatch;
  readonly feeder: Feeder;
  readonly metrics: Metrics;
  readonly meter: RoadMeter;
  readonly log: Log;
  readonly onFatal: (error: GatewayError) => void;
}

export interface VitalSignsOptions {
  readonly watchdogMs: number;
  readonly stuckAfterMs: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

const CANARY_MS = 5000;
/** What waits for a store that refuses writes is rung soon after it takes them again; no connection tells of that. */
const TROUBLED_CANARY_MS = 1000;
const LOOKS_PER_SPAN = 6;
const SLOWEST_LOOK_MS = 2000;
const FASTEST_LOOK_MS = 100;

/** What tells in the background whether this process and its stores do their work, for probes, metrics and itself. */
export class VitalSigns implements Vitals {
  readonly watch: LaneWatch;
  readonly canary: QueueCanary;
  readonly feeder: Feeder;
  private watchdog: Watchdog | null = null;
  private lanes: Pick<Lanes, 'stats'> | null = null;
  private isStopped = false;

  constructor(
    private readonly parts: VitalSignsParts,
    private readonly options: VitalSignsOptions,
  ) {
    const { records, dispatch, metrics, log } = parts;
    const { now } = options;
    this.feeder = parts.feeder;
    const onMended = (): void => {
      this.feeder.wakeAll();
    };
    this.canary = new QueueCanary(dispatch, {
      ...{ everyMs: CANARY_MS, troubledMs: TROUBLED_CANARY_MS },
      ...{ onMended, now },
    });
    this.watch = new LaneWatch(
      {
        pulses: () => records.pulses.lanes(),
        isQueueUp: () => dispatch.isUp(),
        onLook: async (lanes, nowMs) => this.watchdog?.look(lanes, nowMs),
        log,
      },
      { everyMs: lookMs(options), now },
    );
    metrics.beforeScrape(async () => this.show());
  }

  /** A process that consumes lanes also mends them. */
  guard(lanes: Lanes, grantedOf: (lane: string) => number): void {
    const { records, dispatch, meter, log, onFatal } = this.parts;
    const parts = { lanes, grantedOf, records, dispatch, canary: this.canary, meter, log };
    this.lanes = lanes;
    const giveUp = (error: GatewayError): void => {
      // A stop that has begun meanwhile was asked for, and ends with 0.
      if (!this.isStopped) onFatal(error);
    };
    this.watchdog = new Watchdog({ ...parts, onFatal: giveUp }, this.options.watchdogMs);
  }

  start(): void {
    this.canary.start();
    this.watch.start();
  }

  serves(lane: string): boolean {
    return this.lanes !== null && lane in this.lanes.stats();
  }

  /** What is watched no longer is told no longer. */
  get hasStopped(): boolean {
    return this.isStopped;
  }

  stop(): void {
    this.isStopped = true;
    this.canary.stop();
    this.watch.stop();
  }

  private show(): void {
    const { metrics, dispatch } = this.parts;
    for (const gauge of ['longhaul_lane_stuck_seconds', 'longhaul_lane_newer'] as const)
      metrics.forget(gauge);
    const nowMs = this.options.now();
    for (const lane of this.watch.lanes) showLane(metrics, lane, nowMs);
    metrics.set('longhaul_feeder_lag_seconds', {}, this.feeder.lagMs() / 1000);
    metrics.set('longhaul_queue_up', {}, dispatch.isUp() && this.canary.trouble === null ? 1 : 0);
    if (this.canary.seconds !== null) metrics.set('longhaul_queue_canary_seconds', {}, this.canary.seconds);
  }
}

function showLane(metrics: Metrics, { lane, stuckSinceMs, newer }: LaneState, nowMs: number): void {
  const stuckMs = stuckSinceMs === null ? 0 : nowMs - stuckSinceMs;
  metrics.set('longhaul_lane_stuck_seconds', { lane }, stuckMs / 1000);
  metrics.set('longhaul_lane_newer', { lane }, newer);
}

/** Often enough that a span that is over is noticed soon; a span of 0 asks for nothing. */
function lookMs({ watchdogMs, stuckAfterMs }: VitalSignsOptions): number {
  const spans = [watchdogMs, stuckAfterMs].filter((ms) => ms > 0).map((ms) => ms / LOOKS_PER_SPAN);
  return Math.max(FASTEST_LOOK_MS, Math.min(SLOWEST_LOOK_MS, ...spans));
}
