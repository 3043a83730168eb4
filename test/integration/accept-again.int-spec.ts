import { AcceptRecords, Database, NewJob, Records } from '@longhaul/records';
import { freshRecords, newJob } from '../support/records';
import { CutAt, laySnare, Snare } from '../support/snare';

// A real store, on machines of any speed.
jest.setTimeout(60_000);

let records: Records;
let snare: Snare;
/** On a way of its own to the same PostgreSQL. */
let database: Database;
let accepts: AcceptRecords;

beforeEach(async () => {
  records = await freshRecords();
  snare = await laySnare(records.database.url);
  database = new Database({ url: snare.url, poolSize: 4, callMs: 10_000 });
  // For it no time goes by: how much of it is left is another test's.
  accepts = new AcceptRecords(database, () => 0);
});

afterEach(async () => {
  jest.restoreAllMocks();
  await database.close();
  await snare.close();
});

const key = (name: string, fingerprint = 'same') => ({ route: 'POST /v1/jobs', key: name, fingerprint });
const rows = async (text: string) => (await records.database.pool.query<Record<string, unknown>>(text)).rows;
const ids = async (): Promise<unknown[]> =>
  (await rows('SELECT id FROM jobs ORDER BY id')).map(({ id }) => id);
/** The names of what is asked for from now on; `before` may hold one up. */
function listen(before: (name: string) => Promise<void> = async () => undefined): string[] {
  const asked: string[] = [];
  const run = database.run.bind(database);
  jest.spyOn(database, 'run').mockImplementation(async (statement, ...rest) => {
    asked.push(statement.name);
    await before(statement.name);
    return run(statement, ...rest);
  });
  return asked;
}

const LARGE = { text: 'x'.repeat(40_000) };
const ACCEPTS: readonly (readonly [string, string, Partial<NewJob>])[] = [
  ['without a key', 'accept_together', {}],
  ['without a key, and large', 'accept', { input: LARGE }],
  ['with a key', 'accept', { idempotency: key('one'), runAt: new Date(Date.now() + 60_000), ttlMs: 90_000 }],
];
/** And what is asked for after it: what the second saying has stored itself is not read. */
const CUTS: readonly (readonly [CutAt, readonly string[]])[] = [
  ['unsent', ['accept_bulk']],
  ['answered', ['accept_bulk', 'find_accepted']],
];

describe.each(ACCEPTS)('an accept %s', (_, name, change) => {
  it.each(CUTS)('whose connection is cut while it is %s is said again, and is one job', async (at, again) => {
    const job = newJob(change);
    const caught = snare.cut(name, at);
    const asked = listen();
    expect(await accepts.accept(job)).toMatchObject({ row: { id: job.id }, replayed: false });
    await caught;
    expect(asked).toEqual([name, ...again]);
    expect(await ids()).toEqual([job.id]);
    expect(await rows('SELECT job_id, seq FROM job_events')).toEqual([{ job_id: job.id, seq: 0 }]);
  });

  it('that is still under way when its connection is cut is waited for, and is one job', async () => {
    const job = newJob(change);
    const lock = await records.database.pool.connect();
    try {
      await lock.query('BEGIN');
      await lock.query('LOCK TABLE jobs IN SHARE MODE');
      void snare.cut(name, 'under way');
      const asked = listen(async (said) => {
        if (said === 'accept_bulk') await lock.query('ROLLBACK');
      });
      expect(await accepts.accept(job)).toMatchObject({ row: { id: job.id }, replayed: false });
      // Either of them may have been first.
      expect(asked.slice(0, 2)).toEqual([name, 'accept_bulk']);
      expect(await ids()).toEqual([job.id]);
    } finally {
      lock.release(true);
    }
  });

  it('that is answered asks for nothing more', async () => {
    const asked = listen();
    await accepts.accept(newJob(change));
    expect(asked).toEqual([name]);
  });
});

describe('jobs of the same moment', () => {
  it.each(CUTS)(
    'are said again together when they are %s, and each caller gets its own',
    async (at, again) => {
      const jobs = Array.from({ length: 5 }, () => newJob());
      void snare.cut('accept_together', at);
      const asked = listen();
      const told = await Promise.all(jobs.map((job) => accepts.accept(job)));
      expect(told.map(({ row, replayed }) => [row.id, replayed])).toEqual(jobs.map(({ id }) => [id, false]));
      expect(asked).toEqual(['accept_together', ...again]);
      expect(await ids()).toEqual(jobs.map(({ id }) => id));
    },
  );
});

describe('a key', () => {
  it('whose accept was lost belongs to its job: the next request is its repeat', async () => {
    const job = newJob({ idempotency: key('again') });
    void snare.cut('accept', 'answered');
    await accepts.accept(job);
    const second = await accepts.accept(newJob({ idempotency: key('again') }));
    expect(second).toMatchObject({ row: { id: job.id }, replayed: true });
    await expect(accepts.accept(newJob({ idempotency: key('again', 'other') }))).rejects.toMatchObject({
      code: 'idempotency_conflict',
    });
  });

  it('that another request took meanwhile is answered with its job, or with the conflict', async () => {
    for (const fingerprint of ['same', 'other']) {
      const twin = newJob({ idempotency: key(`twin ${fingerprint}`) });
      void snare.cut('accept', 'unsent');
      listen(async (name) => {
        if (name === 'accept_bulk') await records.accepts.accept(twin);
      });
      const told = await accepts
        .accept(newJob({ idempotency: key(`twin ${fingerprint}`, fingerprint) }))
        .catch(({ code }: { code: string }) => code);
      if (fingerprint === 'same') expect(told).toMatchObject({ row: { id: twin.id }, replayed: true });
      else expect(told).toBe('idempotency_conflict');
      jest.restoreAllMocks();
    }
    expect(await ids()).toHaveLength(2);
  });
});

describe('an accept that is said again', () => {
  it('and lost again is no acceptance', async () => {
    void snare.cut('accept_together', 'unsent');
    listen(async (name) => {
      if (name === 'accept_bulk') void snare.cut('accept_bulk', 'unsent');
    });
    await expect(accepts.accept(newJob())).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(await ids()).toEqual([]);
  });

  it('has what is left of the time for both of them, and is not said where that is next to nothing', async () => {
    const lock = await records.database.pool.connect();
    try {
      await lock.query('BEGIN');
      await lock.query('LOCK TABLE jobs IN SHARE MODE');
      for (const [tookMs, leftMs] of [
        [1000, 700],
        [1400, 300],
        [1500, null],
      ] as const) {
        let nowMs = 0;
        const slow = new AcceptRecords(database, () => nowMs);
        const run = jest.spyOn(database, 'run');
        void snare.cut('accept_together', 'under way').then(() => (nowMs = tookMs));
        await expect(slow.accept(newJob())).rejects.toMatchObject({ code: 'store_unavailable' });
        expect(run.mock.calls.map(([{ name }, , mostMs]) => [name, mostMs])).toEqual([
          ['accept_together', undefined],
          ...(leftMs === null ? [] : [['accept_bulk', leftMs]]),
        ]);
        run.mockRestore();
      }
    } finally {
      lock.release(true);
    }
  });

  it('is not one that PostgreSQL has refused: that was rolled back', async () => {
    await rows(
      `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', current_database()); END $$`,
    );
    const asked = listen();
    await expect(accepts.accept(newJob())).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(asked).toEqual(['accept_together']);
  });
});
