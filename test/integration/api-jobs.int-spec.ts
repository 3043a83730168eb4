import { JobView } from '@longhaul/contract';
import { allSettled, InProcess, openApi, openWorker } from '../support/gateway';
import { FreshDatabase, freshDatabase } from '../support/stores';
import { startUpstream, Upstream } from '../support/upstream';

// Real stores and processes, on machines of any speed.
jest.setTimeout(60_000);

const CHAT = {
  type: 'chat',
  model: 'sandbox/echo',
  input: { messages: [{ role: 'user', content: 'Hello' }] },
};
const AUDIT = {
  type: 'audit',
  model: 'sandbox/reviewer',
  input: { instruction: 'Find faults.', files: [{ path: 'a.js', content: 'try { f() } catch {}\n' }] },
};
const LATER = { ...CHAT, run_at: Math.floor(Date.now() / 1000) + 3600 };

let upstream: Upstream;
let database: FreshDatabase;
let api: InProcess;

const post = (path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${api.url}${path}`, {
    method: 'POST',
    headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${api.url}${path}`, { headers });
const jobOf = async (answer: Response): Promise<JobView> => (await answer.json()) as JobView;
const codeOf = async (answer: Response): Promise<string> => ((await answer.json()) as { code: string }).code;
const submit = async (body: unknown): Promise<JobView> => jobOf(await post('/v1/jobs', body));
const ended = async (body: unknown): Promise<JobView> =>
  jobOf(await post('/v1/jobs', body, { prefer: 'wait=30' }));

beforeAll(async () => {
  upstream = await startUpstream();
  database = await freshDatabase();
  const env = { DATABASE_URL: database.url, SANDBOX_BASE_URL: upstream.url('sandbox') };
  api = await openApi(env);
  await openWorker(env);
});
afterEach(async () => {
  upstream.reset();
  await allSettled(api.url);
});
afterAll(() => upstream.close());

describe('submitting a job', () => {
  it('answers 202 with the place, the tag and a pause, and the place gives the same answer', async () => {
    const answer = await post('/v1/jobs', LATER);
    expect(answer.status).toBe(202);
    const job = await jobOf(answer);
    expect(job).toMatchObject({ object: 'job', type: 'chat', status: 'queued', phase: 'scheduled' });
    expect(answer.headers.get('location')).toBe(`/v1/jobs/${job.id}`);
    expect(answer.headers.get('retry-after')).toBe('300');
    expect(answer.headers.get('cache-control')).toBe('private, no-cache');

    const again = await get(`/v1/jobs/${job.id}`);
    expect(again.status).toBe(200);
    expect(await again.json()).toEqual(job);
    expect(again.headers.get('etag')).toBe(answer.headers.get('etag'));
  });

  it('answers 200 with the ended job when it ends within the wait, and says that it waited', async () => {
    const answer = await post('/v1/jobs?include=output,attempts,decision', CHAT, { prefer: 'wait=30' });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('preference-applied')).toBe('wait=30');
    expect(answer.headers.get('retry-after')).toBeNull();
    const job: unknown = await answer.json();
    expect(job).toMatchObject({
      status: 'completed',
      output: { text: expect.stringContaining('Hello'), message: { role: 'assistant' } },
      attempts_list: [{ provider: 'sandbox' }],
      decision: { chain: [{ provider: 'sandbox', model: 'echo' }] },
    });
  });

  it('answers 202 when the wait is over before the job', async () => {
    upstream.script({ replies: [{ text: 'late', holdBefore: 'headers' }] });
    const answer = await post('/v1/jobs', CHAT, { prefer: 'wait=0.2' });
    expect(answer.status).toBe(202);
    await post((await jobOf(answer)).urls.cancel);
  });

  it('waits no longer than 55 s, whatever is asked', async () => {
    const answer = await post('/v1/jobs', CHAT, { prefer: 'wait=3600' });
    expect(answer.headers.get('preference-applied')).toBe('wait=55');
  });
});

describe('an Idempotency-Key', () => {
  const withKey = (key: string, body: unknown): Promise<Response> =>
    post('/v1/jobs', body, { 'idempotency-key': key });

  it('with the same body, in any order of its names, is the same job', async () => {
    const first = await withKey('key-1', LATER);
    expect(first.headers.get('idempotent-replayed')).toBeNull();
    const { type, ...rest } = LATER;
    const second = await withKey('"key-1"', { ...rest, type });
    expect(second.status).toBe(202);
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    expect((await jobOf(second)).id).toBe((await jobOf(first)).id);
  });

  it('sent by many at once makes one job', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => withKey('key-many', LATER)));
    const accepted = answers.filter(({ status }) => status === 202);
    // A twin that comes while the first is being written may be told to come back.
    expect(answers.every(({ status }) => status === 202 || status === 409)).toBe(true);
    const ids = await Promise.all(accepted.map(async (answer) => (await jobOf(answer)).id));
    expect(new Set(ids).size).toBe(1);
  });

  it('with another body is 422, and names the job that has it', async () => {
    const { id } = await jobOf(await withKey('key-2', LATER));
    const other = await withKey('key-2', { ...LATER, priority: 9 });
    expect(other.status).toBe(422);
    expect(await other.json()).toMatchObject({
      code: 'idempotency_conflict',
      detail: expect.stringContaining(id),
    });
  });

  it('that is no key is 400', async () => {
    expect((await withKey('k'.repeat(256), LATER)).status).toBe(400);
    expect((await withKey('two words', LATER)).status).toBe(400);
  });
});

