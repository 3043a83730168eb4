import { JobView } from '@longhaul/contract';
import { Records } from '@longhaul/records';
import { ROUTE_SCOPES } from '../../apps/api/src/http/callers/scopes';
import { allSettled, InProcess, openApi, openWorker } from '../support/gateway';
import { query } from '../support/longhaul';
import { freshDatabase } from '../support/stores';
import { startUpstream, Upstream } from '../support/upstream';

// Real stores and processes, on machines of any speed.
jest.setTimeout(60_000);

const CHAT = {
  type: 'chat',
  model: 'sandbox/echo',
  input: { messages: [{ role: 'user', content: 'Hello' }] },
};
const LATER = { ...CHAT, run_at: Math.floor(Date.now() / 1000) + 3600 };

let upstream: Upstream;
let api: InProcess;
let url: string;

const ask = (method: string, path: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${api.url}${path}`, { method, headers });
const codeOf = async (answer: Response): Promise<string> => ((await answer.json()) as { code: string }).code;

async function submit(body: object, headers: Record<string, string> = {}): Promise<JobView> {
  const answer = await fetch(`${api.url}/v1/jobs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return (await answer.json()) as JobView;
}

beforeAll(async () => {
  upstream = await startUpstream();
  ({ url } = await freshDatabase());
  const env = { DATABASE_URL: url, SANDBOX_BASE_URL: upstream.url('sandbox') };
  api = await openApi(env);
  await openWorker(env);
});
afterEach(async () => {
  upstream.reset();
  await allSettled(api.url);
});
afterAll(() => upstream.close());

describe('the log of a job', () => {
  it('tells a retry from its acceptance to its end, and goes on after any event', async () => {
    upstream.script({ replies: [{ status: 500 }, { text: 'At last.' }] });
    const job = await submit(CHAT, { prefer: 'wait=30' });
    expect(job.status).toBe('completed');
    const answer = await ask('GET', job.urls.events);
    expect(answer.headers.get('cache-control')).toBe('private, no-cache');
    const log = (await answer.json()) as { data: { type: string; seq: number }[] };
    expect(log).toMatchObject({ object: 'list', has_more: false });
    expect(log.data.map(({ type }) => type)).toEqual([
      ...['job.queued', 'job.attempt.started', 'job.retry_wait', 'job.attempt.started', 'job.completed'],
    ]);
    expect(log.data[2]).toEqual({
      ...{ object: 'job.event', seq: 2, type: 'job.retry_wait', job_id: job.id },
      ...{ created_at: expect.any(Number), status: 'in_progress', phase: 'retry_wait', attempt: 1 },
      ...{ provider: 'sandbox', model: 'echo', code: 'upstream_error' },
    });
    const rest = (await (await ask('GET', `${job.urls.events}?after=2&limit=1`)).json()) as typeof log;
    expect(rest).toMatchObject({ data: [{ seq: 3 }], has_more: true });
  });
});

describe('the output of a job', () => {
  it('is what the model said, as it stands', async () => {
    const job = await submit(CHAT, { prefer: 'wait=30' });
    const answer = await ask('GET', job.urls.output);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ message: { role: 'assistant' }, finish_reason: 'stop' });
  });

  it('comes with the end, and is not there for a job that ended without', async () => {
    const job = await submit(LATER);
    const early = await ask('GET', job.urls.output);
    expect([early.status, await codeOf(early)]).toEqual([409, 'job_not_ended']);
    expect(early.headers.get('retry-after')).toBe('1');
    await query(url, `UPDATE jobs SET created_at = now() - interval '2 minutes' WHERE id = '${job.id}'`);
    expect((await ask('GET', job.urls.output)).headers.get('retry-after')).toBe('5');
    await ask('POST', job.urls.cancel);
    const none = await ask('GET', job.urls.output);
    expect([none.status, await codeOf(none)]).toEqual([404, 'not_found']);
    expect(none.headers.get('x-should-retry')).toBe('false');
  });
});

