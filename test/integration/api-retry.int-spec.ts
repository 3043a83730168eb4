import { JobView } from '@longhaul/contract';
import { allSettled, InProcess, openApi, openWorker } from '../support/gateway';
import { query } from '../support/longhaul';
import { freshDatabase } from '../support/stores';
import { startUpstream, Upstream } from '../support/upstream';

// Real stores and processes, on machines of any speed.
jest.setTimeout(60_000);

const MESSAGES = [{ role: 'user', content: 'Hello' }];
const CHAT = { type: 'chat', model: 'sandbox/echo', fallbacks: [], input: { messages: MESSAGES } };
const NEXT_HOUR = Math.floor(Date.now() / 1000) + 3600;

type Seen = JobView & { readonly output: { readonly text: string } | null; readonly decision: unknown };

let upstream: Upstream;
let databaseUrl: string;
let api: InProcess;

const post = (path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${api.url}${path}`, {
    method: 'POST',
    headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
const read = async (answer: Response): Promise<Seen> => (await answer.json()) as Seen;
const codeOf = async (answer: Response): Promise<string> => ((await answer.json()) as { code: string }).code;
const ended = async (body: unknown): Promise<Seen> =>
  read(await post('/v1/jobs', body, { prefer: 'wait=50' }));
const submit = async (body: unknown): Promise<Seen> => read(await post('/v1/jobs', body));
const retry = (id: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  post(`/v1/jobs/${id}/retry`, body, headers);
/** A job that has ended without a call. */
const cancelled = async (body: object): Promise<Seen> => {
  const { id } = await submit({ ...body, run_at: NEXT_HOUR });
  return read(await post(`/v1/jobs/${id}/cancel`));
};
const show = async (id: string): Promise<Seen> =>
  read(await fetch(`${api.url}/v1/jobs/${id}?include=output,decision`));

beforeAll(async () => {
  upstream = await startUpstream();
  databaseUrl = (await freshDatabase()).url;
  const env = { DATABASE_URL: databaseUrl, SANDBOX_BASE_URL: upstream.url('sandbox') };
  api = await openApi(env);
  await openWorker(env);
});
afterEach(async () => {
  upstream.reset();
  await allSettled(api.url);
});
afterAll(() => upstream.close());

describe('retrying a job', () => {
  it('answers 202 with a new job that repeats the old one, which stays as it was', async () => {
    upstream.script({ replies: [{ status: 400 }, { text: 'better' }] });
    const old = await ended(CHAT);
    expect(old.status).toBe('failed');
    const answer = await retry(old.id);
    const job = await read(answer);
    expect(answer.status).toBe(202);
    expect(job).toMatchObject({ type: 'chat', status: 'queued', retry_of: old.id, model: 'sandbox/echo' });
    expect(job.id).not.toBe(old.id);
    expect(answer.headers.get('location')).toBe(`/v1/jobs/${job.id}`);
    expect(answer.headers.get('retry-after')).toBe('1');
    expect(answer.headers.get('etag')).toContain(job.id);
    await fetch(`${api.url}/v1/jobs/${job.id}?wait=50`);
    expect(await show(job.id)).toMatchObject({ status: 'completed', output: { text: 'better' } });
    expect(await show(old.id)).toMatchObject({ status: 'failed', error: old.error, retry_of: null });
  });

  it('sends the same prompt again, and waits and shows when it is asked to', async () => {
    const old = await ended({ ...CHAT, input: { messages: MESSAGES, system: 'Be [[terse]].' } });
    const answer = await post(`/v1/jobs/${old.id}/retry?include=output`, undefined, { prefer: 'wait=50' });
    expect([answer.status, answer.headers.get('preference-applied')]).toEqual([200, 'wait=50']);
    expect(await read(answer)).toMatchObject({ status: 'completed', output: (await show(old.id)).output });
  });

  it('keeps what was asked for: choice, order, clocks and metadata', async () => {
    const old = await cancelled({
      ...CHAT,
      model: 'echo',
      provider: 'sandbox',
      fallbacks: ['sandbox/reviewer'],
      routing: { fallback_on_refusal: true },
      priority: 8,
      deadline_s: 77,
      timeout_s: 1.5,
      metadata: { ticket: '17' },
    });
    const job = await show((await read(await retry(old.id, { run_at: NEXT_HOUR }))).id);
    expect(job).toMatchObject({
      priority: 8,
      metadata: { ticket: '17' },
      deadline_at: NEXT_HOUR + 77,
      decision: { requested: { model: 'echo', provider: 'sandbox', fallbacks: ['sandbox/reviewer'] } },
    });
    const [row] = await query<{ timeout_ms: number; fallback_on_refusal: boolean }>(
      databaseUrl,
      `SELECT timeout_ms, fallback_on_refusal FROM jobs WHERE id = '${job.id}'`,
    );
    expect(row).toEqual({ timeout_ms: 1500, fallback_on_refusal: true });
  });

  it('changes what the body names: a model lets go of the old provider, fallbacks stand for themselves', async () => {
    const old = await cancelled({ ...CHAT, model: 'echo', provider: 'sandbox' });
    const changed = async (body: object) =>
      (await show((await read(await retry(old.id, { ...body, run_at: NEXT_HOUR }))).id)).decision;
    expect(await changed({ model: 'sandbox/reviewer' })).toMatchObject({
      requested: { model: 'sandbox/reviewer', provider: null, fallbacks: [] },
    });
    expect(await changed({ fallbacks: ['sandbox/reviewer'] })).toMatchObject({
      requested: { model: 'echo', provider: 'sandbox', fallbacks: ['sandbox/reviewer'] },
    });
  });

  it('changes priority, deadline and metadata, metadata as a whole', async () => {
    const old = await cancelled({ ...CHAT, metadata: { a: '1', b: '2' } });
    const answer = await retry(old.id, {
      ...{ priority: 0, deadline_s: 5, metadata: { c: '3' }, run_at: NEXT_HOUR },
    });
    expect(await read(answer)).toMatchObject({
      ...{ priority: 0, metadata: { c: '3' }, deadline_at: NEXT_HOUR + 5, phase: 'scheduled' },
    });
  });

  it('is routed as of today: what cannot be chosen any more is refused as a new job is', async () => {
    const { id } = await cancelled(CHAT);
    await query(
      databaseUrl,
      `UPDATE jobs SET decision = jsonb_set(decision, '{requested,model}', '"sandbox/retired"'),
       model = 'sandbox/retired' WHERE id = '${id}'`,
    );
    const answer = await retry(id);
    expect([answer.status, await codeOf(answer)]).toEqual([422, 'model_not_found']);
  });

  it('is refused with 409 while the job runs, and a client need not try again', async () => {
    const { id } = await submit({ ...CHAT, run_at: NEXT_HOUR });
    const answer = await retry(id);
    expect([answer.status, answer.headers.get('x-should-retry')]).toEqual([409, 'false']);
    expect(await codeOf(answer)).toBe('job_not_ended');
  });

  it('answers 410 when the job was deleted, but the repeat of a retry still has its own job', async () => {
    const { id } = await cancelled(CHAT);
    const key = { 'idempotency-key': 'before-the-end' };
    const first = await read(await retry(id, { run_at: NEXT_HOUR }, key));
    await query(
      databaseUrl,
      `WITH gone AS (DELETE FROM jobs WHERE id = '${id}' RETURNING id, caller, created_at)
       INSERT INTO tombstones (job_id, caller, created_at) SELECT * FROM gone`,
    );
    const answer = await retry(id);
    expect([answer.status, await codeOf(answer)]).toEqual([410, 'gone']);
    const again = await retry(id, { run_at: NEXT_HOUR }, key);
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([202, 'true']);
    expect((await read(again)).id).toBe(first.id);
  });

  it('answers 404 to an id that is none, and 422 with a pointer to each wrong field', async () => {
    expect((await retry('job_00000000000000000000000000')).status).toBe(404);
    const { id } = await cancelled(CHAT);
    const answer = await retry(id, { input: { messages: MESSAGES }, priority: 'high' });
    expect(answer.status).toBe(422);
    const { errors } = (await answer.json()) as { errors: { pointer: string }[] };
    expect(errors.map(({ pointer }) => pointer).sort()).toEqual(['/input', '/priority']);
  });
});
