import { LaneWorker } from '@longhaul/queue';
import { claimed, newJob, targetOf } from '../support/records';
import { runnerOver } from '../support/runner';
import { kinds, until } from './queue-rig';
import { Guarded, WATCHDOG_MS, WatchdogRig } from './watchdog-rig';

jest.setTimeout(60_000);

describe.each(kinds)('a lane that a worker hears nothing of (%s)', (kind) => {
  const rig = new WatchdogRig(kind);

  beforeAll(() => rig.queue.startStore(), 30_000);
  beforeEach(() => rig.open(), 30_000);
  afterEach(() => rig.close(), 30_000);

  async function guarded(onHired: (worker: LaneWorker, nth: number) => void): Promise<Guarded> {
    const { runner } = await runnerOver(rig.records);
    const grantedOf = (lane: string): number => runner.claimer.grantedOf(lane);
    return rig.guarded({ handle: (ticket, lane) => runner.run(ticket, lane), onHired, grantedOf });
  }
  const deafen = (worker: LaneWorker): void => void worker.pause(true);

  it('is rebuilt, and its jobs start', async () => {
    const { lanes, fatal, metrics } = await guarded((worker, nth) => {
      if (nth === 1) deafen(worker);
    });
    const id = await rig.accept();
    await rig.hasEnded(id);
    expect(lanes.stats()[rig.lane]).toMatchObject({ rebuilt: 1, received: 1 });
    expect(fatal).toEqual([]);
    expect(await metrics.text()).toContain('action="rebuild"');
  });

  it('ends the process when a new worker hears as little', async () => {
    const { lanes, fatal } = await guarded(deafen);
    await rig.accept();
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
        await rig.queue.redis?.refuseWrites();
        const id = await rig.accept();
        await until('it has stood still for three times as long', 30_000, () => {
          longestMs = Math.max(longestMs, ...vitals.watch.stuck().map(({ seconds }) => seconds * 1000));
          return longestMs > 3 * WATCHDOG_MS;
        });
        expect(lanes.stats()[rig.lane]?.rebuilt).toBe(0);
        expect(fatal).toEqual([]);
        expect(vitals.canary.trouble).toContain('OOM');
        await rig.queue.redis?.takeWrites();
        await rig.hasEnded(id);
      } finally {
        await rig.queue.redis?.takeWrites();
      }
    });

  it.each([
    ['off', () => rig.records.lanes.declare([{ name: rig.lane, cap: 0 }], 10)],
    [
      'full',
      async () => {
        for (const worker of ['w8', 'w9']) {
          const { row } = await rig.records.accepts.accept(newJob({ chain: [targetOf(rig.lane)] }));
          await claimed(rig.records, row.id, { lane: rig.lane, worker, leaseMs: 60_000 });
        }
      },
    ],
    [
      'cooling',
      () =>
        rig.records.database.pool.query(
          `INSERT INTO cooldowns (scope, until, code, strikes) VALUES ($1, now() + interval '1 hour', 'overloaded', 1)`,
          [`provider:${rig.lane}`],
        ),
    ],
    [
      'paused by hand in the store',
      () => {
        const queue = rig.queue.backEnd.queue(rig.lane) as unknown as { pause(): Promise<void> };
        return queue.pause();
      },
    ],
  ])('is left alone while it is %s', async (_what, prepare) => {
    const { lanes, vitals, fatal } = await guarded(deafen);
    await prepare();
    await rig.accept();
    let looks = 0;
    const asked = rig.records.pulses.lanes.bind(rig.records.pulses);
    rig.records.pulses.lanes = () => {
      looks += 1;
      return asked();
    };
    await until('twice the time has passed', 20_000, () => looks > (2 * WATCHDOG_MS) / 250);
    expect(lanes.stats()[rig.lane]?.rebuilt).toBe(0);
    expect(fatal).toEqual([]);
    expect(vitals.canary.trouble).toBeNull();
  });
});
