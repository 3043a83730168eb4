import { JobView } from '@longhaul/contract';
import { INSTRUMENTS } from '@longhaul/metrics';
import { InProcess, openApi, openWorker } from '../support/gateway';
import { until } from '../support/longhaul';
import { readMetrics, Scrape } from '../support/metrics-text';
import { freshDatabase, PostgresServer, startPostgres } from '../support/stores';
import { startUpstream, Upstream } from '../support/upstream';

// Real stores and processes, on machines of any speed.
jest.setTimeout(90_000);

const GLM = 'glm/glm-4.6';
const USAGE = { prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100 };
/** By the catalogue: 0.60 and 2.20 USD per million tokens. */
const GLM_USD = (1000 * 0.6 + 100 * 2.2) / 1e6;

let upstream: Upstream;
let api: InProcess;
let worker: InProcess;

const envOf = (databaseUrl: string): Record<string, string> => ({
  DATABASE_URL: databaseUrl,
  GLM_API_KEY: 'lh-glm-1',
  MOONSHOT_API_KEY: 'lh-moonshot-1',
  GLM_BASE_URL: upstream.url('glm'),
  MOONSHOT_BASE_URL: upstream.url('moonshot'),
  SANDBOX_BASE_URL: upstream.url('sandbox'),
  RETRY_BACKOFF_SECS: '0.05',
});

