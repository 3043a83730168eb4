import { Client } from 'pg';
import { JobView } from '@longhaul/contract';
import { Housekeeping } from '../../libs/jobs/src/housekeeping';
import { InProcess, openApi, openWorker } from '../support/gateway';
import { query } from '../support/longhaul';
import { freshRecords } from '../support/records';
import { freshDatabase } from '../support/stores';
import { startUpstream, Upstream } from '../support/upstream';

// Real stores and processes, on machines of any speed.
jest.setTimeout(60_000);

const MESSAGES = [{ role: 'user', content: 'Hello' }];
const NEXT_HOUR = Math.floor(Date.now() / 1000) + 3600;
const LATER = { type: 'chat', model: 'sandbox/echo', input: { messages: MESSAGES }, run_at: NEXT_HOUR };
const CHAT = { provider: 'sandbox', messages: MESSAGES };

let upstream: Upstream;
let databaseUrl: string;
let api: InProcess;

beforeAll(async () => {
  upstream = await startUpstream();
  databaseUrl = (await freshDatabase()).url;
  const env = { DATABASE_URL: databaseUrl, SANDBOX_BASE_URL: upstream.url('sandbox') };
  api = await openApi(env);
  await openWorker(env);
});
afterEach(() => {
  upstream.reset();
});
afterAll(() => upstream.close());

