import { Dispatch } from '@longhaul/queue';
import { Housekeeping } from '../../libs/jobs/src/housekeeping';
import { LeaseKeeper } from '../../libs/jobs/src/lease';
import { Reconciler } from '../../libs/jobs/src/reconciler';
import { freshRecords, newJob, soon } from '../support/records';
import { until } from '../support/longhaul';
import { runnerOver } from '../support/runner';

describe('a reconciling round', () => {
  it('goes on after a step that fails: a spool that cannot be read keeps no job from its end', async () => {
    const records = await freshRecords();
    const { settler, spool, feeder, meter } = await runnerOver(records);
    spool.jobIds = () => Promise.reject(new Error('EACCES: permission denied'));
    const { row } = await records.accepts.accept(newJob({ deadlineMs: 0 }));
    const said: string[] = [];
    const say = (message: string): void => void said.push(message);
    const reconciler = new Reconciler(
      {
        ...{ records, settler, feeder, meter, onCap: () => undefined },
        keeper: { takeOverUntil: soon } as LeaseKeeper,
        housekeeping: new Housekeeping(records, { everyMs: 600_000, now: () => performance.now() }),
        retention: { round: async () => undefined },
        dispatch: { isUp: () => false, onRestored: () => () => undefined } as unknown as Dispatch,
        log: { info: say, warn: say, error: say },
      },
      { everyMs: 50, reringMs: 1000, spoolAgeMs: 0 },
    );
    reconciler.start();
    await until(
      'the overdue job has ended',
      async () => (await records.jobs.read(row.id))?.status === 'failed',
      5000,
    );
    await reconciler.stop();
    expect(said).toContain('A step of a reconciling round failed.');
  });
});
