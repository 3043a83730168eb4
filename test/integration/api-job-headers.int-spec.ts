import { JobView } from '@longhaul/contract';
import { allSettled, InProcess, openApi, openWorker } from '../support/gateway';
import { freshDatabase } from '../support/stores';
import { startUpstream, Upstream } from '../support/upstream';

// Real stores and processes, on machines of any speed.
jest.setTimeout(60_000);

const MESSAGES = { messages: [{ role: 'user', content: 'Hello' }] };
const CHAT = { type: 'chat', model: 'sandbox/echo', input: MESSAGES };
const FILES = [{ path: 'a.js', content: 'try { f() } catch {}\n' }];
const AUDIT = {
  type: 'audit',
  model: 'sandbox/reviewer',
  input: { instruction: 'Find faults.', files: FILES },
};
const LATER = { run_at: Math.floor(Date.now() / 1000) + 3600 };

let upstream: Upstream;
let api: InProcess;

const ask = (method: string, path: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${api.url}${path}`, { method, headers });

const post = (path: string, body: object, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${api.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

async function submit(body: object, headers: Record<string, string> = {}): Promise<JobView> {
  return (await (await post('/v1/jobs', body, headers)).json()) as JobView;
}

beforeAll(async () => {
  upstream = await startUpstream();
  const { url } = await freshDatabase();
  const env = { DATABASE_URL: url, SANDBOX_BASE_URL: upstream.url('sandbox') };
  api = await openApi(env);
  await openWorker(env);
});
beforeEach(() => {
  const text = JSON.stringify({ summary: 'None.', findings: [] });
  upstream.script({ match: { model: 'reviewer' }, replies: [{ text }] });
});
afterEach(async () => {
  upstream.reset();
  await allSettled(api.url);
});
afterAll(() => upstream.close());

const toldBy = ({ headers }: Response): (string | null)[] =>
  ['job-id', 'provider', 'model', 'attempts'].map((name) => headers.get(`x-gateway-${name}`));

describe('the headers of a job', () => {
  it('name it, and once it has ended what answered', async () => {
    const waiting = await submit({ ...CHAT, ...LATER });
    expect(toldBy(await ask('GET', waiting.urls.self))).toEqual([waiting.id, null, null, null]);
    const job = await submit(CHAT, { prefer: 'wait=30' });
    expect(toldBy(await ask('GET', job.urls.self))).toEqual([job.id, 'sandbox', 'echo', '1']);
  });

  it('are on its parts too: its id on all of them, and what answered on its results', async () => {
    const { id, urls } = await submit(AUDIT, { prefer: 'wait=30' });
    const nobody = [id, null, null, null];
    const reviewer = [id, 'sandbox', 'reviewer', '1'];
    for (const [method, path, told] of [
      ['GET', urls.attempts, nobody],
      ['GET', urls.events, nobody],
      ['GET', urls.output, reviewer],
      ['GET', urls.report ?? '', reviewer],
      ['DELETE', urls.self, nobody],
      ['DELETE', urls.self, nobody],
    ] as const) {
      const answer = await ask(method, path);
      expect([method, path, answer.status, toldBy(answer)]).toEqual([method, path, 200, told]);
    }
  });
});

describe('what a cache may do', () => {
  it('is to ask again before it repeats what is a caller’s own, and nothing with what is told once', async () => {
    const { id, urls } = await submit(AUDIT, { prefer: 'wait=30' });
    const chat = { model: CHAT.model, ...MESSAGES };
    const early = await submit({ ...CHAT, ...LATER });
    const answers: readonly (readonly [string, Promise<Response>, string])[] = [
      ['a job', ask('GET', urls.self), 'private, no-cache'],
      ['the list', ask('GET', '/v1/jobs'), 'private, no-cache'],
      ['attempts', ask('GET', urls.attempts), 'private, no-cache'],
      ['events', ask('GET', urls.events), 'private, no-cache'],
      ['an output', ask('GET', urls.output), 'private, no-cache'],
      ['a report', ask('GET', urls.report ?? ''), 'private, no-cache'],
      ['a completion', post('/v1/chat', chat), 'private, no-cache'],
      ['a job that is accepted', post('/v1/jobs', { ...CHAT, ...LATER }), 'private, no-cache'],
      ['a cancel', ask('POST', early.urls.cancel), 'private, no-cache'],
      ['models', ask('GET', '/v1/models'), 'private, no-cache'],
      ['the documents', ask('GET', '/docs'), 'no-cache'],
      ['the description', ask('GET', '/openapi.json'), 'no-cache'],
      ['the errors', ask('GET', '/docs/errors'), 'no-cache'],
      ['an error', ask('GET', '/v1/jobs/job_nobody_has'), 'no-store'],
      ['an explanation', post('/v1/routes/explain', CHAT), 'no-store'],
      ['providers', ask('GET', '/v1/providers'), 'no-store'],
      ['a provider', ask('GET', '/v1/providers/sandbox'), 'no-store'],
      ['the whole', ask('GET', '/v1/status'), 'no-store'],
      ['health', ask('GET', '/healthz'), 'no-store'],
      ['readiness', ask('GET', '/readyz'), 'no-store'],
      ['metrics', ask('GET', '/metrics'), 'no-store'],
    ];
    const heard = answers.map(async ([what, answer]) => [what, (await answer).headers.get('cache-control')]);
    expect(await Promise.all(heard)).toEqual(answers.map(([what, , words]) => [what, words]));
    expect((await ask('DELETE', `/v1/jobs/${id}`)).headers.get('cache-control')).toBe('no-store');
  });
});
