import { JobView } from '@longhaul/contract';
import { EventList } from '@longhaul/jobs';
import { Database, Records } from '@longhaul/records';
import { allSettled, InProcess, openApi, openWorker } from '../support/gateway';
import { query } from '../support/longhaul';
import { claimed } from '../support/records';
import { freshDatabase } from '../support/stores';
import { startUpstream, Upstream } from '../support/upstream';

// Real stores and a real road, on machines of any speed.
jest.setTimeout(90_000);

const CHAT = {
  type: 'chat',
  model: 'sandbox/echo',
  fallbacks: ['sandbox/reviewer'],
  input: { messages: [{ role: 'user', content: 'Hello' }] },
};
const HELD = { holdBefore: 'first_token', text: 'late', repeat: 'forever' } as const;

let upstream: Upstream;

beforeAll(async () => {
  upstream = await startUpstream();
});
afterEach(() => upstream.reset());
afterAll(() => upstream.close());

const envOf = (url: string, more: Record<string, string> = {}) => ({
  DATABASE_URL: url,
  SANDBOX_BASE_URL: upstream.url('sandbox'),
  RETRY_BACKOFF_SECS: '0.05',
  ...more,
});

async function submit(api: InProcess, change: object = {}): Promise<JobView> {
  const answer = await fetch(`${api.url}/v1/jobs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...CHAT, ...change }),
  });
  expect(answer.status).toBe(202);
  return (await answer.json()) as JobView;
}

/** Waits for the end, then reads the whole log as `type`, the model where it matters, and the code. */
async function logOf(api: InProcess, job: JobView): Promise<string[]> {
  const ended = (await (await fetch(`${api.url}${job.urls.self}?wait=50`)).json()) as JobView;
  expect(ended.completed_at).not.toBeNull();
  const list = (await (await fetch(`${api.url}${job.urls.events}`)).json()) as EventList;
  expect(list.data.map(({ seq }) => seq)).toEqual(list.data.map((_, index) => index));
  const times = list.data.map((event) => event.created_at);
  expect([...times].sort((left, right) => left - right)).toEqual(times);
  return list.data.map(({ type, model, code }) => [type, model, code].filter(Boolean).join(' '));
}

describe('the log of a job that went the whole road', () => {
  let url: string;
  let api: InProcess;

  beforeAll(async () => {
    ({ url } = await freshDatabase());
    api = await openApi(envOf(url));
    await openWorker(envOf(url));
  });
  // A target that cools from the test before would be passed over.
  beforeEach(async () => {
    await allSettled(api.url);
    await query(url, 'DELETE FROM cooldowns');
  });

  it('has its answer', async () => {
    expect(await logOf(api, await submit(api))).toEqual([
      ...['job.queued echo', 'job.attempt.started echo', 'job.completed echo'],
    ]);
  });

  it('has a retry and a hand-over, each with the code of the call that failed', async () => {
    upstream.script({ match: { model: 'echo' }, replies: [{ status: 500, repeat: 'forever' }] });
    expect(await logOf(api, await submit(api))).toEqual([
      'job.queued echo',
      'job.attempt.started echo',
      'job.retry_wait echo upstream_error',
      'job.attempt.started echo',
      'job.fallback reviewer upstream_error',
      'job.attempt.started reviewer',
      'job.completed reviewer',
    ]);
  });

  it('has the end of a chain that failed', async () => {
    upstream.script({ replies: [{ status: 401, repeat: 'forever' }] });
    expect(await logOf(api, await submit(api, { fallbacks: [] }))).toEqual([
      ...['job.queued echo', 'job.attempt.started echo', 'job.failed echo auth_failed'],
    ]);
  });

  it('has an answer that was cut short by its budget', async () => {
    upstream.script({ replies: [{ text: 'and so on', finishReason: 'length' }] });
    expect(await logOf(api, await submit(api))).toEqual([
      ...['job.queued echo', 'job.attempt.started echo', 'job.incomplete echo'],
    ]);
  });

  it('has a cancel of a call that ran', async () => {
    upstream.script({ replies: [HELD] });
    const job = await submit(api);
    await upstream.waitForHeld(1);
    await fetch(`${api.url}${job.urls.cancel}`, { method: 'POST' });
    expect(await logOf(api, job)).toEqual([
      ...[
        'job.queued echo',
        'job.attempt.started echo',
        'job.cancelling echo',
        'job.cancelled echo cancelled',
      ],
    ]);
  });

  it('has a cancel before its time had come', async () => {
    const job = await submit(api, { run_at: 4_000_000_000 });
    await fetch(`${api.url}${job.urls.cancel}`, { method: 'POST' });
    expect(await logOf(api, job)).toEqual(['job.scheduled echo', 'job.cancelled echo cancelled']);
  });

  it('has a deadline that passed under a call', async () => {
    upstream.script({ replies: [HELD] });
    expect(await logOf(api, await submit(api, { deadline_s: 1 }))).toEqual([
      ...['job.queued echo', 'job.attempt.started echo', 'job.failed echo deadline_exceeded'],
    ]);
  });

  it('has the move away from a target that cools, without a call', async () => {
    await query(
      url,
      `INSERT INTO cooldowns (scope, until, code) VALUES ('target:sandbox/echo', now() + interval '1 hour', 'timeout')`,
    );
    expect(await logOf(api, await submit(api))).toEqual([
      'job.queued echo',
      'job.fallback reviewer',
      'job.attempt.started reviewer',
      'job.completed reviewer',
    ]);
    expect(upstream.calls({ model: 'echo' })).toHaveLength(0);
  });

  it('has the time that came', async () => {
    const job = await submit(api, { run_at: Math.ceil(Date.now() / 1000) + 1 });
    expect(await logOf(api, job)).toEqual([
      ...['job.scheduled echo', 'job.waiting echo', 'job.attempt.started echo', 'job.completed echo'],
    ]);
  });
});

describe('the log of a job whose worker died', () => {
  it('has the loss once, by whoever found it first, and the attempt after it', async () => {
    const { url } = await freshDatabase();
    const env = envOf(url, { LEASE_SECS: '3', RECONCILE_SECS: '0.2' });
    const api = await openApi(env);
    const job = await submit(api);
    const records = new Records(new Database({ url, poolSize: 1, callMs: 10_000 }));
    const ring = (await records.jobs.read(job.id))?.ring ?? 0;
    await claimed(records, job.id, { ring, leaseMs: 1, worker: 'dead' });
    await records.close();
    await openWorker(env);
    const log = await logOf(api, job);
    const [queued, first, ...rest] = log;
    expect([queued, first]).toEqual(['job.queued echo', 'job.attempt.started echo']);
    expect([
      ['job.retry_wait echo worker_lost', 'job.attempt.started echo', 'job.completed echo'],
      ['job.attempt.started echo worker_lost', 'job.completed echo'],
    ]).toContainEqual(rest);
  });
});
