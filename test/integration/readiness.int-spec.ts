import { readinessOf, ReadinessReport } from '../../libs/jobs/src/readiness';
import { LiveConfig } from '../../libs/jobs/src/live-config';
import { newJob, targetOf } from '../support/records';
import { runnerOver } from '../support/runner';
import { kinds, until } from './queue-rig';
import { WatchdogRig } from './watchdog-rig';

jest.setTimeout(60_000);

const STUCK_MS = 1000;

describe.each(kinds.slice(0, 1))('the readiness of a worker that serves one lane of several', (kind) => {
  const rig = new WatchdogRig(kind);

  beforeAll(() => rig.queue.startStore(), 30_000);
  beforeEach(() => rig.open(), 30_000);
  afterEach(() => rig.close(), 30_000);

  it('outlasts a job in a lane that nobody serves, and tells of it', async () => {
    const { records, lane } = rig;
    await records.lanes.declare([{ name: 'gone', cap: 2 }], 10);
    const { runner, spool } = await runnerOver(records);
    const { vitals } = await rig.guarded({
      handle: (ticket, of) => runner.run(ticket, of),
      grantedOf: (of) => runner.claimer.grantedOf(of),
    });
    await records.accepts.accept(newJob({ chain: [targetOf('gone')] }));
    await until('it has stood still for so long', 20_000, () =>
      vitals.watch.stuck().some(({ lane: of, seconds }) => of === 'gone' && seconds * 1000 >= STUCK_MS),
    );
    const ready = (role: 'api' | 'worker'): Promise<ReadinessReport> =>
      readinessOf({
        ...{ records, spool, vitals, role, stuckAfterMs: STUCK_MS, dispatch: rig.queue.dispatch },
        live: { current: { version: 0 } as LiveConfig['current'], trouble: null },
      });
    const lanes = (ending: string): unknown =>
      expect.stringMatching(`gone started nothing for .*${ending}`) as unknown;
    expect([vitals.serves(lane), vitals.serves('gone')]).toEqual([true, false]);
    expect(await ready('worker')).toMatchObject({
      ...{ ready: true, degraded: true, checks: { lanes: lanes('not served here') } },
    });
    expect(await ready('api')).toMatchObject({ ready: true, degraded: true, checks: { lanes: lanes('') } });
    await rig.hasEnded(await rig.accept());
  });
});
