import { JobView } from '@longhaul/contract';
import { fingerprintOf } from '../../apps/api/src/http/idempotency-key';
import { BulkAnswer } from '../../apps/api/src/jobs/bulk.controller';
import { InProcess, openApi, openWorker } from '../support/gateway';
import { query, until } from '../support/longhaul';
import { PostgresServer, startPostgres } from '../support/stores';
import { startUpstream, Upstream } from '../support/upstream';

// Real stores and processes, on machines of any speed.
jest.setTimeout(90_000);

const chat = (content: string, more: object = {}): object => ({
  type: 'chat',
  model: 'sandbox/echo',
  input: { messages: [{ role: 'user', content }] },
  ...more,
});
const LATER = { run_at: Math.floor(Date.now() / 1000) + 3600 };
const later = (content: string, more: object = {}): object => chat(content, { ...LATER, ...more });

let upstream: Upstream;
let server: PostgresServer;
let api: InProcess;

beforeAll(async () => {
  upstream = await startUpstream();
  server = await startPostgres();
  const env = { DATABASE_URL: server.url, SANDBOX_BASE_URL: upstream.url('sandbox') };
  api = await openApi(env);
  await openWorker(env);
});
afterAll(() => upstream.close());

const post = (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${api.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
async function bulk(jobs: unknown, headers: Record<string, string> = {}): Promise<BulkAnswer> {
  const answer = await post('/v1/jobs/bulk', { jobs }, headers);
  expect(answer.status).toBe(200);
  return (await answer.json()) as BulkAnswer;
}
const statusesOf = ({ data }: BulkAnswer): number[] => data.map(({ status }) => status);
const idsOf = ({ data }: BulkAnswer): (string | undefined)[] => data.map(({ job }) => job?.id);
const count = async (): Promise<number> => {
  const [row] = await query<{ count: number }>(server.url, 'SELECT count(*)::int AS count FROM jobs');
  return row?.count ?? NaN;
};

/** The sentences differ by the fields that each call takes. */
const pointersOf = (faults: unknown): unknown[] =>
  ((faults ?? []) as { pointer: string }[]).map(({ pointer }) => pointer);

const BAD: readonly (readonly [string, unknown])[] = [
  ['no job at all', 'hello'],
  ['null', null],
  ['a list', []],
  ['an empty object', {}],
  ['a type that is unknown', later('x', { type: 'poem' })],
  ['input of another type', { ...later('x'), input: { messages: 'x' } }],
  ['a field that is unknown', later('x', { colour: 'red' })],
  ['a model that is unknown', later('x', { model: 'sandbox/nothing' })],
  ['NUL in its text', later('u\u0000v')],
  ['half of a surrogate pair in its text', later('u\ud800v')],
  ['half of a surrogate pair for a name', later('x', { metadata: { '\udfff': 'x' } })],
  ['a reserved name', later('x', { metadata: JSON.parse('{"__proto__":"x"}') as unknown })],
  ['nothing but NUL', '\u0000'],
  ['a provider without a key', later('x', { model: 'openai/gpt-5.4-mini' })],
];

describe('a list of jobs', () => {
  it('has an outcome for each, in its order, and each good one is a job', async () => {
    const before = await count();
    const sent = BAD.flatMap(([name, bad]) => [bad, later(name)]);
    const answer = await bulk(sent);
    expect(answer).toMatchObject({ object: 'list', accepted: BAD.length, replayed: 0, refused: BAD.length });
    expect(answer.data.map(({ index }) => index)).toEqual(sent.map((_, index) => index));
    expect(statusesOf(answer).filter((_, index) => index % 2 === 1)).toEqual(BAD.map(() => 202));
    expect(await count()).toBe(before + BAD.length);
    for (const [index, { job }] of answer.data.entries()) {
      if (index % 2 === 0) continue;
      const seen = await fetch(`${api.url}${job?.urls.self ?? ''}`);
      expect(await seen.json()).toEqual(job);
    }
  });

  it.each(BAD.filter(([, bad]) => bad !== null))(
    'refuses %s in it as it is refused alone',
    async (_, bad) => {
      const { data } = await bulk([bad]);
      const alone = await post('/v1/jobs', bad);
      const { code, errors } = (await alone.json()) as Record<string, unknown>;
      expect(data).toMatchObject([{ index: 0, status: alone.status, job: null, error: { code } }]);
      expect(pointersOf(data[0]?.error?.errors)).toEqual(pointersOf(errors));
      expect(data[0]?.error).not.toHaveProperty('candidates');
    },
  );

  it.each([
    ['an empty list', { jobs: [] }],
    ['more than a thousand', { jobs: Array.from({ length: 1001 }, () => later('x')) }],
    ['no list', { jobs: later('x') }],
    ['one job', later('x')],
    ['a word more', { jobs: [later('x')], wait: true }],
    ['NUL beside the list', { jobs: [later('x')], note: '\u0000' }],
    [
      'deeper than a body may be',
      { jobs: [later('x'), JSON.parse(`${'['.repeat(63)}${']'.repeat(63)}`) as unknown] },
    ],
  ])('is refused as a whole when it is %s', async (_, body) => {
    const before = await count();
    const answer = await post('/v1/jobs/bulk', body);
    expect([answer.status, await count()]).toEqual([422, before]);
  });

  it('runs like jobs that came alone', async () => {
    const ids = idsOf(await bulk(Array.from({ length: 12 }, (_, at) => chat(`job ${String(at)}`))));
    await until('all ended', async () => {
      const jobs = await Promise.all(ids.map((id) => fetch(`${api.url}/v1/jobs/${String(id)}`)));
      const views = (await Promise.all(jobs.map((job) => job.json()))) as JobView[];
      return views.every(({ status }) => status === 'completed');
    });
  });

  it('of a thousand is accepted whole, while others are served', async () => {
    const before = await count();
    let isDone = false;
    const answer = bulk(Array.from({ length: 1000 }, (_, at) => later(`job ${String(at)}`)));
    void answer.finally(() => (isDone = true));
    let served = 0;
    while (!isDone) {
      expect((await fetch(`${api.url}/healthz`)).status).toBe(200);
      served += 1;
    }
    expect(new Set(idsOf(await answer)).size).toBe(1000);
    expect((await answer).accepted).toBe(1000);
    expect(await count()).toBe(before + 1000);
    expect(served).toBeGreaterThan(2);
  });
});

describe('keys in a list', () => {
  it('of jobs are the keys of POST /v1/jobs, there and back', async () => {
    const alone = (await (await post('/v1/jobs', later('a'), { 'idempotency-key': 'a' })).json()) as JobView;
    const list = [later('a', { idempotency_key: 'a' }), later('b', { idempotency_key: 'b' })];
    const first = await bulk(list);
    expect([statusesOf(first), idsOf(first)[0]]).toEqual([[200, 202], alone.id]);
    const again = await post('/v1/jobs', later('b'), { 'idempotency-key': 'b' });
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(((await again.json()) as JobView).id).toBe(idsOf(first)[1]);
    const other = await bulk([later('c', { idempotency_key: 'a' }), later('d')]);
    expect(statusesOf(other)).toEqual([422, 202]);
    expect(other.data[0]?.error).toMatchObject({ code: 'idempotency_conflict' });
  });

  it('answer a repeat even when the same job would be refused today', async () => {
    const body = later('x', { model: 'sandbox/nothing', idempotency_key: 'was-good' });
    const accepted = await bulk([{ ...body, model: 'sandbox/echo' }]);
    // As if the model had been there when this very body came first.
    const print = fingerprintOf(later('x', { model: 'sandbox/nothing' }));
    await query(server.url, `UPDATE idempotency_keys SET fingerprint = '${print}' WHERE key = 'was-good'`);
    const again = await bulk([body]);
    expect([statusesOf(again), idsOf(again)]).toEqual([[200], idsOf(accepted)]);
  });

  it.each(['', 'with "quotes"', 'ü', 'x'.repeat(256), 7])(
    'that are none (%j) are refused alone',
    async (key) => {
      const answer = await bulk([later('x', { idempotency_key: key }), later('y')]);
      expect(statusesOf(answer)).toEqual([422, 202]);
      expect(answer.data[0]?.error).toMatchObject({ errors: [{ pointer: '/idempotency_key' }] });
    },
  );

  it('of the whole list make it one list, however often it is sent', async () => {
    const list = [later('one'), later('x', { type: 'poem' }), later('two', { idempotency_key: 'its-own' })];
    const key = { 'idempotency-key': '"whole-list"' };
    const first = await bulk(list, key);
    const before = await count();
    const second = await bulk(list, key);
    expect([statusesOf(first), statusesOf(second)]).toEqual([
      [202, 422, 202],
      [200, 422, 200],
    ]);
    expect([idsOf(second), await count()]).toEqual([idsOf(first), before]);
    const changed = await bulk([later('other'), later('mended'), ...list.slice(2), later('more')], key);
    expect(statusesOf(changed)).toEqual([422, 202, 200, 202]);
  });
});

describe('a list while PostgreSQL is frozen', () => {
  it('is no acceptance: the whole answer is 503', async () => {
    await server.freeze();
    try {
      const answer = await post('/v1/jobs/bulk', { jobs: [later('x'), later('y')] });
      expect(answer.status).toBe(503);
      expect(await answer.json()).toMatchObject({ code: 'store_unavailable' });
    } finally {
      await server.thaw();
    }
  });
});
