import { JobView } from '@longhaul/contract';
import { ROUTES } from '../../apps/api/src/docs/routes';
import { RouteDoc } from '../../apps/api/src/docs/route-doc';
import { errorsByStatus, scopeOf } from '../../apps/api/src/docs/route-errors';
import { Answer, DocumentedApi, openDocumentedApi } from '../support/documented-api';
import { AUDIT, CHAT, LATER, NO_JOB } from '../support/documented-jobs';

// Real stores, and a worker that runs real jobs.
jest.setTimeout(60_000);

let api: DocumentedApi;
let deleted: string;

const ask: DocumentedApi['ask'] = (...asked) => api.ask(...asked);
const statusOf = async (...asked: Parameters<typeof ask>): Promise<number> => (await ask(...asked)).status;
const jobOf = ({ text }: Answer): JobView => JSON.parse(text) as JobView;
const submit = async (body: object, headers: Record<string, string> = {}): Promise<JobView> =>
  jobOf(await ask('POST', '/v1/jobs', { body, headers }));
const ended = (body: object): Promise<JobView> => submit(body, { prefer: 'wait=30' });

beforeAll(async () => {
  api = await openDocumentedApi();
  deleted = (await ended(CHAT)).id;
  await ask('DELETE', `/v1/jobs/${deleted}`);
});
afterEach(() => api.upstream.reset());
afterAll(() => api.close());

describe('the answers of a job’s life are documented', () => {
  it('submitting, with and without a wait', async () => {
    expect(await statusOf('POST', '/v1/jobs', { body: { ...CHAT, ...LATER } })).toBe(202);
    const all = {
      body: { ...CHAT, metadata: { a: 'b' } },
      headers: { prefer: 'wait=30', 'idempotency-key': 'k' },
    };
    expect(await statusOf('POST', '/v1/jobs?include=output,attempts,decision', all)).toBe(200);
    expect((await ask('POST', '/v1/jobs', all)).headers.get('idempotent-replayed')).toBe('true');
    expect(await statusOf('POST', '/v1/jobs', { ...all, body: AUDIT })).toBe(422);
    for (const model of ['sandbox/nothing', 'glm/glm-4.7'])
      expect(await statusOf('POST', '/v1/jobs', { body: { ...CHAT, model } })).toBeGreaterThanOrEqual(422);
    const jobs = [{ ...CHAT, ...LATER, idempotency_key: 'b' }, 7];
    expect(await statusOf('POST', '/v1/jobs/bulk', { body: { jobs } })).toBe(200);
  });

  it.each([
    ['a chat', CHAT],
    ['an audit', AUDIT],
  ])('looking at %s in every way', async (_, body) => {
    const { id } = await ended(body);
    const whole = `/v1/jobs/${id}?include=output,attempts,decision`;
    const first = await ask('GET', whole);
    expect(first.status).toBe(200);
    const known = { 'if-none-match': first.headers.get('etag') ?? '' };
    expect(await statusOf('GET', whole, { headers: known })).toBe(304);
    for (const part of ['attempts', 'events', 'output'])
      expect(await statusOf('GET', `/v1/jobs/${id}/${part}`)).toBe(200);
    expect(await statusOf('GET', `/v1/jobs/${id}/report`)).toBe(body === AUDIT ? 200 : 404);
    expect(await statusOf('GET', '/v1/jobs?limit=5&order=asc')).toBe(200);
  });

  it('a job that runs, and what has to wait for its end', async () => {
    api.upstream.script({ replies: [{ text: 'late', holdBefore: 'end' }] });
    const { id } = await submit(CHAT);
    await api.upstream.waitForHeld(1);
    expect(await statusOf('GET', `/v1/jobs/${id}?include=output,attempts`)).toBe(200);
    for (const [method, path] of [
      ['GET', 'output'],
      ['POST', 'retry'],
    ] as const) {
      expect(await statusOf(method, `/v1/jobs/${id}/${path}`)).toBe(409);
    }
    expect(await statusOf('DELETE', `/v1/jobs/${id}`)).toBe(409);
    expect(await statusOf('POST', `/v1/jobs/${id}/cancel`)).toBe(200);
    const audit = await submit({ ...AUDIT, ...LATER });
    expect(await statusOf('GET', `/v1/jobs/${audit.id}/report`)).toBe(409);
  });

  it('a job that fails', async () => {
    api.upstream.script({
      replies: [{ status: 400, body: { error: { message: 'no', type: 'invalid_request_error' } } }],
    });
    const { id, status } = await ended(CHAT);
    expect(status).toBe('failed');
    expect(await statusOf('GET', `/v1/jobs/${id}?include=output,attempts,decision`)).toBe(200);
    expect(await statusOf('GET', `/v1/jobs/${id}/events`)).toBe(200);
    expect(await statusOf('GET', `/v1/jobs/${id}/output`)).toBe(404);
  });

  it('retrying, with and without a wait', async () => {
    const { id } = await ended(CHAT);
    expect(await statusOf('POST', `/v1/jobs/${id}/retry`, { body: LATER })).toBe(202);
    expect(await statusOf('POST', `/v1/jobs/${id}/retry?wait=30`)).toBe(200);
  });
});

