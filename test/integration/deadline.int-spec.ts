import { Dispatch, ticketOf } from '@longhaul/queue';
import { Records } from '@longhaul/records';
import { Housekeeping } from '../../libs/jobs/src/housekeeping';
import { LeaseKeeper } from '../../libs/jobs/src/lease';
import { Reconciler } from '../../libs/jobs/src/reconciler';
import { until } from '../support/longhaul';
import { claim, claimed, freshRecords, newJob, retry, soon, targetOf } from '../support/records';
import { RunnerRig, runnerOver } from '../support/runner';

jest.setTimeout(120_000);

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const never = new Promise<void>(() => undefined);

let records: Records;
let rig: RunnerRig;

const accept = async (change: Parameters<typeof newJob>[0] = {}) =>
  (await records.accepts.accept(newJob(change))).row.id;
const acceptFor = (first: string, ...later: string[]) =>
  accept({ chain: [targetOf(first), ...later.map((lane) => targetOf(lane))] });
const read = (id: string) => records.jobs.read(id);
const rows = async (text: string): Promise<unknown[]> => (await records.database.pool.query(text)).rows;

async function cancelledInFlight(): Promise<string> {
  const id = await accept();
  await claimed(records, id, { leaseMs: -1 });
  await records.jobs.cancel(id, 'local');
  return id;
}

/** Its target cools, and it waits there: that is shorter than a hold may be. */
async function held(): Promise<string> {
  const cooling = {
    scope: 'target:one/cool',
    code: 'rate_limited',
    forMs: 30_000,
    growing: false,
    mostMs: 30_000,
  };
  const chain = [targetOf('one', 'cool')] as const;
  const before = await claimed(records, await accept({ chain }));
  await records.settle.settle(retry(before, cooling));
  const id = await accept({ chain });
  await records.database.pool.query('UPDATE jobs SET rung_at = now() WHERE id = $1', [id]);
  await rig.barredMover.move(id);
  expect((await read(id))?.ring).toBe(2);
  return id;
}

async function handedOver(): Promise<string> {
  const id = await acceptFor('one', 'two');
  await records.jobs.move({
    ...{ jobId: id, ring: 1, readyAt: null, position: 1, target: targetOf('two'), error: null },
  });
  return id;
}

async function waitsToRetry(): Promise<string> {
  const job = await claimed(records, await accept());
  const failed = retry(job);
  await records.settle.settle({ ...failed, job: { ...failed.job, afterMs: 600_000 } as typeof failed.job });
  return job.id;
}

async function rung(): Promise<string> {
  const id = await acceptFor('two');
  expect(await records.feed.feed('two')).toMatchObject({ rung: [{ jobId: id }] });
  return id;
}

async function heldByTheDead(): Promise<string> {
  const id = await accept();
  await claimed(records, id, { leaseMs: -1 });
  return id;
}

interface Phase {
  readonly where: string;
  readonly put: () => Promise<string>;
  readonly shows: string;
  readonly rung?: boolean;
  readonly ends?: string;
}

const PHASES: readonly Phase[] = [
  { where: 'rung', put: rung, shows: 'waiting', rung: true },
  { where: 'scheduled', put: () => accept({ runAt: new Date(Date.now() + 600_000) }), shows: 'scheduled' },
  { where: 'waiting', put: () => accept(), shows: 'waiting' },
  { where: 'held by a dead worker', put: heldByTheDead, shows: 'running' },
  { where: 'waiting for a retry', put: waitsToRetry, shows: 'retry_wait' },
  { where: 'held while its target cools', put: held, shows: 'waiting' },
  { where: 'handed over', put: handedOver, shows: 'fallback' },
  { where: 'in a lane that is off', put: () => acceptFor('off'), shows: 'waiting' },
  { where: 'in a lane that no process has', put: () => acceptFor('gone', 'one'), shows: 'waiting' },
  {
    where: 'cancelled, and held by a dead worker',
    put: cancelledInFlight,
    shows: 'cancelling',
    ends: 'cancelled',
  },
];

const reconcilerOf = ({ settler, feeder, meter }: RunnerRig): Reconciler =>
  new Reconciler(
    {
      ...{ records, settler, feeder, meter, log: silent, onCap: () => undefined },
      keeper: { takeOverUntil: soon } as LeaseKeeper,
      housekeeping: new Housekeeping(records, { everyMs: 600_000, now: () => performance.now() }),
      retention: { round: async () => undefined },
      dispatch: { isUp: () => false, onRestored: () => () => undefined } as unknown as Dispatch,
    },
    { everyMs: 50, reringMs: 600_000, spoolAgeMs: 0 },
  );

beforeAll(async () => {
  records = await freshRecords();
  const lanes = ['one', 'two'].map((name) => ({ name, cap: 20 }));
  await records.lanes.declare([...lanes, { name: 'off', cap: 0 }], 40);
});

describe('a job past its deadline', () => {
  const jobs = new Map<string, string>();

  beforeAll(async () => {
    rig = await runnerOver(records);
    for (const { where, put, shows, rung: isRung = false } of PHASES) {
      const id = await put();
      expect(await read(id)).toMatchObject({ phase: shows, completedAt: null });
      expect((await read(id))?.rungAt !== null).toBe(isRung);
      jobs.set(where, id);
    }
    await records.database.pool.query('UPDATE jobs SET deadline_at = now() WHERE completed_at IS NULL');
    const reconciler = reconcilerOf(rig);
    reconciler.start();
    const allEnded = async () => (await rows('SELECT 1 FROM jobs WHERE completed_at IS NULL')).length === 0;
    // Else the rows say which of them have not.
    await until('all have ended', allEnded).catch(() => undefined);
    await reconciler.stop();
  });

  it.each(PHASES)('ends: $where', async ({ where, ends = 'deadline_exceeded' }) => {
    const id = jobs.get(where) ?? '';
    expect(await read(id)).toMatchObject({
      ...{ status: ends === 'cancelled' ? 'cancelled' : 'failed', error: { code: ends } },
      ...{ phase: null, leaseOwner: null },
    });
    expect(await claim(records, id, { takeOverUntil: soon() })).toEqual({ answer: 'stale', why: 'ended' });
  });

  it('leaves nothing behind: no slot, no bell, no call', async () => {
    expect(await rows('SELECT 1 FROM slots WHERE job_id IS NOT NULL')).toEqual([]);
    for (const lane of ['one', 'two', 'off', 'gone'])
      expect(await records.feed.feed(lane)).toMatchObject({ rung: [], barred: [] });
    expect(rig.calls()).toBe(0);
  });
});

describe('a job whose deadline comes while it runs', () => {
  it('ends then, and its call with it', async () => {
    const { runner, calls } = await runnerOver(records, { mayEnd: never });
    const id = await accept({ deadlineMs: 6000 });
    expect(await runner.run(ticketOf(id, 1), 'one')).toEqual({ fate: 'done' });
    expect(await read(id)).toMatchObject({
      status: 'failed',
      error: { code: 'deadline_exceeded' },
      deaths: 0,
    });
    expect(await records.attempts.list(id)).toMatchObject([{ status: 'failed' }]);
    expect(await rows('SELECT 1 FROM slots WHERE job_id IS NOT NULL')).toEqual([]);
    expect(calls()).toBe(1);
  });
});
