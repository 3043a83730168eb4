import { claimed, completion, newJob, targetOf } from '../support/records';
import { CAP, FeedRig, id, many } from './feed-rig';

// Many rows, on machines of any speed.
jest.setTimeout(90_000);

let rig: FeedRig;

beforeAll(async () => {
  rig = await FeedRig.over();
});

beforeEach(() => rig.empty());

describe('between callers', () => {
  it('whoever has nothing comes before the next job of whoever has some, whatever the priorities', async () => {
    await rig.wait(many(200, { caller: 'busy', priority: 9, readySecondsAgo: 900 }));
    expect(await rig.rung({ depth: 4 })).toHaveLength(4);
    await rig.wait([{ caller: 'quiet', priority: 0 }], 'quiet');
    expect(await rig.rung({ depth: 5 })).toEqual([id(1, 'quiet')]);
  });

  it('what is in flight counts as much as what is rung', async () => {
    await rig.wait([...many(3, { caller: 'a' }), ...many(3, { caller: 'b' })]);
    const [first] = await rig.rung({ depth: 1 });
    expect(first).toBe(id(1));
    await claimed(rig.records, id(1));
    expect(await rig.rung({ depth: 3 })).toEqual([id(4), id(5), id(2)]);
  });

  it('what one has in another lane does not count', async () => {
    await rig.records.lanes.declare([{ name: 'two', cap: CAP }], 48);
    for (let i = 0; i < 3; i++) {
      const { row } = await rig.records.accepts.accept(newJob({ caller: 'a', chain: [targetOf('two')] }));
      await claimed(rig.records, row.id, { lane: 'two' });
    }
    await rig.wait([{ caller: 'a', readySecondsAgo: 2 }, { caller: 'b' }]);
    expect(await rig.rung({ depth: 1 })).toEqual([id(1)]);
  });

  it('the turns go round, and who has less waiting leaves the rest to the others in the same feed', async () => {
    await rig.wait([...many(20, { caller: 'a' }), ...many(2, { caller: 'b' }), { caller: 'c' }]);
    const order = await rig.rung();
    expect(order).toHaveLength(CAP);
    expect(order.slice(0, 5)).toEqual([id(1), id(21), id(23), id(2), id(22)]);
    expect(order.slice(5)).toEqual([3, 4, 5, 6, 7].map((place) => id(place)));
  });

  it('a newcomer has a turn among more callers than the lane has places, whose backlogs are all older', async () => {
    const old = Array.from({ length: 25 }, (_, n) => `old${String(n)}`);
    await rig.wait(old.flatMap((caller) => many(20, { caller, readySecondsAgo: 900 })));
    await rig.rungAndEnded(40);
    await rig.wait([{ caller: 'new', readySecondsAgo: 0 }], 'new');
    expect(await rig.rungAndEnded(old.length + 1)).toContain(id(1, 'new'));
  });

  it('everybody has a turn, also in a line that is longer than one look', async () => {
    const callers = Array.from({ length: 600 }, (_, n) => ({ caller: `c${String(n).padStart(4, '0')}` }));
    await rig.wait(callers.flatMap((job) => [job, job, job]));
    const seen = await rig.rungAndEnded(650);
    const rows = await rig.query('SELECT id, caller FROM jobs');
    const callerOf = new Map(rows.map((row) => [row.id, row.caller]));
    expect(new Set(seen.map((job) => callerOf.get(job))).size).toBeGreaterThan(550);
  });

  it('the whole of a long line is looked at before a place is left empty', async () => {
    const later = Array.from({ length: 600 }, (_, n) => ({
      ...{ caller: `c${String(n).padStart(4, '0')}`, readySecondsAgo: -3600 },
    }));
    await rig.wait([...later, { caller: 'z' }, { caller: '0' }]);
    expect(new Set(await rig.rung())).toEqual(new Set([id(601), id(602)]));
  });
});

describe('within a caller', () => {
  it('without ageing a higher priority goes first, however long a lower one has waited', async () => {
    await rig.wait([
      { priority: 0, readySecondsAgo: 86_400 },
      { priority: 9, readySecondsAgo: 0 },
      { priority: 9, readySecondsAgo: 5 },
    ]);
    expect(await rig.rung()).toEqual([id(3), id(2), id(1)]);
  });

  it('with ageing a job that has waited a step longer goes before the next higher priority, and not before that', async () => {
    const ageingMs = 60_000;
    await rig.wait([
      { priority: 4, readySecondsAgo: 62 },
      { priority: 4, readySecondsAgo: 58 },
      { priority: 5, readySecondsAgo: 0 },
    ]);
    expect(await rig.rung({ ageingMs })).toEqual([id(1), id(3), id(2)]);
  });

  it('with ageing an endless stream of nines does not starve a zero', async () => {
    await rig.wait([
      { priority: 0, readySecondsAgo: 541 },
      ...many(500, { priority: 9, readySecondsAgo: 0 }),
    ]);
    expect(await rig.rung({ depth: 1, ageingMs: 60_000 })).toEqual([id(1)]);
  });
});

describe('a model that cools at the head of the line', () => {
  it('is stepped over, however many wait for it', async () => {
    await rig.query(
      `INSERT INTO cooldowns (scope, until, code) VALUES ('target:one/cold', now() + interval '30 s', 'overloaded')`,
    );
    await rig.wait([...many(300, { model: 'cold', priority: 9 }), { model: 'warm', priority: 0 }]);
    expect(await rig.rung()).toEqual([id(301)]);
  });
});

describe('a job that another transaction has locked', () => {
  it('is passed over, and the next one is rung in its place', async () => {
    await rig.wait(many(12, {}));
    const client = await rig.records.database.pool.connect();
    try {
      await client.query('BEGIN');
      await client.query('SELECT 1 FROM jobs WHERE id = $1 FOR UPDATE', [id(1)]);
      expect(await rig.rung({ depth: 1 })).toEqual([id(2)]);
    } finally {
      await client.query('ROLLBACK');
      client.release();
    }
  });
});

describe('one caller with 20,000 queued jobs', () => {
  it('holds another who submits one back for no more than two job lengths', async () => {
    await rig.wait(many(20_000, { caller: 'busy', priority: 9, readySecondsAgo: 600 }));
    const { records } = rig;
    const inLine = await rig.rung();
    const claimAll = async () =>
      Promise.all(inLine.splice(0, CAP).map((job) => claimed(records, job, { leaseMs: 60_000 })));
    let running = await claimAll();
    inLine.push(...(await rig.rung()));
    // All of the cap at the start of their calls, and the lane full of tickets: the worst moment.
    await rig.wait([{ caller: 'quiet', priority: 0, readySecondsAgo: 0 }], 'quiet');
    for (let lengths = 1; lengths <= 2; lengths++) {
      for (const job of running) await records.settle.settle(completion(job));
      running = await claimAll();
      inLine.push(...(await rig.rung()));
    }
    expect(running.map((job) => job.id)).toContain(id(1, 'quiet'));
  });
});