describe('the tag of a job', () => {
  it('answers 304 for what the caller has, with and without more included, and never for less', async () => {
    const job = await submit(CHAT, { prefer: 'wait=30' });
    const queries = ['', '?include=output', '?include=output,attempts,decision'];
    const tags = await Promise.all(
      queries.map(async (query) => (await ask('GET', job.urls.self + query)).headers.get('etag') ?? ''),
    );
    expect(new Set(tags).size).toBe(queries.length);
    for (const [index, query] of queries.entries()) {
      const same = await ask('GET', job.urls.self + query, { 'if-none-match': tags[index] ?? '' });
      expect([same.status, await same.text(), same.headers.get('etag')]).toEqual([304, '', tags[index]]);
      const other = await ask('GET', job.urls.self + query, { 'if-none-match': tags[(index + 1) % 3] ?? '' });
      expect(other.status).toBe(200);
    }
  });

  it('costs one lean read when the caller has the job, whatever it includes, and no second one for nothing', async () => {
    const { self } = await submit(CHAT, { prefer: 'wait=30' }).then(({ urls }) => urls);
    const run = jest.spyOn(api.app.get(Records).database, 'run');
    /** The reads of jobs that a request makes; the healers of the process ask for other things meanwhile. */
    const readsOf = async (path: string, tag: string): Promise<[number, string[]]> => {
      run.mockClear();
      const { status } = await ask('GET', path, { 'if-none-match': tag });
      const reads = run.mock.calls.map(([statement]) => statement).filter(({ name }) => /^find/.test(name));
      for (const { name, text } of reads.filter(({ name }) => name === 'find')) {
        expect([name, /jobs\.(input|output|chain|decision)\b/.exec(text)]).toEqual([name, null]);
      }
      return [status, reads.map(({ name }) => name)];
    };
    const whole = `${self}?include=output,decision`;
    const tag = (await ask('GET', whole)).headers.get('etag') ?? '';
    expect(await readsOf(whole, tag)).toEqual([304, ['find']]);
    expect(await readsOf(self, '*')).toEqual([304, ['find']]);
    expect(await readsOf(self, '"other"')).toEqual([200, ['find']]);
    expect(await readsOf(whole, '"other"')).toEqual([200, ['find', 'find_output_decision']]);
    run.mockRestore();
  });

  it('is looked at after a wait too, and never tells of a job that is not there', async () => {
    const job = await submit(CHAT, { prefer: 'wait=30' });
    const tag = (await ask('GET', job.urls.self)).headers.get('etag') ?? '';
    const same = await ask('GET', `${job.urls.self}?wait=5`, { 'if-none-match': tag });
    expect([same.status, await same.text(), same.headers.get('etag')]).toEqual([304, '', tag]);
    expect((await ask('GET', '/v1/jobs/job_unknown', { 'if-none-match': '*' })).status).toBe(404);
  });

  it('changes when the job does', async () => {
    const job = await submit(LATER);
    const tag = (await ask('GET', job.urls.self)).headers.get('etag') ?? '';
    expect((await ask('GET', job.urls.self, { 'if-none-match': tag })).status).toBe(304);
    await ask('POST', job.urls.cancel);
    expect((await ask('GET', job.urls.self, { 'if-none-match': tag })).status).toBe(200);
  });

  it('of a HEAD is that of the GET, and a HEAD waits for nothing', async () => {
    const job = await submit(LATER);
    const askedAtMs = performance.now();
    const head = await ask('HEAD', `${job.urls.self}?wait=55`);
    expect([head.status, performance.now() - askedAtMs < 20_000]).toEqual([200, true]);
    expect(head.headers.get('etag')).toBe((await ask('GET', job.urls.self)).headers.get('etag'));
  });
});

describe('a wait asked for by Prefer', () => {
  it('is granted in the answer, but not to a HEAD', async () => {
    const job = await submit(LATER);
    const waited = await ask('GET', job.urls.self, { prefer: 'wait=0.1' });
    expect([waited.status, waited.headers.get('preference-applied')]).toEqual([200, 'wait=0.1']);
    const head = await ask('HEAD', job.urls.self, { prefer: 'wait=55' });
    expect([head.status, head.headers.get('preference-applied')]).toEqual([200, null]);
  });
});

describe('an id that no job can have', () => {
  const routes = Object.keys(ROUTE_SCOPES).filter((route) => route.includes('/v1/jobs/:id'));
  const ids = [
    '%00',
    '%0d%0aset-cookie:%20a=b',
    '..%2f..%2fetc',
    '%E0%A4%A',
    "'%20OR%201=1--",
    '%F0%9F%92%A9',
  ];
  const more = ['job_*', '__proto__', 'constructor', '%20', 'x'.repeat(64), 'x'.repeat(5000), '%ff'];

  it.each(routes)('%s answers 404, or 400 for what is no path', async (route) => {
    const [method = '', path = ''] = route.split(' ');
    for (const id of [...ids, ...more]) {
      const answer = await ask(method, path.replace(':id', id));
      expect([id, [400, 404].includes(answer.status)]).toEqual([id, true]);
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
      expect(answer.headers.get('set-cookie')).toBeNull();
    }
  });
});

describe('a deleted job', () => {
  it('is 410 on every call but another deletion', async () => {
    const job = await submit(CHAT, { prefer: 'wait=30' });
    const deleted = { id: job.id, object: 'job.deleted', deleted: true };
    for (const time of ['first', 'second']) {
      const answer = await ask('DELETE', job.urls.self);
      expect([time, answer.status, await answer.json()]).toEqual([time, 200, deleted]);
    }
    const { self, attempts, events, output, cancel, retry } = job.urls;
    for (const path of [self, `${self}?wait=5`, attempts, events, output, `${self}/report`]) {
      const answer = await ask('GET', path);
      expect([path, answer.status, await codeOf(answer)]).toEqual([path, 410, 'gone']);
      expect(answer.headers.get('x-should-retry')).toBe('false');
    }
    for (const path of [cancel, retry]) expect((await ask('POST', path)).status).toBe(410);
  });

  it('had to end first', async () => {
    const job = await submit(LATER);
    const early = await ask('DELETE', job.urls.self);
    expect([early.status, await codeOf(early)]).toEqual([409, 'job_not_ended']);
    // The same request is right once the job has ended.
    expect([early.headers.get('x-should-retry'), early.headers.get('retry-after')]).toEqual([null, '1']);
    await query(url, `UPDATE jobs SET created_at = now() - interval '2 minutes' WHERE id = '${job.id}'`);
    expect((await ask('DELETE', job.urls.self)).headers.get('retry-after')).toBe('5');
    await ask('POST', job.urls.cancel);
    expect((await ask('DELETE', job.urls.self)).status).toBe(200);
    expect((await ask('DELETE', '/v1/jobs/job_unknown')).status).toBe(404);
  });
});