const chat = async (body: object, headers: Record<string, string> = {}, to = api): Promise<JobView> => {
  const answer = await fetch(`${to.url}/v1/jobs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', prefer: 'wait=30', ...headers },
    body: JSON.stringify({
      type: 'chat',
      input: { messages: [{ role: 'user', content: 'a secret prompt' }] },
      ...body,
    }),
  });
  return (await answer.json()) as JobView;
};

interface Pair {
  readonly api: Scrape;
  readonly worker: Scrape;
}
const scrapeBoth = async (): Promise<Pair> => ({
  api: await Scrape.of(api.url),
  worker: await Scrape.of(worker.url),
});

/** A caller may see the end a moment before the worker has counted it. */
const scrapeSettled = (before: Pair): Promise<Pair> =>
  until('the end is counted', async () => {
    const after = await scrapeBoth();
    const ended = after.worker.movedSince(before.worker, 'longhaul_jobs_ended_total');
    return Object.keys(ended).length > 0 && after;
  });

beforeAll(async () => {
  upstream = await startUpstream();
  const env = envOf((await freshDatabase()).url);
  api = await openApi(env);
  worker = await openWorker(env);
});
beforeEach(() => {
  upstream.reset();
});
afterAll(() => upstream.close());

describe('/metrics', () => {
  it('is text that Prometheus reads, of the API and of a worker, and is kept by nobody', async () => {
    for (const { url } of [api, worker]) {
      const answer = await fetch(`${url}/metrics`);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
      expect(answer.headers.get('cache-control')).toBe('no-store');
      const families = readMetrics(await answer.text());
      expect(families.map(({ name }) => name)).toEqual(INSTRUMENTS.map(({ name }) => name));
    }
  });

  it('has the labels that are documented for each name, and no others', async () => {
    await chat({ model: 'sandbox/echo' });
    const both = await scrapeBoth();
    for (const { families } of [both.api, both.worker]) {
      for (const { name, labels } of INSTRUMENTS) {
        const samples = families.find((family) => family.name === name)?.samples ?? [];
        for (const sample of samples)
          expect(Object.keys(sample.labels).filter((label) => label !== 'le')).toEqual(labels);
      }
    }
  });

  it('tells no prompt, key, caller or job id', async () => {
    const { id } = await chat({ model: GLM });
    await fetch(`${api.url}/v1/jobs/${id}`);
    const both = await scrapeBoth();
    for (const { text } of [both.api, both.worker]) {
      for (const word of [id, 'secret', 'lh-glm-1', 'local']) expect(text).not.toContain(word);
    }
  });
});

describe('the counters', () => {
  it('move by one for a chat that succeeds, with its tokens and its cost', async () => {
    upstream.script({ match: { provider: 'glm' }, replies: [{ text: 'fine', usage: USAGE }] });
    const before = await scrapeBoth();
    expect(await chat({ model: GLM })).toMatchObject({ status: 'completed' });
    const after = await scrapeSettled(before);
    const moved = (name: string) => after.worker.movedSince(before.worker, name);
    expect(after.api.movedSince(before.api, 'longhaul_jobs_accepted_total')).toEqual({ 'chat glm': 1 });
    expect(moved('longhaul_claims_total')).toEqual({ 'glm claimed': 1 });
    expect(moved('longhaul_queue_wait_seconds_count')).toEqual({ glm: 1 });
    expect(moved('longhaul_attempts_total')).toEqual({ 'glm ok': 1 });
    expect(moved('longhaul_upstream_call_seconds_count')).toEqual({ 'glm ok': 1 });
    expect(moved('longhaul_first_token_seconds_count')).toEqual({ glm: 1 });
    expect(moved('longhaul_tokens_total')).toEqual({
      'glm glm-4.6 fresh_input': 1000,
      'glm glm-4.6 output': 100,
    });
    expect(moved('longhaul_cost_usd_total')['glm']).toBeCloseTo(GLM_USD, 12);
    expect(moved('longhaul_unpriced_calls_total')).toEqual({});
    expect(moved('longhaul_jobs_ended_total')).toEqual({ 'chat completed': 1 });
    expect(moved('longhaul_settle_seconds_count')).toEqual({ '': 1 });
    expect(moved('longhaul_jobs_put_back_total')).toEqual({});
  });

  it('tell a retry after a 429 from a second job', async () => {
    const limited = { status: 429, headers: { 'retry-after': '1' } };
    upstream.script({ match: { provider: 'glm' }, replies: [limited, { text: 'fine', usage: USAGE }] });
    const before = await scrapeBoth();
    expect(await chat({ model: GLM })).toMatchObject({ status: 'completed', attempts: { count: 2 } });
    const after = await scrapeSettled(before);
    const moved = (name: string) => after.worker.movedSince(before.worker, name);
    expect(after.api.movedSince(before.api, 'longhaul_jobs_accepted_total')).toEqual({ 'chat glm': 1 });
    expect(moved('longhaul_attempts_total')).toEqual({ 'glm rate_limited': 1, 'glm ok': 1 });
    expect(moved('longhaul_upstream_call_seconds_count')).toEqual({ 'glm rate_limited': 1, 'glm ok': 1 });
    expect(moved('longhaul_jobs_put_back_total')).toEqual({ 'glm retry': 1 });
    expect(moved('longhaul_jobs_ended_total')).toEqual({ 'chat completed': 1 });
    expect(moved('longhaul_claims_total')).toMatchObject({ 'glm claimed': 2 });
  });

  it('tell a hand-over, and calls without a price apart from calls for nothing', async () => {
    upstream.script({ match: { provider: 'moonshot' }, replies: [{ status: 401 }] });
    upstream.script({ match: { provider: 'glm' }, replies: [{ text: 'uncounted', usage: null }] });
    const before = await scrapeBoth();
    const job = await chat({ model: 'moonshot/kimi-k2.6', fallbacks: [GLM] });
    expect(job).toMatchObject({ status: 'completed', resolved: { provider: 'glm' }, cost_usd: null });
    const after = await scrapeSettled(before);
    const moved = (name: string) => after.worker.movedSince(before.worker, name);
    expect(moved('longhaul_attempts_total')).toEqual({ 'moonshot auth_failed': 1, 'glm ok': 1 });
    expect(moved('longhaul_jobs_put_back_total')).toEqual({ 'moonshot hand_over': 1 });
    expect(moved('longhaul_unpriced_calls_total')).toEqual({ glm: 1 });
    expect(moved('longhaul_tokens_total')).toEqual({});
    expect(moved('longhaul_cost_usd_total')).toEqual({});
    expect(moved('longhaul_jobs_ended_total')).toEqual({ 'chat completed': 1 });
  });

  it('tell a repeated request from a job, and count a cancel once', async () => {
    const later = { model: 'sandbox/echo', run_at: Math.floor(Date.now() / 1000) + 3600 };
    const before = await Scrape.of(api.url);
    const key = { 'idempotency-key': 'once', prefer: 'wait=0' };
    const { id } = await chat(later, key);
    expect((await chat(later, key)).id).toBe(id);
    for (let time = 0; time < 3; time += 1)
      await fetch(`${api.url}/v1/jobs/${id}/cancel`, { method: 'POST' });
    const after = await Scrape.of(api.url);
    expect(after.movedSince(before, 'longhaul_jobs_accepted_total')).toEqual({ 'chat sandbox': 1 });
    expect(after.movedSince(before, 'longhaul_job_replays_total')).toEqual({ 'chat sandbox': 1 });
    expect(after.movedSince(before, 'longhaul_jobs_ended_total')).toEqual({ 'chat cancelled': 1 });
  });

  it('know requests by the pattern of their route, and one name for what has none', async () => {
    const before = await Scrape.of(api.url);
    await fetch(`${api.url}/v1/jobs/job_nobody_has`);
    await fetch(`${api.url}/a/path/of/${'x'.repeat(50)}`);
    await fetch(`${api.url}/v1/jobs`, { method: 'PUT' });
    const after = await Scrape.of(api.url);
    expect(after.movedSince(before, 'longhaul_http_requests_total')).toEqual({
      'GET /metrics 200': 1,
      'GET /v1/jobs/:id 404': 1,
      'any unmatched 404': 1,
      'any unmatched 405': 1,
    });
    expect(after.text).not.toContain('xxx');
  });
});

describe('the gauges of the lanes', () => {
  it('show what is in flight and what waits, the same in every process', async () => {
    upstream.script({ match: { provider: 'sandbox' }, replies: [{ text: 'x', holdBefore: 'end' }] });
    const { id } = await chat({ model: 'sandbox/echo' }, { prefer: 'wait=0' });
    await upstream.waitForHeld(1);
    // What was read from PostgreSQL counts as fresh for a second.
    await new Promise((resolve) => setTimeout(resolve, 1050));
    const both = await scrapeBoth();
    for (const scrape of [both.api, both.worker]) {
      expect(scrape.value('longhaul_database_up')).toBe(1);
      expect(scrape.sample('longhaul_lane_in_flight', { lane: 'sandbox' })?.value).toBe(1);
      expect(scrape.sample('longhaul_lane_cap', { lane: 'sandbox' })?.value).toBeGreaterThan(0);
      expect(scrape.sample('longhaul_lane_waiting', { lane: 'sandbox' })?.value).toBe(0);
      expect(scrape.sample('longhaul_lane_oldest_ready_age_seconds', { lane: 'sandbox' })).toBeUndefined();
      expect(scrape.sample('longhaul_spool_files')?.value).toBe(0);
    }
    upstream.release('all');
    await fetch(`${api.url}/v1/jobs/${id}?wait=30`);
  });

  it('are absent while PostgreSQL is away, and the rest is still told, paid answers on the disk too', async () => {
    const server: PostgresServer = await startPostgres();
    const env = envOf(server.url);
    const [lonelyApi, lonelyWorker] = [await openApi(env), await openWorker(env)];
    upstream.script({ match: { provider: 'sandbox' }, replies: [{ text: 'x', holdBefore: 'end' }] });
    expect((await Scrape.of(lonelyApi.url)).all('longhaul_lane_cap')).not.toEqual([]);
    await chat({ model: 'sandbox/echo' }, { prefer: 'wait=0' }, lonelyApi);
    await upstream.waitForHeld(1);
    await server.stop();
    upstream.release('all');
    await new Promise((resolve) => setTimeout(resolve, 1050));
    const scrape = await Scrape.of(lonelyApi.url);
    expect(scrape.sample('longhaul_database_up')?.value).toBe(0);
    expect(scrape.all('longhaul_lane_cap')).toEqual([]);
    expect(scrape.value('longhaul_process_resident_memory_bytes')).toBeGreaterThan(0);
    const spooled = (files: number) =>
      until(`${String(files)} in the spool`, async () => {
        return (await Scrape.of(lonelyWorker.url)).value('longhaul_spool_files') === files;
      });
    await spooled(1);
    await server.start();
    await spooled(0);
    await lonelyApi.close();
    await lonelyWorker.close();
  });
});
