import { Records } from '@longhaul/records';
import { claim, ClaimChange, claimed, completion, freshRecords, newJob, soon } from '../support/records';
import { runnerOver } from '../support/runner';

// A database of its own for each, on machines of any speed.
jest.setTimeout(60_000);

let records: Records;

beforeEach(async () => {
  records = await freshRecords();
  await records.lanes.declare([{ name: 'one', cap: 20 }], 40);
});

const accept = async () => (await records.accepts.accept(newJob())).row.id;
const acceptMany = (count: number) => Promise.all(Array.from({ length: count }, accept));
const read = (id: string) => records.jobs.read(id);
const deathsOf = async (id: string) => (await read(id))?.deaths;

/** By its last bell: each death makes a new one. */
const take = async (id: string, change: ClaimChange) =>
  claimed(records, id, { ring: (await read(id))?.ring ?? 0, ...change });

/** A worker that takes these jobs and dies at once. Its leases run out, and are freed. */
async function dies(worker: string, ids: readonly string[]): Promise<void> {
  for (const id of ids) await take(id, { worker, leaseMs: -1 });
  await records.leases.freeDead(soon());
}

async function complete(id: string, worker: string): Promise<void> {
  expect(await records.settle.settle(completion(await take(id, { worker })))).toBe('completed');
}

describe('a job that kills its worker each time', () => {
  it('is poison after three deaths, and of those who ran beside it none is blamed for the third', async () => {
    const poison = await accept();
    const neighbours = await acceptMany(6);
    await dies('w1', [poison, ...neighbours]);
    await dies('w2', [poison, ...neighbours]);
    expect(await Promise.all([poison, ...neighbours].map(deathsOf))).toEqual([2, 2, 2, 2, 2, 2, 2]);
    const newcomers = await acceptMany(3);
    await dies('w3', [...newcomers, poison]);
    expect(await read(poison)).toMatchObject({ status: 'failed', deaths: 3, error: { code: 'poison' } });
    expect(await Promise.all(newcomers.map(deathsOf))).toEqual([0, 0, 0]);
    for (const id of [...neighbours, ...newcomers]) await complete(id, `w-${id}`);
    expect((await records.attempts.list(poison)).map(({ error }) => error?.code)).toEqual(
      Array.from({ length: 3 }, () => 'worker_lost'),
    );
  });

  it('is blamed as well when its lease is the last one, or the first one, of the dead worker to be freed', async () => {
    for (const isFirst of [true, false]) {
      const [poison, beside] = await Promise.all([accept(), accept()]);
      await dies(`a-${String(isFirst)}`, [poison]);
      await dies(`b-${String(isFirst)}`, [poison]);
      const [early, late] = isFirst ? [poison, beside] : [beside, poison];
      const worker = `c-${String(isFirst)}`;
      await take(late, { worker, leaseMs: 60_000 });
      await take(early, { worker, leaseMs: -1 });
      await records.leases.freeDead(soon());
      await records.database.pool.query(`UPDATE jobs SET lease_until = now() WHERE id = $1`, [late]);
      await records.leases.freeDead(soon());
      expect([await deathsOf(poison), await deathsOf(beside)]).toEqual([3, 0]);
      await complete(beside, 'd');
    }
  });

  it('is not to blame for what becomes of a worker that has only stood still, and lives on without it', async () => {
    const [poison, later, taken] = await Promise.all([accept(), accept(), accept()]);
    for (const worker of ['a', 'b', 'c']) await dies(worker, [poison]);
    await dies('c', [later]);
    expect(await deathsOf(later)).toBe(1);
    await take(taken, { worker: 'c', leaseMs: -1 });
    expect(await take(taken, { worker: 'd', takeOverUntil: soon() })).toMatchObject({
      deaths: 1,
    });
  });

  it('is blamed as well by a claim that takes a neighbour over', async () => {
    const [poison, beside] = await Promise.all([accept(), accept()]);
    await dies('a', [poison]);
    await dies('b', [poison]);
    await take(poison, { worker: 'c', leaseMs: -1 });
    await take(beside, { worker: 'c', leaseMs: -1 });
    expect(await take(beside, { worker: 'd', takeOverUntil: soon() })).toMatchObject({
      deaths: 0,
    });
  });
});

describe('a job on its last chance', () => {
  const onLastChance = async () => {
    const id = await accept();
    await dies('a', [id]);
    await dies('b', [id]);
    return id;
  };
  const rung = async () => {
    const fed = await records.feed.feed('one');
    return fed.fed ? fed.rung : [];
  };

  it('is claimed only by whoever says that it has no other', async () => {
    const id = await onLastChance();
    const ask = (mayBeLast: boolean) =>
      records.claims.claim({
        ...{ jobId: id, ring: 3, lane: 'one', worker: 'w', leaseMs: 1000, takeOverUntil: null, yieldMs: 1 },
        mayBeLast,
      });
    expect(await ask(false)).toEqual({ answer: 'last_chance' });
    expect(await read(id)).toMatchObject({ leaseOwner: null, attempts: 2, ring: 3 });
    expect(await ask(true)).toMatchObject({ answer: 'claimed' });
  });

  it('waits in its place while the worker that was asked runs another, and the others are rung', async () => {
    let end = (): void => undefined;
    const { runner, calls } = await runnerOver(records, {
      mayEnd: new Promise<void>((resolve) => (end = resolve)),
    });
    const [first, second] = [await onLastChance(), await onLastChance()];
    const ticket = (jobId: string) => ({ jobId, ring: 3, v: 1 as const });
    const running = runner.run(ticket(first), 'one');
    while (calls() < 1) await new Promise((resolve) => setTimeout(resolve, 10));
    const before = await read(second);
    expect(await runner.run(ticket(second), 'one')).toEqual({ fate: 'done' });
    expect(await read(second)).toMatchObject({
      ring: 4,
      rungAt: null,
      readyAt: before?.readyAt,
      attempts: 2,
    });
    const other = await accept();
    expect(await rung()).toEqual([{ jobId: other, ring: 1 }]);
    await records.database.pool.query(`UPDATE lanes SET spares_until = now()`);
    expect(await rung()).toEqual([{ jobId: second, ring: 4 }]);
    end();
    await running;
    expect((await read(first))?.status).toBe('completed');
    expect(await runner.run({ ...ticket(second), ring: 4 }, 'one')).toEqual({ fate: 'done' });
    expect(await read(second)).toMatchObject({ status: 'completed', deaths: 2 });
    expect(await claim(records, first)).toEqual({ answer: 'stale', why: 'ended' });
  });
});
