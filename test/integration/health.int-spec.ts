import { Records, TargetHealth } from '@longhaul/records';
import { weightedMean } from '../../libs/records/src/weighted-mean';
import { claimed, completion, freshRecords, newJob } from '../support/records';

const HALF_LIFE_MS = 300_000;
const WELL = (count: number): boolean[] => Array.from({ length: count }, () => true);

let records: Records;

beforeAll(async () => {
  records = await freshRecords();
});

const timesOf = (successes: readonly boolean[], ms: (index: number) => number) =>
  successes.filter(Boolean).map((_, index) => ({ totalMs: ms(index), firstTokenMs: ms(index) / 2 }));

const note = (target: string, successes: readonly boolean[], ms = (): number => 100): Promise<void> =>
  records.health.note([{ target, successes, times: timesOf(successes, ms) }], HALF_LIFE_MS);

const healthOf = async (target: string): Promise<TargetHealth | undefined> =>
  (await records.health.since(null)).find((row) => row.target === target);

const age = (target: string, ms: number): Promise<unknown> =>
  records.database.pool.query(
    `UPDATE target_health SET updated_at = updated_at - $2 * interval '1 ms' WHERE target = $1`,
    [target, ms],
  );

describe('the measured health of a target', () => {
  it('is the weighted mean of all its calls, in whatever portions they came', async () => {
    const calls = Array.from({ length: 90 }, (_, index) => index % 7 !== 0 && index % 11 !== 3);
    const good = timesOf(calls, (index) => 100 + ((index * 37) % 90));
    let taken = 0;
    for (const size of [1, 2, 30, 5, 52]) {
      const portion = calls.slice(taken, taken + size);
      const before = calls.slice(0, taken).filter(Boolean).length;
      const times = good.slice(before, before + portion.filter(Boolean).length);
      await records.health.note([{ target: 'one/portions', successes: portion, times }], HALF_LIFE_MS);
      taken += size;
    }
    const told = await healthOf('one/portions');
    expect(told).toMatchObject({ samples: 90 });
    // Between two portions some time passes, and failures fade by it: a little.
    expect(told?.successRate).toBeCloseTo(weightedMean(calls.map(Number)) ?? 0, 3);
    expect(told?.latencyMs).toBeCloseTo(weightedMean(good.map(({ totalMs }) => totalMs)) ?? 0, 6);
    expect(told?.firstTokenMs).toBeCloseTo(weightedMean(good.map((each) => each.firstTokenMs)) ?? 0, 6);
  });

  it('tells the median and the 95th percentile of the latest two hundred good calls', async () => {
    await note('one/spread', WELL(150), () => 9_000);
    const times = Array.from({ length: 200 }, (_, index) => ({ totalMs: index + 1, firstTokenMs: 1 }));
    await records.health.note([{ target: 'one/spread', successes: WELL(200), times }], HALF_LIFE_MS);
    const told = await healthOf('one/spread');
    expect(told?.p50Ms).toBeCloseTo(100.5, 0);
    expect(told?.p95Ms).toBeCloseTo(190, 0);
  });

  it('has no times before the first good call, and keeps them when only failures follow', async () => {
    await note('one/ill', [false, false]);
    expect(await healthOf('one/ill')).toMatchObject({
      ...{ samples: 2, successRate: 0, latencyMs: null, firstTokenMs: null, p50Ms: null, p95Ms: null },
    });
    await note('one/ill', [true]);
    await note('one/ill', [false]);
    expect(await healthOf('one/ill')).toMatchObject({ samples: 4, latencyMs: 100, p50Ms: 100 });
  });

  it('forgets half of its failures in a half-life, and stays exact over any age and any count', async () => {
    await note(
      'one/faded',
      Array.from({ length: 40 }, () => false),
    );
    await age('one/faded', HALF_LIFE_MS);
    await note('one/faded', [false]);
    const faded = (await healthOf('one/faded'))?.successRate ?? 0;
    expect(faded).toBeGreaterThan(0.4);
    expect(faded).toBeLessThan(0.5);
    await age('one/faded', 1e12);
    await note('one/faded', [true]);
    expect((await healthOf('one/faded'))?.successRate).toBeCloseTo(1, 6);
    for (let round = 0; round < 3; round += 1) await note('one/faded', WELL(5_000));
    expect(await healthOf('one/faded')).toMatchObject({ samples: 15_042 });
  });

  it('loses no call of processes that tell of the same targets at the same time', async () => {
    const targets = ['one/a', 'one/b', 'one/c'];
    const news = targets.map((target) => ({ target, successes: [true], times: [] }));
    const flushes = Array.from({ length: 30 }, (_, index) =>
      records.health.note(index % 2 === 0 ? news : [...news].reverse(), HALF_LIFE_MS),
    );
    await Promise.all(flushes);
    for (const target of targets) expect(await healthOf(target)).toMatchObject({ samples: 30 });
  });

  it('is told of what is new since a moment', async () => {
    await note('one/early', [true]);
    const early = (await healthOf('one/early'))?.updatedAt.getTime() ?? 0;
    await new Promise((resolve) => setTimeout(resolve, 5));
    await note('one/late', [true]);
    // A Date has no microseconds.
    const since = await records.health.since(new Date(early + 1));
    expect(since.map(({ target }) => target)).toEqual(['one/late']);
  });
});

describe('the circuits', () => {
  const cool = (scope: string, seconds: number, strikes: number): Promise<unknown> =>
    records.database.pool.query(
      `INSERT INTO cooldowns (scope, until, code, strikes)
       VALUES ($1, clock_timestamp() + $2 * interval '1 second', 'overloaded', $3)`,
      [scope, seconds, strikes],
    );

  it('are none at first, and the time is told all the same', async () => {
    const { now, circuits } = await records.health.circuits();
    expect(circuits).toEqual([]);
    expect(Math.abs(now.getTime() - Date.now())).toBeLessThan(60_000);
  });

  it('are told while they are open or half open; those of a key that is no longer in use bar nobody', async () => {
    await records.lanes.declare([{ name: 'one', cap: 1 }], 1);
    await records.database.pool.query(`UPDATE lanes SET credential = 'one:new' WHERE name = 'one'`);
    await cool('target:one/a', 60, 1);
    await cool('target:one/half', -1, 2);
    await cool('target:one/closed', -1, 0);
    await cool('provider:one', 60, 0);
    await cool('credential:one:old', 60, 1);
    await cool('credential:one:new', 60, 1);
    const { circuits } = await records.health.circuits();
    expect(circuits.map(({ scope, state, isProbed }) => [scope, state, isProbed])).toEqual([
      ['credential:one', 'open', false],
      ['provider:one', 'open', false],
      ['target:one/a', 'open', false],
      ['target:one/half', 'half_open', false],
    ]);
  });

  it('say whether a call finds out if one may be closed, while its claim is held', async () => {
    const { row } = await records.accepts.accept(newJob());
    await records.database.pool.query('DELETE FROM cooldowns');
    await cool('target:one/m', -1, 1);
    const told = async () => (await records.health.circuits()).circuits;
    const half = { scope: 'target:one/m', state: 'half_open' };
    expect(await told()).toMatchObject([{ ...half, isProbed: false }]);
    const probe = await claimed(records, row.id);
    expect(await told()).toMatchObject([{ ...half, isProbed: true }]);
    await records.settle.settle(completion(probe));
    expect(await told()).toMatchObject([{ ...half, isProbed: false }]);
  });
});
