import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { GatewayError, nameOf } from '@longhaul/contract';
import { Metrics } from '@longhaul/metrics';
import { ProviderCatalogue, SYSTEM_TIMERS } from '@longhaul/providers';
import { BackEnd, Dispatch, Lanes, QueueLog } from '@longhaul/queue';
import { Records } from '@longhaul/records';
import { Registry } from '@longhaul/registry';
import { hasLane, ProviderSettings, Settings } from '@longhaul/settings';
import { Admission } from './admission';
import { Aftermath } from './aftermath';
import { BarredMover } from './barred-mover';
import { CancelWatch } from './cancel-watch';
import { Feeder } from './feeder';
import { FetchLimits } from './fetch-limits';
import { HealthMeter } from './health-meter';
import { HandOvers } from './hand-over';
import { Heartbeat } from './heartbeat';
import { Housekeeping } from './housekeeping';
import { BulkService } from './bulk.service';
import { clocksIn, declarationOf, termsIn, traitsIn } from './in-settings';
import { JobRunner } from './job.runner';
import { JobReader } from './job-reader';
import { JobService } from './job.service';
import { JobsLife, WorkingParts } from './jobs.life';
import { LaneGauges } from './lane-gauges';
import { LeaseKeeper } from './lease';
import { LiveConfig } from './live-config';
import { Log } from './log';
import { RateGauges } from './rate-gauges';
import { NewJobs } from './new-job';
import { Reconciler } from './reconciler';
import { Retention } from './retention';
import { RoadMeter } from './road-meter';
import { Settler } from './settler';
import { Spool } from './spool/spool';
import { spoolIn } from './spool/spool-in';
import { VitalSigns } from './vital-signs';

/** What the road is built on. */
export interface Ground {
  readonly settings: Settings;
  readonly records: Records;
  readonly backEnd: BackEnd;
  readonly dispatch: Dispatch;
  readonly registry: Registry;
  readonly providers: ProviderCatalogue;
  readonly metrics: Metrics;
  readonly live: LiveConfig;
  readonly health: HealthMeter;
  readonly log: Log;
  readonly queueLog: QueueLog;
  /** Nothing helps but a new process. */
  readonly onFatal: (error: GatewayError) => void;
}

const now = (): number => performance.now();
const random = (): number => Math.random();
const LOCAL_RANDOM_BYTES = 3;
const HOUSEKEEPING_MS = 600_000;
/** Two looks into an index; so late may a job with a time to live of its own go. */
const PURGE_MS = 30_000;
/** Progress of running calls is shown at most so often. */
const HEARTBEAT_MS = 1000;

const meterOf = ({ settings, metrics, health }: Ground): RoadMeter =>
  new RoadMeter(metrics, {
    health,
    leaseMs: settings.clocks.leaseMs,
    models: new Set(settings.models.map(({ provider, id }) => nameOf({ provider, model: id }))),
  });

const newJobsOf = ({ settings: { clocks, limits }, registry }: Ground): NewJobs =>
  new NewJobs(registry, {
    maxCalls: limits.maxCallsPerJob,
    deadlineMs: { audit: clocks.auditDeadlineMs },
    defaultDeadlineMs: clocks.chatDeadlineMs,
  });

/** The composition of the road's parts: the one place that knows all of them. */
export class Road {
  readonly service: JobService;
  readonly bulk: BulkService;
  readonly reader: JobReader;
  readonly life: JobsLife;
  private readonly worker = `${hostname()}:${String(process.pid)}:${randomBytes(LOCAL_RANDOM_BYTES).toString('hex')}`;
  private readonly meter: RoadMeter;
  private readonly feeder: Feeder;
  private readonly keeper: LeaseKeeper;
  private readonly spool: Spool;
  private readonly settler: Settler;
  private readonly barredMover: BarredMover;
  private readonly handOvers: HandOvers;
  private readonly admission: Admission;
  private readonly newJobs: NewJobs;
  private readonly limits: FetchLimits;
  private readonly vitals: VitalSigns;
  private readonly laneSettings: readonly ProviderSettings[];

  /** @param role an `api` feeds and reconciles; a `worker` also consumes the lanes of `WORKER_LANES` */
  constructor(
    private readonly ground: Ground,
    private readonly role: 'api' | 'worker',
  ) {
    const { settings, records, dispatch, log } = ground;
    const { clocks, limits } = settings;
    this.laneSettings = settings.providers.filter(hasLane);
    const lanes = this.laneSettings.map((provider) => provider.name);
    this.meter = meterOf(ground);
    const { meter } = this;
    const order = { depth: limits.laneDepth, ageingMs: clocks.priorityAgeingMs };
    this.feeder = new Feeder({ records, dispatch, meter, log }, { lanes, ...order, random });
    const lease = { worker: this.worker, leaseMs: clocks.leaseMs };
    this.keeper = new LeaseKeeper(
      (claims) => records.leases.renew(claims, lease),
      { leaseMs: clocks.leaseMs, now },
      { log, meter },
    );
    this.spool = spoolIn(settings, { meter, log }, now);
    const settler = new Settler({ records, spool: this.spool, feeder: this.feeder, meter, now, log });
    const handOvers = new HandOvers(ground.registry, log);
    this.barredMover = new BarredMover({ records, meter, handOvers, settler }, (lane) => {
      this.feeder.wake(lane);
    });
    this.settler = settler;
    this.handOvers = handOvers;
    this.limits = new FetchLimits(dispatch, now, log);
    this.admission = new Admission({ feeder: this.feeder, dispatch, notices: records.notices, meter });
    this.newJobs = newJobsOf(ground);
    this.vitals = this.buildVitals();
    this.service = this.buildService();
    this.bulk = new BulkService({ records, newJobs: this.newJobs, admission: this.admission, now });
    this.reader = new JobReader(records);
    this.sampleGauges();
    this.life = this.buildLife(role === 'worker' ? this.buildWorking() : null);
  }