const post = (path: string, body: unknown, key?: string): Promise<Response> =>
  fetch(`${api.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(key === undefined ? {} : { 'idempotency-key': key }) },
    body: JSON.stringify(body),
  });
const cancel = (id: string): Promise<Response> =>
  fetch(`${api.url}/v1/jobs/${id}/cancel`, { method: 'POST' });
const codeOf = async (answer: Response): Promise<string> => ((await answer.json()) as { code: string }).code;
/** Each call names its job in Location, whatever its body is. */
const jobIdOf = (answer: Response): string => answer.headers.get('location')?.split('/').at(-1) ?? 'none';
const isReplay = (answer: Response): boolean => answer.headers.get('idempotent-replayed') === 'true';
const jobCount = async (): Promise<number> => {
  const [row] = await query<{ count: number }>(databaseUrl, 'SELECT count(*)::int AS count FROM jobs');
  return row?.count ?? NaN;
};

/** What makes work, and a body of it that is another request. */
const ROUTES = [
  { route: 'POST /v1/jobs', body: LATER, other: { ...LATER, priority: 1 } },
  {
    route: 'POST /v1/jobs/:id/retry',
    body: { run_at: NEXT_HOUR },
    other: { run_at: NEXT_HOUR, priority: 1 },
  },
  { route: 'POST /v1/chat', body: CHAT, other: { ...CHAT, priority: 1 } },
];

describe.each(ROUTES)('an Idempotency-Key at $route', ({ route, body, other }) => {
  let path: string;

  beforeAll(async () => {
    const old = jobIdOf(await post('/v1/jobs', LATER));
    await cancel(old);
    path = route.replace('POST ', '').replace(':id', old);
  });

  it('makes one job of two requests, and says which one is the repeat', async () => {
    const first = await post(path, body, 'twice');
    const second = await post(path, body, '"twice"');
    expect([isReplay(first), isReplay(second)]).toEqual([false, true]);
    expect([second.status, jobIdOf(second)]).toEqual([first.status, jobIdOf(first)]);
  });

  it('makes one job of many requests that come at once', async () => {
    const before = await jobCount();
    const answers = await Promise.all(Array.from({ length: 8 }, () => post(path, body, 'at-once')));
    expect(new Set(answers.map(jobIdOf)).size).toBe(1);
    expect(answers.filter(isReplay)).toHaveLength(7);
    expect(await jobCount()).toBe(before + 1);
  });

  it('is refused with another body, and makes nothing', async () => {
    const id = jobIdOf(await post(path, body, 'taken'));
    const before = await jobCount();
    const answer = await post(path, other, 'taken');
    expect([answer.status, answer.headers.get('x-should-retry')]).toEqual([422, 'false']);
    expect(await answer.json()).toMatchObject({
      code: 'idempotency_conflict',
      detail: expect.stringContaining(id),
    });
    expect(await jobCount()).toBe(before);
  });

  it('is a new key after 24 hours, and not before', async () => {
    const first = jobIdOf(await post(path, body, 'old'));
    const age = (by: string): Promise<unknown> =>
      query(
        databaseUrl,
        `UPDATE idempotency_keys SET created_at = created_at - interval '${by}' WHERE key = 'old' AND route = '${route}'`,
      );
    await age('23 hours 59 minutes');
    expect(jobIdOf(await post(path, body, 'old'))).toBe(first);
    await age('1 minute');
    const late = await post(path, other, 'old');
    expect(isReplay(late)).toBe(false);
    expect(jobIdOf(late)).not.toBe(first);
    expect(jobIdOf(await post(path, other, 'old'))).toBe(jobIdOf(late));
  });

  it('of a request that was refused is still free', async () => {
    const wrong = await post(path, { ...body, priority: 99 }, 'free');
    // No key of theirs is set in this run, which is 503: a fault of the set-up, not of the request.
    const without = await post(path, { ...body, model: 'openai/gpt-5.4-mini', provider: null }, 'free');
    expect([wrong.status, without.status, await codeOf(without)]).toEqual([
      422,
      503,
      'provider_not_configured',
    ]);
    expect(isReplay(await post(path, body, 'free'))).toBe(false);
  });
});

describe('an Idempotency-Key', () => {
  it('is good for one route: the same key elsewhere is another key', async () => {
    const job = await post('/v1/jobs', LATER, 'both');
    const chat = await post('/v1/chat', CHAT, 'both');
    expect([job.status, chat.status, isReplay(chat)]).toEqual([202, 200, false]);
  });

  it('of a retry is good for one job', async () => {
    const ids = [jobIdOf(await post('/v1/jobs', LATER)), jobIdOf(await post('/v1/jobs', LATER))];
    for (const id of ids) await cancel(id);
    const [first, second] = ids.map((id) => `/v1/jobs/${id}/retry`);
    expect((await post(first!, { run_at: NEXT_HOUR }, 'one-job')).status).toBe(202);
    const answer = await post(second!, { run_at: NEXT_HOUR }, 'one-job');
    expect([answer.status, await codeOf(answer)]).toEqual([422, 'idempotency_conflict']);
  });

  it('shows the job as it is now, not as it was', async () => {
    const id = jobIdOf(await post('/v1/jobs', LATER, 'fresh'));
    await cancel(id);
    const answer = await post('/v1/jobs', LATER, 'fresh');
    expect(answer.status).toBe(202);
    expect((await answer.json()) as JobView).toMatchObject({ id, status: 'cancelled' });
  });

  it('of a job that was deleted answers 410 and makes no other', async () => {
    const id = jobIdOf(await post('/v1/jobs', LATER, 'deleted'));
    await query(databaseUrl, `DELETE FROM jobs WHERE id = '${id}'`);
    const answer = await post('/v1/jobs', LATER, 'deleted');
    expect([answer.status, await codeOf(answer)]).toEqual([410, 'gone']);
  });

  it('answers 409 while the first request is being written, and then as if nothing had been', async () => {
    // A first request that hangs between its statement and its commit, e.g. with its API frozen.
    const first = new Client({ connectionString: databaseUrl });
    await first.connect();
    try {
      await first.query('BEGIN');
      await first.query(
        `INSERT INTO idempotency_keys (caller, route, key, fingerprint, job_id)
         SELECT 'local', route, 'in-flight', 'x', 'job_x' FROM unnest($1::text[]) route`,
        [['POST /v1/jobs', 'POST /v1/chat']],
      );
      // A chat waits for its twin as it waits for its job: the two refusals below take longer than its first try.
      const chat = post('/v1/chat', CHAT, 'in-flight');
      for (const header of ['in-flight', '"in-flight"']) {
        const early = await post('/v1/jobs', LATER, header);
        expect([early.status, early.headers.get('retry-after')]).toEqual([409, '1']);
        expect(early.headers.get('x-should-retry')).toBeNull();
        expect(await codeOf(early)).toBe('idempotency_in_flight');
      }
      await first.query('ROLLBACK');
      expect((await chat).status).toBe(200);
      const late = await post('/v1/jobs', LATER, 'in-flight');
      expect([late.status, isReplay(late)]).toEqual([202, false]);
    } finally {
      await first.end();
    }
  });
});

describe('keys whose life is over', () => {
  it('are deleted in rounds, younger ones stay, and between the rounds nobody asks for them', async () => {
    const records = await freshRecords();
    const insert = (count: number, age: string, name: string): Promise<unknown> =>
      records.database.pool.query(
        `INSERT INTO idempotency_keys (caller, route, key, fingerprint, job_id, created_at)
         SELECT 'ada', 'POST /v1/jobs', '${name}' || n, 'x', 'job_x', now() - interval '${age}'
         FROM generate_series(1, ${count}) n`,
      );
    const left = async (): Promise<number> =>
      Number((await records.database.pool.query('SELECT count(*) FROM idempotency_keys')).rows[0].count);
    await insert(1500, '24 hours 1 minute', 'old');
    await insert(3, '23 hours 59 minutes', 'young');
    let nowMs = 0;
    const housekeeping = new Housekeeping(records, { everyMs: 600_000, now: () => nowMs });
    await housekeeping.round();
    expect(await left()).toBe(503);
    // A full batch is followed by the next one at once.
    await housekeeping.round();
    expect(await left()).toBe(3);
    await insert(5, '25 hours', 'older');
    nowMs = 599_999;
    await housekeeping.round();
    expect(await left()).toBe(8);
    nowMs = 600_000;
    await housekeeping.round();
    expect(await left()).toBe(3);
  });
});
