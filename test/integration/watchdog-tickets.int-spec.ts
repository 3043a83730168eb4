import { Fate } from '@longhaul/queue';
import { runnerOver } from '../support/runner';
import { kinds, latch, until } from './queue-rig';
import { WatchdogRig } from './watchdog-rig';

jest.setTimeout(90_000);

const FATAL_MS = 30_000;

describe.each(kinds)('a lane whose tickets come, and start nothing (%s)', (kind) => {
  const rig = new WatchdogRig(kind);

  beforeAll(() => rig.queue.startStore(), 30_000);
  beforeEach(() => rig.open(), 30_000);
  afterEach(() => rig.close(), 30_000);

  it('is rebuilt, then ends the process, where every handler throws', async () => {
    // As the look into the spool does when this process has no file handle left.
    const handle = (): Promise<Fate> => Promise.reject(new Error('EMFILE: too many open files'));
    const { lanes, fatal } = await rig.guarded({ handle });
    rig.ringAgain();
    await rig.accept();
    await until('it gives up', FATAL_MS, () => fatal.length > 0);
    expect(fatal).toEqual([expect.stringContaining('tickets came, and none was answered')]);
    expect(lanes.stats()[rig.lane]).toMatchObject({ rebuilt: 1, handled: 0 });
    expect(lanes.stats()[rig.lane]?.faults).toBeGreaterThan(1);
  });

  it('is rebuilt, then ends the process, where every handler hangs', async () => {
    const disk = latch();
    const handle = (): Promise<Fate> => disk.opened.then(() => ({ fate: 'done' }));
    const { lanes, fatal } = await rig.guarded({ handle, depth: 6 });
    try {
      await Promise.all(Array.from({ length: 6 }, () => rig.accept()));
      await until('it gives up', FATAL_MS, () => fatal.length > 0);
      expect(fatal).toEqual([expect.stringContaining('tickets came, and none was answered')]);
      const stats = lanes.stats()[rig.lane];
      expect(stats).toMatchObject({ rebuilt: 1, handled: 0 });
      // The second worker has fetched as many again.
      expect(stats?.received).toBeGreaterThan(2);
    } finally {
      disk.open();
    }
  });

  it('goes on beside calls that run for longer than the watchdog waits, and is rebuilt anew when it stands still again', async () => {
    const answer = latch();
    const { runner, calls } = await runnerOver(rig.records, { mayEnd: answer.opened, leaseMs: 60_000 });
    let isIll = true;
    const { lanes, fatal } = await rig.guarded({
      handle: (ticket, lane) => (isIll ? Promise.reject(new Error('EMFILE')) : runner.run(ticket, lane)),
      onHired: (_worker, nth) => (isIll &&= nth === 1),
      grantedOf: (lane) => runner.claimer.grantedOf(lane),
    });
    rig.ringAgain();
    try {
      const long = await rig.accept();
      await until('its call has begun', FATAL_MS, () => calls() === 1);
      isIll = true;
      const next = await rig.accept();
      await until('it is rebuilt once more', FATAL_MS, () => lanes.stats()[rig.lane]?.rebuilt === 2);
      await until('the next call has begun', FATAL_MS, () => calls() === 2);
      answer.open();
      for (const id of [long, next]) await rig.hasEnded(id);
      expect(fatal).toEqual([]);
    } finally {
      answer.open();
    }
  });
});