  private sampleGauges(): void {
    const { metrics, records } = this.ground;
    const lanes = new LaneGauges(metrics, () => records.figures.lanes(), { now });
    const rates = new RateGauges(metrics, () => records.figures.limits(), { now });
    metrics.beforeScrape(() => lanes.sample());
    metrics.beforeScrape(() => rates.sample());
    metrics.beforeScrape(async () => {
      metrics.set('longhaul_spool_files', {}, this.spool.count());
      metrics.set('longhaul_spool_failing', {}, this.spool.trouble === null ? 0 : 1);
    });
  }

  private buildVitals(): VitalSigns {
    const { records, dispatch, metrics, log, onFatal, settings } = this.ground;
    const { watchdogMs, stuckAfterMs } = settings.clocks;
    const parts = { records, dispatch, metrics, log, onFatal, feeder: this.feeder, meter: this.meter };
    return new VitalSigns(parts, { watchdogMs, stuckAfterMs, now });
  }

  private buildService(): JobService {
    const { records, registry, dispatch, live } = this.ground;
    const { meter, newJobs, admission, vitals, role, spool } = this;
    const { stuckAfterMs } = this.ground.settings.clocks;
    const readiness = { records, dispatch, live, spool, vitals, role, stuckAfterMs };
    return new JobService({ records, registry, readiness, newJobs, admission, meter });
  }

  private buildLife(working: WorkingParts | null): JobsLife {
    const { records, log, settings } = this.ground;
    const { spool, keeper, settler, feeder, barredMover } = this;
    const reconciler = this.buildReconciler();
    return new JobsLife(
      { spool, records, keeper, settler, feeder, barredMover, reconciler, working, log, vitals: this.vitals },
      {
        lanes: this.laneSettings.map(declarationOf),
        totalCap: settings.limits.maxInflightTotal,
        drainMs: settings.clocks.drainMs,
      },
    );
  }

  private buildReconciler(): Reconciler {
    const { records, dispatch, log, settings } = this.ground;
    const { keeper, settler, feeder, meter } = this;
    const onCap = (lane: string, cap: number): void => {
      this.limits.set(lane, cap);
    };
    const housekeeping = new Housekeeping(records, { everyMs: HOUSEKEEPING_MS, now });
    const retention = new Retention({ records, meter }, { everyMs: PURGE_MS, ...settings.retention, now });
    return new Reconciler(
      { records, keeper, settler, feeder, dispatch, housekeeping, retention, onCap, meter, log },
      {
        everyMs: settings.clocks.reconcileMs,
        reringMs: settings.clocks.reringMs,
        spoolAgeMs: settings.clocks.leaseMs / 2,
      },
    );
  }

  private buildWorking(): WorkingParts {
    const { settings, backEnd, queueLog, records } = this.ground;
    const { clocks, workerLanes } = settings;
    const heartbeat = this.buildHeartbeat();
    const runner = this.buildRunner(heartbeat);
    const served = this.laneSettings.filter(({ name }) => workerLanes === null || workerLanes.includes(name));
    const lanes = new Lanes({
      backEnd,
      lanes: served.map(({ name, maxInflight }) => ({ lane: name, cap: maxInflight })),
      leaseMs: clocks.leaseMs,
      handle: (ticket, lane) => runner.run(ticket, lane),
      log: queueLog,
    });
    this.limits.lanes = lanes;
    this.vitals.guard(lanes, (lane) => runner.claimer.grantedOf(lane));
    const cancels = new CancelWatch(this.keeper, (jobIds) => records.leases.cancelled(jobIds));
    return { runner, lanes, heartbeat, cancels };
  }

  private buildRunner(heartbeat: Heartbeat): JobRunner {
    const { records, providers, log, settings } = this.ground;
    const { feeder, settler, barredMover, handOvers, worker, keeper: leases, meter } = this;
    const { leaseMs, laneHoldMs } = settings.clocks;
    const termsOf = termsIn(settings);
    const aftermath = new Aftermath({ records, handOvers, termsOf }, { random });
    const stations = { leases, settler, feeder, barredMover, aftermath, heartbeat };
    return new JobRunner(
      {
        records,
        ...stations,
        meter,
        providers,
        clocksOf: clocksIn(settings),
        termsOf,
        traitsOf: traitsIn(settings),
        log,
      },
      { worker, leaseMs, laneHoldMs, now },
    );
  }

  private buildHeartbeat(): Heartbeat {
    const { progress } = this.ground.records;
    const beat = { everyMs: HEARTBEAT_MS, timers: SYSTEM_TIMERS };
    return new Heartbeat((shown) => progress.show(shown), beat, this.meter);
  }
}
