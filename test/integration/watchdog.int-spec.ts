import { Metrics } from '@longhaul/metrics';
import { BackEnd, Dispatch, Lanes, LaneWorker } from '@longhaul/queue';
import { Records } from '@longhaul/records';
import { Feeder } from '../../libs/jobs/src/feeder';
import { RoadMeter } from '../../libs/jobs/src/road-meter';
import { VitalSigns } from '../../libs/jobs/src/vital-signs';
import { claimed, freshRecords, newJob, targetOf } from '../support/records';
import { runnerOver } from '../support/runner';
import { backEndOf, kinds, LEASE_MS, QueueRig, until } from './queue-rig';

jest.setTimeout(60_000);

const WATCHDOG_MS = 1500;
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** A worker's consuming side with its watchdog; every worker that the store hands out is told to `onHired`. */
interface Guarded {
  readonly lanes: Lanes;
  readonly vitals: VitalSigns;
  readonly fatal: string[];
  readonly metrics: Metrics;
}

describe.each(kinds)('a lane that a worker hears nothing of (%s)', (kind) => {
  const rig = new QueueRig(kind);
  let records: Records;
  let backEnd: BackEnd;
  let feeder: Feeder;
  const closers: (() => Promise<void> | void)[] = [];

  beforeAll(() => rig.startStore(), 30_000);
  beforeEach(async () => {
    await rig.openLane();
    records = await freshRecords();
    await records.lanes.declare([{ name: rig.lane, cap: 2 }], 10);
  }, 30_000);
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
    await rig.close();
  }, 30_000);

  async function guarded(onHired: (worker: LaneWorker, nth: number) => void): Promise<Guarded> {
    backEnd = backEndOf(kind, rig.url);
    await backEnd.open();
    const hire = backEnd.worker.bind(backEnd);
    let hired = 0;
    backEnd.worker = (...order) => {
      const worker = hire(...order);
      onHired(worker, (hired += 1));
      return worker;
    };
    const { runner } = await runnerOver(records);
    const served = { backEnd, leaseMs: LEASE_MS, log: quiet, lanes: [{ lane: rig.lane, cap: 2 }] };
    const lanes = new Lanes({ ...served, handle: (ticket, lane) => runner.run(ticket, lane) });
    await lanes.start();
    const fatal: string[] = [];
    const metrics = new Metrics();
    const meter = new RoadMeter(metrics, { leaseMs: LEASE_MS, models: new Set() });
    const dispatch = new Dispatch(backEnd, quiet);
    feeder = new Feeder(
      { records, dispatch, meter, log: quiet },
      { lanes: [rig.lane], depth: null, ageingMs: 0, random: () => 0 },
    );
    feeder.start(() => Promise.resolve());
    const vitals = new VitalSigns(
      {
        records,
        dispatch,
        feeder,
        metrics,
        meter,
        log: quiet,
        onFatal: ({ message }) => fatal.push(message),
      },
      { watchdogMs: WATCHDOG_MS, stuckAfterMs: 0, now: () => performance.now() },
    );
    vitals.guard(lanes);
    vitals.start();
    closers.push(
      () => dispatch.close(),
      () => lanes.close(0),
      () => vitals.stop(),
      () => feeder.stop(),
    );
    return { lanes, vitals, fatal, metrics };
  }

  const accept = async (): Promise<string> => {
    const { row } = await records.accepts.accept(newJob({ chain: [targetOf(rig.lane)] }));
    feeder.wake(rig.lane);
    return row.id;
  };
  const hasEnded = async (id: string): Promise<void> => {
    let status: string | undefined;
    const look = setInterval(() => {
      void records.jobs.read(id).then((job) => (status = job?.status));
    }, 50);
    await until('the job has ended', 20_000, () => status === 'completed').finally(() => clearInterval(look));
  };
  const deafen = (worker: LaneWorker): void => void worker.pause(true);

  it('is rebuilt, and its jobs start', async () => {
    const { lanes, fatal, metrics } = await guarded((worker, nth) => {
      if (nth === 1) deafen(worker);
    });
    const id = await accept();
    await hasEnded(id);
    expect(lanes.stats()[rig.lane]).toMatchObject({ rebuilt: 1, received: 1 });
    expect(fatal).toEqual([]);
    expect(await metrics.text()).toContain('action="rebuild"');
  });

  it('ends the process when a new worker hears as little', async () => {
    const { lanes, fatal } = await guarded(deafen);
    await accept();
    await until('it gives up', 20_000, () => fatal.length > 0);
    expect(fatal).toEqual([expect.stringContaining(`Lane ${rig.lane}`)]);
    expect(lanes.stats()[rig.lane]?.rebuilt).toBe(1);
  });

  // PostgreSQL that takes no writes takes no jobs either: there nothing waits.
  if (kind === 'redis')
    it('is left alone while the store takes nothing, and its jobs start when it does', async () => {
      const { lanes, vitals, fatal } = await guarded(() => undefined);
      let longestMs = 0;
      try {
        await rig.redis?.refuseWrites();
        const id = await accept();
        await until('it has stood still for three times as long', 30_000, () => {
          longestMs = Math.max(longestMs, ...vitals.watch.stuck().map(({ seconds }) => seconds * 1000));
          return longestMs > 3 * WATCHDOG_MS;
        });
        expect(lanes.stats()[rig.lane]?.rebuilt).toBe(0);
        expect(fatal).toEqual([]);
        expect(vitals.canary.trouble).toContain('OOM');
        await rig.redis?.takeWrites();
        await hasEnded(id);
      } finally {
        await rig.redis?.takeWrites();
      }
    });

  it.each([
    ['off', () => records.lanes.declare([{ name: rig.lane, cap: 0 }], 10)],
    [
      'full',
      async () => {
        for (const worker of ['w8', 'w9']) {
          const { row } = await records.accepts.accept(newJob({ chain: [targetOf(rig.lane)] }));
          await claimed(records, row.id, { lane: rig.lane, worker, leaseMs: 60_000 });
        }
      },
    ],
    [
      'cooling',
      () =>
        records.database.pool.query(
          `INSERT INTO cooldowns (scope, until, code, strikes) VALUES ($1, now() + interval '1 hour', 'overloaded', 1)`,
          [`provider:${rig.lane}`],
        ),
    ],
    [
      'paused by hand in the store',
      () => {
        const queue = rig.backEnd.queue(rig.lane) as unknown as { pause(): Promise<void> };
        return queue.pause();
      },
    ],
  ])('is left alone while it is %s', async (_what, prepare) => {
    const { lanes, vitals, fatal } = await guarded(deafen);
    await prepare();
    await accept();
    let looks = 0;
    const asked = records.pulses.lanes.bind(records.pulses);
    records.pulses.lanes = () => {
      looks += 1;
      return asked();
    };
    await until('twice the time has passed', 20_000, () => looks > (2 * WATCHDOG_MS) / 250);
    expect(lanes.stats()[rig.lane]?.rebuilt).toBe(0);
    expect(fatal).toEqual([]);
    expect(vitals.canary.trouble).toBeNull();
  });
});
