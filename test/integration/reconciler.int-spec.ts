import { Dispatch } from '@longhaul/queue';
import { MOST_FREED_AT_ONCE, MOST_OVERDUE_AT_ONCE, Records } from '@longhaul/records';
import { Housekeeping } from '../../libs/jobs/src/housekeeping';
import { LeaseKeeper } from '../../libs/jobs/src/lease';
import { Reconciler } from '../../libs/jobs/src/reconciler';
import { claimed, completion, freshRecords, newJob, soon } from '../support/records';
import { until } from '../support/longhaul';
import { RunnerRig, runnerOver } from '../support/runner';

interface Rounds {
  readonly everyMs: number;
  readonly spoolAgeMs?: number;
  readonly say?: (message: string) => void;
}

/** One that has judged long enough, and that makes a round every `everyMs`. */
function reconcilerOver(
  records: Records,
  { settler, feeder, meter }: Pick<RunnerRig, 'settler' | 'feeder' | 'meter'>,
  { everyMs, spoolAgeMs = 0, say = () => undefined }: Rounds,
): Reconciler {
  return new Reconciler(
    {
      ...{ records, settler, feeder, meter, onCap: () => undefined },
      keeper: { takeOverUntil: soon } as LeaseKeeper,
      housekeeping: new Housekeeping(records, { everyMs: 600_000, now: () => performance.now() }),
      retention: { round: async () => undefined },
      dispatch: { isUp: () => false, onRestored: () => () => undefined } as unknown as Dispatch,
      log: { info: say, warn: say, error: say },
    },
    { everyMs, reringMs: 1000, spoolAgeMs },
  );
}

describe('a reconciling round', () => {
  it('goes on after a step that fails: a spool that cannot be read keeps no job from its end', async () => {
    const records = await freshRecords();
    const rig = await runnerOver(records);
    rig.spool.jobIds = () => Promise.reject(new Error('EACCES: permission denied'));
    const { row } = await records.accepts.accept(newJob({ deadlineMs: 0 }));
    const said: string[] = [];
    const reconciler = reconcilerOver(records, rig, {
      everyMs: 50,
      say: (message) => void said.push(message),
    });
    reconciler.start();
    await until(
      'the overdue job has ended',
      async () => (await records.jobs.read(row.id))?.status === 'failed',
      5000,
    );
    await reconciler.stop();
    expect(said).toContain('A step of a reconciling round failed.');
  });

  it('takes a paid answer from the spool before it frees the lease: no death, and no call of unknown cost', async () => {
    const records = await freshRecords();
    const rig = await runnerOver(records);
    await records.lanes.declare([{ name: 'one', cap: 10 }], 10);
    const { id } = (await records.accepts.accept(newJob())).row;
    await rig.spool.write(completion(await claimed(records, id, { leaseMs: -1 })));
    const reconciler = reconcilerOver(records, rig, { everyMs: 600_000 });
    reconciler.start();
    await until('nobody holds the job', async () => (await records.jobs.read(id))?.leaseOwner === null);
    await reconciler.stop();
    expect(await records.jobs.read(id)).toMatchObject({ status: 'completed', deaths: 0 });
    expect(await records.attempts.list(id)).toMatchObject([{ status: 'succeeded', call: 'answered' }]);
  });

  it('frees and ends all that is due, however much that is', async () => {
    const records = await freshRecords();
    const rig = await runnerOver(records);
    await records.lanes.declare([{ name: 'one', cap: 10 }], 10);
    const { row: dead } = await records.accepts.accept(newJob());
    await records.feed.feed('one');
    await claimed(records, dead.id);
    const { row: overdue } = await records.accepts.accept(newJob({ deadlineMs: 0 }));
    await multiply(records, dead.id, MOST_FREED_AT_ONCE + 5);
    await multiply(records, overdue.id, MOST_OVERDUE_AT_ONCE + 5);
    const left = async (): Promise<number> => {
      const { rows } = await records.database.pool.query<{ n: number }>(
        `SELECT count(*)::int AS n FROM jobs WHERE completed_at IS NULL AND (lease_owner IS NOT NULL OR deadline_at < now())`,
      );
      return rows[0]?.n ?? 0;
    };
    expect(await left()).toBe(MOST_FREED_AT_ONCE + MOST_OVERDUE_AT_ONCE + 12);
    const reconciler = reconcilerOver(records, rig, { everyMs: 600_000 });
    reconciler.start();
    await until('nothing is due', async () => (await left()) === 0);
    await reconciler.stop();
  });

  it('ends no job whose worker was cut off, and got the answer to its last call after that', async () => {
    const records = await freshRecords();
    const rig = await runnerOver(records);
    await records.lanes.declare([{ name: 'one', cap: 10 }], 10);
    const { row } = await records.accepts.accept(newJob({ maxCalls: 1 }));
    const { row: dead } = await records.accepts.accept(newJob({ maxCalls: 1 }));
    const job = await claimed(records, row.id, { leaseMs: -1 });
    await claimed(records, dead.id, { leaseMs: -1 });
    await rig.spool.write(completion(job));
    const young = reconcilerOver(records, rig, { everyMs: 600_000, spoolAgeMs: 60_000 });
    young.start();
    await until('the other has ended', async () => (await records.jobs.read(dead.id))?.status === 'failed');
    await young.stop();
    expect((await records.jobs.read(row.id))?.status).toBe('in_progress');
    const old = reconcilerOver(records, rig, { everyMs: 600_000 });
    old.start();
    await until(
      'the answer is committed',
      async () => (await records.jobs.read(row.id))?.status === 'completed',
    );
    await old.stop();
  });
});

/** So many jobs like that one; their leases are over. */
async function multiply(records: Records, id: string, times: number): Promise<void> {
  const { pool } = records.database;
  await pool.query(`UPDATE jobs SET lease_until = now() - interval '1 minute' WHERE lease_owner IS NOT NULL`);
  await pool.query(
    `INSERT INTO jobs SELECT (jsonb_populate_record(j, jsonb_build_object('id', j.id || '_' || n))).*
     FROM jobs j, generate_series(1, $2::int) n WHERE j.id = $1`,
    [id, times],
  );
}
