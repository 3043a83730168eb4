import { Metrics } from '@longhaul/metrics';
import { Ticket, ticketOf } from '@longhaul/queue';
import { Records } from '@longhaul/records';
import { Scrape } from '../support/metrics-text';
import { claimed, completion, freshRecords, newJob, retry, targetOf } from '../support/records';
import { runnerOver } from '../support/runner';

jest.setTimeout(60_000);

const NOTHING = new Scrape('\n');
const counted = async (metrics: Metrics, name: string): Promise<Record<string, number>> =>
  new Scrape(await metrics.text()).movedSince(NOTHING, `longhaul_${name}`);

const NO_LIMITS = { requestsPerMinute: null, tokensPerMinute: null, tokensPerDay: null };

describe.each([
  ['a lane', NO_LIMITS],
  ['a lane with limits', { ...NO_LIMITS, requestsPerMinute: 1000 }],
])('in %s a worker', (_, limits) => {
  let records: Records;

  beforeEach(async () => {
    records = await freshRecords();
    await records.lanes.declare([{ name: 'one', cap: 20, limits }], 20);
  });

  const accept = async (change: Parameters<typeof newJob>[0] = {}) =>
    (await records.accepts.accept(newJob(change))).row.id;
  const written = async (): Promise<unknown> =>
    (
      await records.database.pool.query(
        `SELECT (SELECT count(*) FROM attempts) AS attempts, (SELECT count(*) FROM ledger) AS ledger,
           (SELECT count(*) FROM reservations) AS reservations, (SELECT sum(fence) FROM jobs) AS claims`,
      )
    ).rows[0];

  it('calls nothing for a void ticket, and says by its counts what made it void', async () => {
    const { runner, metrics, calls } = await runnerOver(records);
    const ended = await accept();
    await records.settle.settle(completion(await claimed(records, ended)));
    const held = await accept();
    await claimed(records, held);
    const moved = await accept({ chain: [targetOf('one'), targetOf('two')] });
    await records.jobs.move({
      ...{ jobId: moved, ring: 1, readyAt: null, position: 1, target: targetOf('two'), error: null },
    });
    const early = await accept({ runAt: new Date(Date.now() + 600_000) });
    const ending = await accept({ deadlineMs: 0 });
    const tickets = [ended, held, held, moved, early, ending, 'job_of_nobody'].map((id) => ticketOf(id, 1));
    const before = await written();
    for (const ticket of tickets) expect(await runner.run(ticket, 'one')).toEqual({ fate: 'done' });
    expect(await counted(metrics, 'stale_tickets_total')).toEqual({
      ...{ 'one ended': 1, 'one held': 2, 'one other_ring': 1 },
      ...{ 'one early': 1, 'one ending': 1, 'one unknown': 1 },
    });
    expect(await counted(metrics, 'claims_total')).toEqual({ 'one stale': tickets.length });
    expect(await written()).toEqual(before);
    expect(calls()).toBe(0);
  });

  it('calls each job once, however often a queue that was restored from an old copy hands its tickets over', async () => {
    const { runner, metrics, calls } = await runnerOver(records);
    const ids = await Promise.all(Array.from({ length: 4 }, () => accept()));
    const copy: readonly Ticket[] = ids.map((id) => ticketOf(id, 1));
    const [retried = '', deleted = ''] = ids;
    await records.settle.settle(retry(await claimed(records, retried)));
    await records.settle.settle(completion(await claimed(records, deleted)));
    expect(await records.removals.remove(deleted, 'local')).toBe('removed');
    await Promise.all([...copy, ...copy].map((ticket) => runner.run(ticket, 'one')));
    await Promise.all(copy.map((ticket) => runner.run(ticket, 'one')));
    expect(calls()).toBe(2);
    expect(await counted(metrics, 'claims_total')).toEqual({ 'one claimed': 2, 'one stale': 10 });
    const stale = await counted(metrics, 'stale_tickets_total');
    expect(stale).toMatchObject({ 'one other_ring': 3, 'one unknown': 3 });
    expect(Object.values(stale).reduce((sum, n) => sum + n, 0)).toBe(10);
    await runner.run(ticketOf(retried, 2), 'one');
    expect(calls()).toBe(3);
  });
});