describe('asking for a job', () => {
  it('answers 304 to whoever has it already, until it changes', async () => {
    const { id } = await submit(LATER);
    const etag = (await get(`/v1/jobs/${id}`)).headers.get('etag') ?? '';
    const same = await get(`/v1/jobs/${id}`, { 'if-none-match': etag });
    expect([same.status, await same.text(), same.headers.get('etag')]).toEqual([304, '', etag]);
    await post(`/v1/jobs/${id}/cancel`);
    expect((await get(`/v1/jobs/${id}`, { 'if-none-match': etag })).status).toBe(200);
  });

  it('waits until the job ends, and no longer', async () => {
    upstream.script({ replies: [{ text: 'done', holdBefore: 'end' }] });
    const { id } = await submit(CHAT);
    await upstream.waitForHeld(1);
    const answer = get(`/v1/jobs/${id}?wait=50&include[]=output`);
    upstream.release();
    const startedAt = performance.now();
    expect(await (await answer).json()).toMatchObject({ status: 'completed', output: { text: 'done' } });
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });

  it('shows output, attempts and decision only when asked', async () => {
    const { id } = await ended(CHAT);
    const bare: unknown = await (await get(`/v1/jobs/${id}`)).json();
    for (const name of ['output', 'attempts_list', 'decision']) expect(bare).not.toHaveProperty(name);
    expect(await (await get(`/v1/jobs/${id}?include=output`)).json()).toHaveProperty('output.text');
  });

  it.each(['?include=prompt', '?include[]=output&include[]=x', '?wait=soon', '?wiat=5'])(
    'answers 400 to %s',
    async (query) => {
      const answer = await get(`/v1/jobs/job_none${query}`);
      expect([answer.status, await codeOf(answer)]).toEqual([400, 'malformed_request']);
    },
  );

  it.each(['job_00000000000000000000000000', 'nothing', '%00', '..%2f..%2fetc', "'%20OR%201=1"])(
    'answers 404 to the id %s, under each of its paths',
    async (id) => {
      const answers = await Promise.all([
        get(`/v1/jobs/${id}`),
        get(`/v1/jobs/${id}?wait=20`),
        get(`/v1/jobs/${id}/attempts`),
        get(`/v1/jobs/${id}/report`),
        post(`/v1/jobs/${id}/cancel`),
      ]);
      for (const answer of answers) {
        expect([answer.status, await codeOf(answer)]).toEqual([404, 'not_found']);
      }
    },
  );
});

describe('cancelling a job', () => {
  it('answers 200 with the cancelled job, as often as it is asked', async () => {
    const { id } = await submit(LATER);
    for (const path of [`/v1/jobs/${id}/cancel`, `/v1/jobs/${id}/cancel`]) {
      const answer = await post(path);
      expect(answer.status).toBe(200);
      expect(await answer.json()).toMatchObject({ id, status: 'cancelled' });
    }
    expect(upstream.calls()).toHaveLength(0);
  });

  it('leaves an ended job as it is', async () => {
    const { id } = await ended(CHAT);
    expect(await (await post(`/v1/jobs/${id}/cancel`)).json()).toMatchObject({ status: 'completed' });
  });
});

describe('what a job leaves behind', () => {
  it('is a list of attempts', async () => {
    const { id } = await ended(CHAT);
    const answer = await get(`/v1/jobs/${id}/attempts`);
    expect(await answer.json()).toMatchObject({
      object: 'list',
      data: [{ provider: 'sandbox', model: 'echo', status: 'succeeded' }],
    });
  });

  it('is a report in Markdown for an audit', async () => {
    const { id } = await ended(AUDIT);
    const answer = await get(`/v1/jobs/${id}/report?format=md`);
    expect(answer.headers.get('content-type')).toBe('text/markdown; charset=utf-8');
    expect(await answer.text()).toContain('a.js');
    expect((await get(`/v1/jobs/${id}/report?format=html`)).status).toBe(400);
  });

  it('is no report while the audit runs (409), and none for a chat (404)', async () => {
    const audit = await submit({ ...AUDIT, run_at: LATER.run_at });
    const early = await get(`/v1/jobs/${audit.id}/report`);
    expect([early.status, await codeOf(early)]).toEqual([409, 'job_not_ended']);
    expect(early.headers.get('retry-after')).toBe('1');
    const chat = await ended(CHAT);
    expect((await get(`/v1/jobs/${chat.id}/report`)).status).toBe(404);
  });
});

describe('health', () => {
  it('is a living process and stores that answer', async () => {
    expect((await get('/healthz')).status).toBe(200);
    const ready = await get('/readyz');
    expect(ready.status).toBe(200);
    expect(await ready.json()).toMatchObject({ status: 'ready', checks: { database: 'ok' } });
  });
});
