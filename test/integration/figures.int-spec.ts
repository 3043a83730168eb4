import { Records } from '@longhaul/records';
import { claim, claimed, completion, freshRecords, newJob, retry, targetOf } from '../support/records';

let records: Records;

/** Accepts jobs of one lane and answers their ids. */
async function accept(lane: string, count: number, change: Parameters<typeof newJob>[0] = {}) {
  const jobs = Array.from({ length: count }, () => newJob({ chain: [targetOf(lane)], ...change }));
  for (const job of jobs) await records.accepts.accept(job);
  return jobs.map(({ id }) => id);
}

/** As if a lane's jobs had become ready that long ago. */
const age = (ids: readonly string[], seconds: number): Promise<unknown> =>
  records.database.pool.query(
    `UPDATE jobs SET ready_at = clock_timestamp() - $2 * interval '1 second' WHERE id = ANY($1)`,
    [ids, seconds],
  );

const figuresOf = async (lane: string) => (await records.figures.lanes()).find((row) => row.lane === lane);

beforeAll(async () => {
  records = await freshRecords();
  await records.lanes.declare(
    ['busy', 'late', 'ill', 'off'].map((name) => ({ name, cap: name === 'off' ? 0 : 3 })),
    10,
  );
});

it('counts a job once: in flight, waiting or scheduled, and ended ones not at all', async () => {
  const [first = '', second = ''] = await accept('busy', 4);
  await accept('busy', 2, { runAt: new Date(Date.now() + 3_600_000) });
  await records.settle.settle(completion(await claimed(records, first)));
  await claimed(records, second);
  await records.feed.feed('busy', { depth: 1 });
  expect(await figuresOf('busy')).toEqual({
    lane: 'busy',
    cap: 3,
    inFlight: 1,
    waiting: 2,
    rung: 1,
    scheduled: 2,
    oldestReadySeconds: expect.any(Number),
  });
  expect(await records.figures.total()).toEqual({ cap: 10, inFlight: 1 });
});

it('tells the age of the oldest waiting job, rung or not, and none where all is scheduled', async () => {
  await accept('late', 1, { runAt: new Date(Date.now() + 3_600_000) });
  expect((await figuresOf('late'))?.oldestReadySeconds).toBeNull();
  const [older = '', younger = ''] = await accept('late', 2);
  await age([older], 90);
  await age([younger], 30);
  expect((await figuresOf('late'))?.oldestReadySeconds).toBeCloseTo(90, -1);
  await records.feed.feed('late', { depth: 1 });
  expect(await figuresOf('late')).toMatchObject({ rung: 1, waiting: 2 });
  expect((await figuresOf('late'))?.oldestReadySeconds).toBeCloseTo(90, -1);
});

it('shows a lane that nothing runs in, and the cap that is in force', async () => {
  await records.database.pool.query(`UPDATE lanes SET override_cap = 7 WHERE name = 'off'`);
  expect(await figuresOf('off')).toEqual({
    lane: 'off',
    cap: 7,
    inFlight: 0,
    waiting: 0,
    rung: 0,
    scheduled: 0,
    oldestReadySeconds: null,
  });
  expect((await records.figures.lanes()).map(({ lane }) => lane)).toEqual(['busy', 'ill', 'late', 'off']);
});

it('answers the last failed attempt of each lane, whose key is then barred', async () => {
  const [id = ''] = await accept('ill', 1);
  expect(await records.figures.lastErrors()).toEqual([]);
  const cooling = {
    scope: 'credential:ill',
    code: 'quota_exhausted',
    forMs: 60_000,
    growing: false,
    mostMs: 0,
  };
  await records.settle.settle(retry(await claimed(records, id), cooling));
  expect(await records.figures.lastErrors()).toEqual([
    { lane: 'ill', model: 'm', code: 'upstream_error', at: expect.any(Date) },
  ]);
  expect(await claim(records, id, { ring: 2 })).toMatchObject({ answer: 'barred' });
});