describe('the answers of a chat are documented', () => {
  const { model, input } = CHAT;

  it('its answer, and a job when the wait ends first', async () => {
    expect(await statusOf('POST', '/v1/chat', { body: { model, ...input } })).toBe(200);
    api.upstream.script({ replies: [{ text: 'late', holdBefore: 'headers' }] });
    const slow = { body: { model, ...input }, headers: { prefer: 'wait=0.2' } };
    const job = jobOf(await ask('POST', '/v1/chat', slow));
    expect(await statusOf('POST', `/v1/jobs/${job.id}/cancel`)).toBe(200);
  });

  it.each([
    [400, { error: { message: 'no', type: 'invalid_request_error' } }, 422],
    [500, { error: { message: 'no' } }, 502],
  ])('its failure when the upstream says %s', async (status, body, answered) => {
    api.upstream.script({ replies: Array(4).fill({ status, body }) });
    expect(await statusOf('POST', '/v1/chat', { body: { model, ...input } })).toBe(answered);
  });
});

describe('the answers about models, providers and the whole are documented', () => {
  it('explaining a choice, and one that cannot be made', async () => {
    const paths = ['sandbox/echo', 'auto', 'glm/glm-4.7'];
    for (const model of paths)
      expect(await statusOf('POST', '/v1/routes/explain', { body: { ...CHAT, model } })).toBe(200);
    expect(await statusOf('POST', '/v1/routes/explain', { body: { ...CHAT, model: 'glm/x' } })).toBe(422);
  });

  it('models, all and one', async () => {
    for (const path of ['/v1/models', '/v1/models/sandbox/echo', '/v1/models/sandbox%2Fecho']) {
      const { status, headers } = await ask('GET', path);
      expect(status).toBe(200);
      const known = { 'if-none-match': headers.get('etag') ?? '' };
      expect(await statusOf('GET', path, { headers: known })).toBe(304);
    }
    expect(await statusOf('GET', '/v1/models?provider=nobody')).toBe(400);
  });

  it('everything about a provider, and what it says itself', async () => {
    expect(await statusOf('GET', '/v1/providers/sandbox/capabilities?live=true')).toBe(200);
    expect(await statusOf('POST', '/v1/providers/sandbox/ping')).toBe(200);
  });

  it.each(['load', 'unload'])('a model that is to %s, and one that is not there', async (verb) => {
    const replies = [{ body: { done: true } }, { status: 404, body: { error: 'model not found' } }];
    api.upstream.script({ match: { path: '/api/generate' }, replies });
    for (const status of [200, 502])
      expect(await statusOf('POST', `/v1/providers/ollama/${verb}`, { body: { model: 'm' } })).toBe(status);
  });

  // The last that runs a job: a refused key cools for an hour.
  it('providers, all and one, and the whole, with something in each', async () => {
    api.upstream.script({ replies: [{ status: 401, body: { error: { message: 'no' } } }] });
    await ended(CHAT);
    for (const path of ['/v1/providers', '/v1/providers/sandbox', '/v1/status'])
      expect(await statusOf('GET', path)).toBe(200);
  });
});

