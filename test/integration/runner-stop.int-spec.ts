import { ticketOf } from '@longhaul/queue';
import { Records } from '@longhaul/records';
import { freshRecords, newJob } from '../support/records';
import { runnerOver } from '../support/runner';

let records: Records;

beforeEach(async () => {
  records = await freshRecords();
  await records.lanes.declare([{ name: 'one', cap: 3 }], 10);
});

/** Somebody in the server waits for a lock on a row. */
async function waitsForLock(): Promise<void> {
  for (;;) {
    const { rowCount } = await records.database.pool.query(
      `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    if (rowCount === 1) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('a runner that is told to stop', () => {
  it('puts a ticket back that its lane had handed over, and asks nothing of PostgreSQL for it', async () => {
    const { runner, calls } = await runnerOver(records);
    const { row } = await records.accepts.accept(newJob());
    const run = runner.run(ticketOf(row.id, 1), 'one');
    runner.stopClaiming();
    expect(await run).toEqual({ fate: 'back' });
    expect(await records.jobs.read(row.id)).toMatchObject({ status: 'queued', attempts: 0, ring: 1 });
    expect(calls()).toBe(0);
  });

  it('gives a claim back unsent that was granted meanwhile: no call, no death, no lease left', async () => {
    const { runner, calls } = await runnerOver(records);
    const { row } = await records.accepts.accept(newJob());
    const holder = await records.database.pool.connect();
    await holder.query('BEGIN');
    await holder.query('SELECT 1 FROM jobs WHERE id = $1 FOR UPDATE', [row.id]);
    const run = runner.run(ticketOf(row.id, 1), 'one');
    await waitsForLock();
    runner.stopClaiming();
    await holder.query('COMMIT');
    holder.release();
    expect(await run).toEqual({ fate: 'done' });
    expect(await records.jobs.read(row.id)).toMatchObject({
      ...{ status: 'in_progress', phase: 'waiting', ring: 2 },
      ...{ leaseOwner: null, deaths: 0, costNanoUsd: 0 },
    });
    expect(await records.attempts.list(row.id)).toMatchObject([{ status: 'abandoned', call: 'not_sent' }]);
    expect(calls()).toBe(0);
  });
});
