import { GatewayError } from '@longhaul/contract';
import { BulkAccept, Database, NewJob, Records } from '@longhaul/records';
import { freshRecords, newJob } from '../support/records';

// A real store, on machines of any speed.
jest.setTimeout(60_000);

let records: Records;

beforeEach(async () => {
  records = await freshRecords();
});

const key = (name: string, fingerprint = 'same') => ({ route: 'POST /v1/jobs', key: name, fingerprint });
const rows = async (text: string) => (await records.database.pool.query<Record<string, unknown>>(text)).rows;
const count = async (): Promise<number> => Number((await rows('SELECT count(*) FROM jobs'))[0]?.count);
const told = (outcome: BulkAccept): string =>
  outcome instanceof GatewayError ? outcome.code : `${outcome.replayed ? 'repeat of ' : ''}${outcome.row.id}`;
const accept = async (jobs: readonly NewJob[]): Promise<string[]> =>
  (await records.bulkAccepts.accept(jobs)).map(told);

describe('jobs that are accepted in bulk', () => {
  it('are one transaction, each as it is when it comes alone, in their order', async () => {
    const changes = [
      { ttlMs: 90_000, metadata: { run: '1' } },
      { runAt: new Date(Date.now() + 60_000), model: '', timeoutMs: 5000, idempotency: key('later') },
      { input: { text: 'a "quoted" \\ ü 🙂' }, maxCalls: 2, deadlineMs: 1000 },
    ];
    const alone = [];
    for (const change of changes) {
      const idempotency = key(`alone ${String(alone.length)}`);
      alone.push((await records.accepts.accept(newJob({ ...change, idempotency }))).row.id);
    }
    const jobs = changes.map((change) => newJob(change));
    expect(await accept(jobs)).toEqual(jobs.map(({ id }) => id));
    const ids = `'${jobs.map(({ id }) => id).join("', '")}'`;
    expect(await rows(`SELECT count(DISTINCT xmin::text)::int AS n FROM jobs WHERE id IN (${ids})`)).toEqual([
      { n: 1 },
    ]);
    expect(await rows(`SELECT id FROM jobs WHERE id IN (${ids}) ORDER BY created_at`)).toEqual(
      jobs.map(({ id }) => ({ id })),
    );
    for (const [at, { id }] of jobs.entries()) {
      const [one, same] = await Promise.all([records.jobs.read(id), records.jobs.read(alone[at] ?? '')]);
      if (!one || !same) throw new Error('a job that was accepted is not there');
      expect(Number(one.deadlineAt) - Number(one.readyAt)).toBeCloseTo(
        changes[at]?.deadlineMs ?? 600_000,
        -3,
      );
      const { createdAt, readyAt, deadlineAt } = one;
      expect(one).toEqual({ ...same, id, createdAt, readyAt, deadlineAt });
    }
  });

  it('do not suffer from one among them that PostgreSQL refuses', async () => {
    const jobs = [newJob(), newJob({ input: { text: '\u0000' } }), newJob({ idempotency: key('good') })];
    expect(await accept(jobs)).toEqual([jobs[0]?.id, 'internal', jobs[2]?.id]);
    expect(await count()).toBe(2);
  });

  it('answer a key that is known with its job, or with the conflict, and write nothing for it', async () => {
    const first = await records.accepts.accept(newJob({ idempotency: key('known') }));
    const jobs = [
      newJob({ idempotency: key('known') }),
      newJob({ idempotency: key('known', 'other') }),
      newJob(),
    ];
    expect(await accept(jobs)).toEqual([`repeat of ${first.row.id}`, 'idempotency_conflict', jobs[2]?.id]);
    expect(await count()).toBe(2);
  });

  it('of one key are one job: the first, and its repeats', async () => {
    const jobs = ['same', 'same', 'other'].map((print) => newJob({ idempotency: key('twice', print) }));
    const id = String(jobs[0]?.id);
    expect(await accept(jobs)).toEqual([id, `repeat of ${id}`, 'idempotency_conflict']);
    expect(await count()).toBe(1);
  });

  it('say 410 for a key whose job was deleted, and take a key anew whose life is over', async () => {
    for (const name of ['deleted', 'old']) await records.accepts.accept(newJob({ idempotency: key(name) }));
    await rows(`DELETE FROM jobs USING idempotency_keys k WHERE k.job_id = jobs.id AND k.key = 'deleted'`);
    await rows(`UPDATE idempotency_keys SET created_at = now() - interval '25 hours' WHERE key = 'old'`);
    const jobs = ['deleted', 'old'].map((name) => newJob({ idempotency: key(name, 'other') }));
    expect(await accept(jobs)).toEqual(['idempotency_conflict', jobs[1]?.id]);
    expect(await accept([newJob({ idempotency: key('deleted') })])).toEqual(['gone']);
  });

  it('hold nobody up whose key is not the one that is being written elsewhere', async () => {
    const twin = await records.database.pool.connect();
    try {
      await twin.query('BEGIN');
      await twin.query(
        `INSERT INTO idempotency_keys (caller, route, key, fingerprint, job_id)
         VALUES ('local', 'POST /v1/jobs', 'in flight', 'same', 'job_x')`,
      );
      const jobs = [
        newJob({ idempotency: key('in flight') }),
        newJob({ idempotency: key('free') }),
        newJob(),
      ];
      expect(await accept(jobs)).toEqual(['idempotency_in_flight', jobs[1]?.id, jobs[2]?.id]);
    } finally {
      await twin.query('ROLLBACK');
      twin.release();
    }
  });

  it('of two lists with the same keys at the same time are accepted once', async () => {
    const list = (): NewJob[] =>
      Array.from({ length: 40 }, (_, at) => newJob({ idempotency: key(`both ${String(at)}`) }));
    const [one, two] = await Promise.all([accept(list()), accept(list().reverse())]);
    const repeats = [...one, ...two].filter((outcome) => outcome.startsWith('repeat'));
    expect([repeats.length, await count()]).toEqual([40, 40]);
  });
});

describe('a commit whose answer is lost', () => {
  const withShortClock = (): Records => {
    const { url } = records.database;
    return new Records(new Database({ url, poolSize: 4, callMs: 300 }));
  };
  it('is said again and read, and is one job each', async () => {
    const short = withShortClock();
    const lock = await records.database.pool.connect();
    try {
      await lock.query('BEGIN');
      await lock.query('LOCK TABLE jobs IN SHARE MODE');
      const jobs = [newJob(), newJob({ idempotency: key('lost answer') }), newJob()];
      const run = jest.spyOn(short.database, 'run');
      const outcomes = short.bulkAccepts.accept(jobs);
      outcomes.catch(() => undefined);
      // The first one has run out of its time on this side, and still waits on the other.
      while (run.mock.calls.length < 2) await new Promise((resolve) => setImmediate(resolve));
      await lock.query('ROLLBACK');
      expect((await outcomes).map(told)).toEqual(jobs.map(({ id }) => id));
      expect(await count()).toBe(3);
    } finally {
      lock.release();
      await short.close();
    }
  });

  it('that stays lost is no acceptance', async () => {
    const short = withShortClock();
    const lock = await records.database.pool.connect();
    try {
      await lock.query('BEGIN');
      await lock.query('LOCK TABLE jobs IN SHARE MODE');
      await expect(short.bulkAccepts.accept([newJob()])).rejects.toMatchObject({ code: 'store_unavailable' });
    } finally {
      await lock.query('ROLLBACK');
      lock.release();
      await short.close();
    }
  });
});