describe('the answers about the configuration are documented', () => {
  const reason = 'a test';

  it('a change with a setting and prices, a rehearsal, a refusal, the history, a rollback', async () => {
    const set = { TIER_FAST: ['sandbox/echo'], COST_AWARE: false, MAX_INFLIGHT_SANDBOX: 7 };
    const prices = { 'glm/glm-5': { input: 1, output: 2, source: 'a test' }, 'glm/glm-5.1': null };
    const body = { set, prices, reason };
    for (const dry_run of [true, false])
      expect(await statusOf('POST', '/v1/admin/config', { body: { ...body, dry_run } })).toBe(200);
    for (const wrong of [{ ...body, set: { COST_AWAR: true } }, { set }])
      expect(await statusOf('POST', '/v1/admin/config', { body: wrong })).toBe(422);
    for (const path of ['admin/config', 'admin/config/1', 'config/effective', 'registry/snapshot'])
      expect(await statusOf('GET', `/v1/${path}`)).toBe(200);
    const back = { version: 0, reason };
    expect(await statusOf('POST', '/v1/admin/config/rollback', { body: back })).toBe(200);
    expect(await statusOf('POST', '/v1/admin/registry/reload')).toBe(200);
  });
});

describe('what every route of a sort may answer is documented', () => {
  const path = (route: RouteDoc, id: string): string => route.path.replace(/\{\w+\}/, id);
  const scoped = ROUTES.filter((route) => scopeOf(route) !== 'public');
  const open = ROUTES.filter((route) => scopeOf(route) === 'public');
  const writing = ROUTES.filter(({ method }) => method !== 'GET');
  const named = (routes: readonly RouteDoc[]) => routes.map((route) => [route.id, route] as const);
  const errsWith = (status: number) => ROUTES.filter((route) => errorsByStatus(route).has(status));

  it.each(named(open))('%s without a key', async (_, route) => {
    const first = await ask(route.method, route.path, { key: null });
    expect(first.status).toBe(200);
    const etag = first.headers.get('etag');
    if (etag === null) return;
    expect(await statusOf(route.method, route.path, { key: null, headers: { 'if-none-match': etag } })).toBe(
      304,
    );
  });

  it.each(named(scoped))(
    '%s without a key (401), with one of another scope (403), with a strange query (400)',
    async (_, route) => {
      const place = path(route, NO_JOB);
      expect(await statusOf(route.method, place, { key: null })).toBe(401);
      expect(await statusOf(route.method, place, { key: scopeOf(route) === 'jobs' ? 'admin' : 'jobs' })).toBe(
        403,
      );
      expect(await statusOf(route.method, `${place}?nonsense=1`)).toBe(400);
    },
  );

  it.each(named(writing))(
    '%s with a body that is no JSON (415), too large (413) or too deep (422)',
    async (_, route) => {
      const place = path(route, NO_JOB);
      const text = { raw: 'hello', headers: { 'content-type': 'text/plain' } };
      expect(await statusOf(route.method, place, text)).toBe(415);
      expect(await statusOf(route.method, place, { raw: `"${'x'.repeat(2 ** 20)}"` })).toBe(413);
      expect(await statusOf(route.method, place, { raw: '['.repeat(70) + ']'.repeat(70) })).toBe(422);
      expect(await statusOf(route.method, place, { raw: '{' })).toBe(400);
    },
  );

  it.each(named(errsWith(404)))('%s of something that is not there (404)', async (_, route) => {
    expect(await statusOf(route.method, path(route, NO_JOB))).toBe(404);
  });

  it.each(named(errsWith(410)))('%s of a deleted job (410)', async (_, route) => {
    expect(await statusOf(route.method, path(route, deleted))).toBe(410);
  });
});

/** What no test can bring about at will, or other tests do with stores of their own. */
const UNDRIVEN = [
  // A store that is away (test/faults), a fault of our own.
  / 50[034]$/,
  // A twin of a request that is still being accepted.
  /^(?:submitJob|chat) 409$/,
];

it('every answer that is documented has been seen', () => {
  const met = new Set(api.answers.met());
  const unseen = api.answers
    .documented()
    .filter((name) => !met.has(name) && !UNDRIVEN.some((rule) => rule.test(name)));
  expect(unseen).toEqual([]);
});
