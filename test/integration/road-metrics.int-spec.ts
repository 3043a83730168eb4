import { Metrics } from '@longhaul/metrics';
import { Dispatch, Ticket, ticketOf } from '@longhaul/queue';
import { Records } from '@longhaul/records';
import { Feeder } from '../../libs/jobs/src/feeder';
import { Housekeeping } from '../../libs/jobs/src/housekeeping';
import { LeaseKeeper } from '../../libs/jobs/src/lease';
import { Reconciler } from '../../libs/jobs/src/reconciler';
import { until } from '../support/longhaul';
import { Scrape } from '../support/metrics-text';
import { claimed, freshRecords, newJob, soon } from '../support/records';
import { runnerOver } from '../support/runner';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

let records: Records;

beforeEach(async () => {
  records = await freshRecords();
  await records.lanes.declare([{ name: 'one', cap: 1 }], 10);
});

const accept = async (change: Parameters<typeof newJob>[0] = {}) =>
  (await records.accepts.accept(newJob(change))).row;
const NOTHING = new Scrape('\n');
const counted = async (metrics: Metrics, name: string): Promise<Record<string, number>> =>
  new Scrape(await metrics.text()).movedSince(NOTHING, `longhaul_${name}`);

describe('what a runner counts', () => {
  it('is every claim that it asks for, by its answer', async () => {
    const { runner, metrics } = await runnerOver(records);
    const [first, second] = [await accept(), await accept()];
    await claimed(records, first.id);
    await runner.run(ticketOf(first.id, 1), 'one');
    await runner.run(ticketOf(second.id, 1), 'one').catch(() => undefined);
    // A full lane is asked twice, and the slot is free for neither.
    expect(await counted(metrics, 'claims_total')).toEqual({ 'one stale': 1, 'one full_provider': 2 });
  });

  it('is a claim without an answer too', async () => {
    const { runner, metrics } = await runnerOver(records);
    const job = await accept();
    await records.database.close();
    await expect(runner.run(ticketOf(job.id, 1), 'one')).rejects.toThrow();
    expect(await counted(metrics, 'claims_total')).toEqual({ 'one error': 1 });
  });
});

describe('what a feeder counts', () => {
  const fed = async (ring: () => Promise<void>): Promise<Metrics> => {
    const { meter, metrics } = await runnerOver(records);
    const dispatch = { isUp: () => true, ring } as unknown as Dispatch;
    const feeder = new Feeder(
      { records, dispatch, meter, log: silent },
      { lanes: ['one'], depth: 5, ageingMs: 0, random: () => 0 },
    );
    feeder.wake('one');
    await until('the lane has been fed', async () => /lane="one"/.test(await metrics.text()));
    feeder.stop();
    return metrics;
  };

  it('is every ticket that it rings', async () => {
    for (let job = 0; job < 3; job += 1) await accept();
    const metrics = await fed(() => Promise.resolve());
    expect(await counted(metrics, 'tickets_rung_total')).toEqual({ one: 3 });
    expect(await counted(metrics, 'feed_failures_total')).toEqual({});
  });

  it('is a feed that the queue did not take, and no ticket of it', async () => {
    await accept();
    const metrics = await fed(() => Promise.reject(new Error('away')));
    expect(await counted(metrics, 'feed_failures_total')).toEqual({ one: 1 });
    expect(await counted(metrics, 'tickets_rung_total')).toEqual({});
  });
});

describe('what a reconciler counts', () => {
  it('is every ticket that nobody claimed in time, when it is rung again', async () => {
    const { settler, meter, metrics } = await runnerOver(records);
    const tickets: string[] = [];
    const ring = async (_: string, rung: readonly Ticket[]): Promise<void> =>
      void tickets.push(...rung.map(({ jobId, ring: number }) => `${jobId} ${String(number)}`));
    const dispatch = {
      ...{ isUp: () => true, ring, onRestored: () => () => undefined },
    } as unknown as Dispatch;
    const feeder = new Feeder(
      { records, dispatch, meter, log: silent },
      { lanes: [], depth: null, ageingMs: 0, random: () => 0 },
    );
    const lost = await accept();
    await accept({ runAt: new Date(Date.now() + 600_000) });
    await records.feed.feed('one');
    await records.database.pool.query(
      "UPDATE jobs SET rung_at = now() - interval '1 minute' WHERE rung_at IS NOT NULL",
    );
    const reconciler = new Reconciler(
      {
        ...{ records, settler, feeder, meter, log: silent, onCap: () => undefined, dispatch },
        keeper: { takeOverUntil: () => null } as unknown as LeaseKeeper,
        housekeeping: new Housekeeping(records, { everyMs: 600_000, now: () => performance.now() }),
        retention: { round: async () => undefined },
      },
      { everyMs: 50, reringMs: 30_000, spoolAgeMs: 0 },
    );
    reconciler.start();
    await until('the ticket is rung again', async () => tickets.length > 0);
    await reconciler.stop();
    expect(tickets).toEqual([`${lost.id} 1`]);
    expect(await counted(metrics, 'tickets_rung_again_total')).toEqual({ one: 1 });
    expect(await counted(metrics, 'tickets_rung_total')).toEqual({ one: 1 });
  });

  it('is the attempt of a worker that was lost, its call of unknown cost, and its job put back', async () => {
    const { settler, feeder, meter, metrics } = await runnerOver(records);
    await claimed(records, (await accept()).id);
    await records.database.pool.query("UPDATE jobs SET lease_until = now() - interval '1 second'");
    const reconciler = new Reconciler(
      {
        ...{ records, settler, feeder, meter, log: silent, onCap: () => undefined },
        keeper: { takeOverUntil: soon } as LeaseKeeper,
        housekeeping: new Housekeeping(records, { everyMs: 600_000, now: () => performance.now() }),
        retention: { round: async () => undefined },
        dispatch: { isUp: () => false, onRestored: () => () => undefined } as unknown as Dispatch,
      },
      { everyMs: 50, reringMs: 1000, spoolAgeMs: 0 },
    );
    reconciler.start();
    await until('the lease is freed', async () => /why="worker_lost"/.test(await metrics.text()));
    await reconciler.stop();
    expect(await counted(metrics, 'attempts_total')).toEqual({ 'one worker_lost': 1 });
    expect(await counted(metrics, 'unpriced_calls_total')).toEqual({ one: 1 });
    expect(await counted(metrics, 'jobs_put_back_total')).toEqual({ 'one worker_lost': 1 });
  });
});
