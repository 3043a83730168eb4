import { Metrics } from '@longhaul/metrics';
import { BackEnd, Dispatch, Lanes, LaneWorker, TicketHandler } from '@longhaul/queue';
import { Records } from '@longhaul/records';
import { Feeder } from '../../libs/jobs/src/feeder';
import { RoadMeter } from '../../libs/jobs/src/road-meter';
import { VitalSigns } from '../../libs/jobs/src/vital-signs';
import { freshRecords, newJob, targetOf } from '../support/records';
import { backEndOf, Kind, LEASE_MS, QueueRig, until } from './queue-rig';

export const WATCHDOG_MS = 1500;
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** A worker's consuming side with its watchdog. */
export interface Guarded {
  readonly lanes: Lanes;
  readonly vitals: VitalSigns;
  readonly fatal: string[];
  readonly metrics: Metrics;
  readonly feeder: Feeder;
}

export interface GuardedOptions {
  readonly handle: TicketHandler;
  /** Told of every worker that the store hands out. */
  readonly onHired?: (worker: LaneWorker, nth: number) => void;
  /** Unclaimed tickets in the lane. Default: its cap. */
  readonly depth?: number;
  /** Of a handler that makes calls. */
  readonly grantedOf?: (lane: string) => number;
}

/** One store per suite; fresh records and one lane with two slots per test. */
export class WatchdogRig {
  records!: Records;
  readonly queue: QueueRig;
  private feeder: Feeder | null = null;
  private readonly closers: (() => Promise<void> | void)[] = [];

  constructor(readonly kind: Kind) {
    this.queue = new QueueRig(kind);
  }

  get lane(): string {
    return this.queue.lane;
  }

  async open(): Promise<void> {
    await this.queue.openLane();
    this.records = await freshRecords();
    await this.records.lanes.declare([{ name: this.lane, cap: 2 }], 10);
  }

  async close(): Promise<void> {
    for (const close of this.closers.splice(0).reverse()) await close();
    await this.queue.close();
  }

  async guarded({
    handle,
    onHired = () => undefined,
    depth,
    grantedOf = () => 0,
  }: GuardedOptions): Promise<Guarded> {
    const { records, lane } = this;
    const backEnd = await this.hiring(onHired);
    const served = { backEnd, leaseMs: LEASE_MS, log: quiet, lanes: [{ lane, cap: 2 }] };
    const lanes = new Lanes({ ...served, handle });
    await lanes.start();
    const fatal: string[] = [];
    const metrics = new Metrics();
    const meter = new RoadMeter(metrics, { leaseMs: LEASE_MS, models: new Set() });
    const dispatch = new Dispatch(backEnd, quiet);
    const feeder = new Feeder(
      { records, dispatch, meter, log: quiet },
      { lanes: [lane], depth: depth ?? null, ageingMs: 0, random: () => 0 },
    );
    feeder.start(() => Promise.resolve());
    this.feeder = feeder;
    const onFatal = ({ message }: Error): number => fatal.push(message);
    const vitals = new VitalSigns(
      { records, dispatch, feeder, metrics, meter, log: quiet, onFatal },
      { watchdogMs: WATCHDOG_MS, stuckAfterMs: 0, now: () => performance.now() },
    );
    vitals.guard(lanes, grantedOf);
    vitals.start();
    this.closers.push(
      () => dispatch.close(),
      () => lanes.close(0),
      () => vitals.stop(),
      () => feeder.stop(),
    );
    return { lanes, vitals, fatal, metrics, feeder };
  }

  async accept(): Promise<string> {
    const { row } = await this.records.accepts.accept(newJob({ chain: [targetOf(this.lane)] }));
    this.feeder?.wake(this.lane);
    return row.id;
  }

  async hasEnded(id: string): Promise<void> {
    let status: string | undefined;
    const look = setInterval(() => {
      void this.records.jobs.read(id).then((job) => (status = job?.status));
    }, 50);
    await until('the job has ended', 20_000, () => status === 'completed').finally(() => clearInterval(look));
  }

  /** As the Reconciler does, all the time: what was rung without a claim counts as lost. */
  ringAgain(): void {
    let round = Promise.resolve();
    const ring = async (): Promise<void> => {
      await this.feeder?.ringAgain(await this.records.feed.takeOldRings(0));
    };
    const timer = setInterval(() => {
      round = round.then(ring);
    }, 100);
    this.closers.push(async () => {
      clearInterval(timer);
      await round;
    });
  }

  private async hiring(onHired: (worker: LaneWorker, nth: number) => void): Promise<BackEnd> {
    const backEnd = backEndOf(this.kind, this.queue.url);
    await backEnd.open();
    const hire = backEnd.worker.bind(backEnd);
    let hired = 0;
    backEnd.worker = (...order) => {
      const worker = hire(...order);
      onHired(worker, (hired += 1));
      return worker;
    };
    return backEnd;
  }
}
