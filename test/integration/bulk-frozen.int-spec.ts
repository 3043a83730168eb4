import { GatewayError } from '@longhaul/contract';
import {
  AcceptRecords,
  BulkAccept,
  BulkAcceptRecords,
  Database,
  migrateToLatest,
  NewJob,
  Records,
} from '@longhaul/records';
import { InProcess, openApi } from '../support/gateway';
import { newJob } from '../support/records';
import { PostgresServer, startPostgres } from '../support/stores';

// Real stores, on machines of any speed.
jest.setTimeout(120_000);

const CALL_MS = 1500;
/** Some clocks of a loaded machine; a clock for each group of a chunk would be 37 s. */
const SOON_MS = 6000;
const CHUNK = 100;

let server: PostgresServer;
let records: Records;
/** The server cuts off whoever holds a lock for longer than two of its clocks. */
let patient: Database;

beforeAll(async () => {
  server = await startPostgres();
  await migrateToLatest(server.url);
  patient = new Database({ url: server.url, poolSize: 2, callMs: 60_000 });
});
afterAll(() => patient.close());

beforeEach(() => {
  records = new Records(new Database({ url: server.url, poolSize: 10, callMs: CALL_MS }));
});

afterEach(async () => {
  jest.restoreAllMocks();
  await server.thaw();
  await records.close();
});

const key = (name: string) => ({ route: 'POST /v1/jobs', key: name, fingerprint: 'same' });
const list = (count: number): NewJob[] => Array.from({ length: count }, () => newJob());
const told = (outcome: BulkAccept): string =>
  outcome instanceof GatewayError ? outcome.code : outcome.row.id;
const count = async (): Promise<number> => {
  const { rows } = await patient.pool.query<{ count: number }>('SELECT count(*)::int FROM jobs');
  return rows[0]?.count ?? NaN;
};

/** While `work` goes on somebody else writes a job with this key, and comes to no end: a list with it is tried one by one. */
async function whileWritten(name: string, work: () => Promise<void>): Promise<void> {
  const twin = await patient.pool.connect();
  await twin.query('BEGIN');
  await twin.query(
    `INSERT INTO idempotency_keys (caller, route, key, fingerprint, job_id)
     VALUES ('local', 'POST /v1/jobs', '${name}', 'same', 'job_x')`,
  );
  try {
    await work();
  } finally {
    await server.thaw();
    twin.release(true);
  }
}

/** PostgreSQL is frozen before the job at `place` is asked for by itself. @returns what was asked for, and since when it is frozen */
function freezeAt(place: number): { readonly tried: string[]; readonly frozenMs: () => number } {
  const accept = Reflect.get(AcceptRecords.prototype, 'accept') as AcceptRecords['accept'];
  const tried: string[] = [];
  let frozen: Promise<void> | null = null;
  let sinceMs = NaN;
  jest.spyOn(AcceptRecords.prototype, 'accept').mockImplementation(async function (this: AcceptRecords, job) {
    tried.push(job.id);
    if (tried.length > place) {
      frozen ??= server.freeze().then(() => {
        sinceMs = performance.now();
      });
      await frozen;
    }
    return accept.call(this, job);
  });
  return { tried, frozenMs: () => performance.now() - sinceMs };
}

describe('a chunk of which each job is asked for by itself', () => {
  it('is given up when PostgreSQL freezes: one clock for all that is left, and what is known stands', async () => {
    const jobs = [newJob({ idempotency: key('held') }), ...list(CHUNK - 2)];
    const repeat = newJob({ idempotency: key('held') });
    await whileWritten('held', async () => {
      const { tried, frozenMs } = freezeAt(4);
      const outcomes = await records.bulkAccepts.accept([...jobs, repeat]);
      expect(frozenMs()).toBeLessThan(SOON_MS);
      expect(tried).toEqual(jobs.slice(0, 8).map(({ id }) => id));
      const known = ['idempotency_in_flight', ...jobs.slice(1, 4).map(({ id }) => id)];
      expect(outcomes.map(told)).toEqual([...known, ...Array<string>(CHUNK - 4).fill('store_unavailable')]);
      const words = outcomes.map((outcome) => (outcome instanceof GatewayError ? outcome.message : ''));
      expect(words.filter((said) => said.includes('It was not tried; send it again'))).toHaveLength(
        CHUNK - 8 - 1,
      );
    });
  });

  it('is given up when PostgreSQL needs too long for each', async () => {
    let clockMs = 0;
    const slow = {
      accept: (job: NewJob) => {
        clockMs += 1000;
        return records.accepts.accept(job);
      },
    };
    const jobs = [newJob({ input: { text: '\u0000' } }), ...list(15)];
    const before = await count();
    const bulk = new BulkAcceptRecords(records.database, slow, () => clockMs);
    const outcomes = await bulk.accept(jobs);
    const tried = ['internal', ...jobs.slice(1, 8).map(({ id }) => id)];
    expect(outcomes.map(told)).toEqual([...tried, ...Array<string>(8).fill('store_unavailable')]);
    expect(await count()).toBe(before + 7);
  });

  it('keeps what it has stored when its repeats cannot be looked up any more', async () => {
    const jobs = [newJob(), newJob({ idempotency: key('twice') }), newJob({ idempotency: key('twice') })];
    const run = records.database.run.bind(records.database);
    jest.spyOn(records.database, 'run').mockImplementation(async (statement, values) => {
      if (statement.name === 'find_by_keys') await server.freeze();
      return run(statement, values);
    });
    const outcomes = await records.bulkAccepts.accept(jobs);
    expect(outcomes.map(told)).toEqual([jobs[0]?.id, jobs[1]?.id, 'store_unavailable']);
  });
});

describe('a list of several chunks', () => {
  interface Answer {
    readonly accepted: number;
    readonly data: readonly { readonly status: number; readonly error: { readonly code: string } | null }[];
  }
  let api: InProcess;
  beforeAll(async () => {
    api = await openApi({ DATABASE_URL: server.url });
  });

  const submit = (name: string): Promise<Response> => {
    const runAt = Math.floor(Date.now() / 1000) + 3600;
    const job = {
      ...{ type: 'chat', model: 'sandbox/echo', run_at: runAt },
      input: { messages: [{ role: 'user', content: 'hello' }] },
    };
    const jobs = [{ ...job, idempotency_key: name }, ...Array<object>(3 * CHUNK - 1).fill(job)];
    return fetch(`${api.url}/v1/jobs/bulk`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jobs }),
    });
  };

  it('ends with the chunk in which PostgreSQL freezes; what is stored by then is told', async () => {
    await whileWritten('kept', async () => {
      const { tried, frozenMs } = freezeAt(4);
      const answer = await submit('kept');
      expect(frozenMs()).toBeLessThan(SOON_MS);
      expect([answer.status, tried.length]).toEqual([200, 8]);
      const { accepted, data } = (await answer.json()) as Answer;
      expect([accepted, data.length]).toEqual([3, 3 * CHUNK]);
      expect(data.map(({ status }) => status)).toEqual([
        ...[409, 202, 202, 202],
        ...Array<number>(3 * CHUNK - 4).fill(503),
      ]);
    });
  });

  it('is 503 as a whole when nothing is known to be stored', async () => {
    await whileWritten('none', async () => {
      const { tried, frozenMs } = freezeAt(0);
      const answer = await submit('none');
      expect(frozenMs()).toBeLessThan(SOON_MS);
      expect([answer.status, tried.length]).toEqual([503, 4]);
      expect(await answer.json()).toMatchObject({ code: 'store_unavailable' });
    });
  });
});
