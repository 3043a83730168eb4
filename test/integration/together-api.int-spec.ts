import { GatewayError } from '@longhaul/contract';
import { Records } from '@longhaul/records';
import { claimed, completion, freshRecords, newJob } from '../support/records';

let records: Records;

beforeEach(async () => {
  records = await freshRecords();
  await records.lanes.declare([{ name: 'one', cap: 6 }], 10);
});

const accept = async (change: Parameters<typeof newJob>[0] = {}) =>
  (await records.accepts.accept(newJob(change))).row;
const rows = async (text: string) => (await records.database.pool.query<Record<string, unknown>>(text)).rows;

describe('jobs accepted in the same moment', () => {
  it('are one transaction, each as it is when it comes alone', async () => {
    const runAt = new Date(Date.now() + 60_000);
    const changes = [
      {},
      { runAt, model: '', metadata: { run: '1' }, timeoutMs: 5000, fallbackOnRefusal: true },
      {
        priority: 9,
        caller: 'another',
        input: { text: 'a "quoted" \\ ü 🙂' },
        maxCalls: 2,
        deadlineMs: 1000,
      },
    ];
    const keyOf = (key: number) => ({ route: 'POST /v1/jobs', key: String(key), fingerprint: 'a' });
    const alone = [];
    for (const [key, change] of changes.entries())
      alone.push(await accept({ ...change, idempotency: keyOf(key) }));
    await rows('CREATE TABLE log AS SELECT xmin::text AS t, id FROM jobs');
    const together = await Promise.all(changes.map((change) => accept(change)));
    const written = await rows(
      `SELECT count(*)::int AS n, count(DISTINCT xmin::text)::int AS t FROM jobs WHERE id NOT IN (SELECT id FROM log)`,
    );
    expect(written).toEqual([{ n: 3, t: 1 }]);
    for (const [at, { id }] of together.entries()) {
      const [one, same] = await Promise.all([records.jobs.read(id), records.jobs.read(alone[at]?.id ?? '')]);
      const { createdAt, deadlineAt, readyAt } = one ?? { createdAt: new Date(0) };
      const isLater = changes[at]?.runAt !== undefined;
      expect(readyAt?.getTime()).toBeCloseTo((isLater ? runAt : createdAt).getTime(), -3);
      expect(Number(deadlineAt) - Number(readyAt)).toBeCloseTo(changes[at]?.deadlineMs ?? 600_000, -3);
      expect({ ...one, id, createdAt, readyAt, deadlineAt }).toEqual({
        ...same,
        ...{ id, createdAt, readyAt, deadlineAt },
      });
    }
    expect(
      await rows('SELECT job_id, count(*)::int AS n FROM job_events GROUP BY 1 HAVING count(*) <> 1'),
    ).toEqual([]);
  });

  it('do not suffer from one among them that PostgreSQL refuses', async () => {
    const [good, bad] = await Promise.allSettled([accept(), accept({ input: { text: '\u0000' } })]);
    expect([good.status, bad.status]).toEqual(['fulfilled', 'rejected']);
    expect(await rows('SELECT count(*)::int AS n FROM jobs')).toEqual([{ n: 1 }]);
  });
});

describe('polls of the same moment', () => {
  it('show each caller its own jobs, and no other’s', async () => {
    const [mine, theirs, removed] = await Promise.all([accept(), accept({ caller: 'another' }), accept()]);
    await records.settle.settle(completion(await claimed(records, removed.id)));
    await records.removals.remove(removed.id, 'local');
    const asked = [
      [mine.id, 'local'],
      [theirs.id, 'local'],
      [theirs.id, 'another'],
      [mine.id, 'another'],
      [mine.id, 'local'],
      [removed.id, 'local'],
      ['job_unknown', 'local'],
    ] as const;
    const run = jest.spyOn(records.database, 'run');
    const found = await Promise.allSettled(asked.map(([id, caller]) => records.jobs.find(id, caller)));
    expect(run.mock.calls.filter(([{ name }]) => name === 'find')).toHaveLength(1);
    run.mockRestore();
    const told = found.map((answer) =>
      answer.status === 'fulfilled' ? answer.value.id : (answer.reason as GatewayError).code,
    );
    expect(told).toEqual([mine.id, 'not_found', theirs.id, 'not_found', mine.id, 'gone', 'not_found']);
  });
});
