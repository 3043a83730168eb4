import { Records } from '@longhaul/records';
import { InProcess, openApi, openWorker } from '../support/gateway';
import { freshDatabase, startPostgres } from '../support/stores';
import { startUpstream, Upstream } from '../support/upstream';

// Real stores and processes, on machines of any speed.
jest.setTimeout(60_000);

interface LaneAnswer {
  readonly lane: string;
  readonly words: string;
  readonly [figure: string]: unknown;
}
interface StatusAnswer {
  readonly summary: string;
  readonly lanes: readonly LaneAnswer[];
  readonly [member: string]: unknown;
}

let upstream: Upstream;

const get = (api: InProcess, path: string): Promise<Response> => fetch(`${api.url}${path}`);
const statusOf = async (api: InProcess): Promise<StatusAnswer> =>
  (await (await get(api, '/v1/status')).json()) as StatusAnswer;
const laneOf = async (api: InProcess, lane: string): Promise<LaneAnswer | undefined> =>
  (await statusOf(api)).lanes.find((row) => row.lane === lane);
const providerOf = async (api: InProcess, name: string): Promise<Record<string, unknown>> =>
  (await (await get(api, `/v1/providers/${name}`)).json()) as Record<string, unknown>;

async function submit(api: InProcess, change: object = {}, prefer = 'wait=0'): Promise<{ id: string }> {
  const answer = await fetch(`${api.url}/v1/jobs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', prefer },
    body: JSON.stringify({
      type: 'chat',
      model: 'sandbox/echo',
      input: { messages: [{ role: 'user', content: 'Hello' }] },
      ...change,
    }),
  });
  return (await answer.json()) as { id: string };
}

beforeAll(async () => {
  upstream = await startUpstream();
});
afterEach(() => {
  upstream.reset();
});
afterAll(() => upstream.close());

const LATER = { run_at: Math.floor(Date.now() / 1000) + 3600 };

describe('the status of a gateway without a worker', () => {
  let api: InProcess;
  beforeAll(async () => {
    const env = { DATABASE_URL: (await freshDatabase()).url, SANDBOX_BASE_URL: upstream.url('sandbox') };
    api = await openApi(env);
  });

  it('says that nothing runs, in which version, since when, and how the stores are', async () => {
    const answer = await get(api, '/v1/status');
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(await answer.json()).toEqual({
      object: 'status',
      summary: 'Nothing runs and nothing waits.',
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      uptime_s: expect.any(Number),
      stores: { database: 'ok', queue: 'postgres: ok' },
      total: { cap: 48, in_flight: 0, waiting: 0, scheduled: 0 },
      // Providers without a key have no lane.
      lanes: ['ollama', 'sandbox'].map((lane) => ({
        lane,
        cap: expect.any(Number),
        in_flight: 0,
        waiting: 0,
        scheduled: 0,
        oldest_waiting_s: null,
        cooling_until: null,
        words: expect.stringMatching(/^Idle, \d+ slots are free\.$/),
      })),
    });
    expect((await get(api, '/v1/status?verbose=1')).status).toBe(400);
  });

  it('shows a lane of an older configuration only while something is left in it', async () => {
    const { pool } = api.app.get(Records, { strict: false }).database;
    await pool.query(`INSERT INTO lanes (name, cap) VALUES ('gone', 3)`);
    expect(await laneOf(api, 'gone')).toBeUndefined();
    const { id } = await submit(api, LATER);
    await pool.query(`UPDATE jobs SET provider = 'gone' WHERE id = $1`, [id]);
    expect(await laneOf(api, 'gone')).toMatchObject({
      scheduled: 1,
      words: expect.stringContaining('Not configured here'),
    });
    await pool.query('DELETE FROM jobs WHERE id = $1', [id]);
  });

  it('tells jobs of later from jobs that wait, and that nobody serves them', async () => {
    await submit(api, LATER);
    const { id } = await submit(api);
    const { pool } = api.app.get(Records, { strict: false }).database;
    await pool.query(`UPDATE jobs SET ready_at = ready_at - interval '90 s' WHERE id = $1`, [id]);
    const status = await statusOf(api);
    expect(status.total).toMatchObject({ in_flight: 0, waiting: 1, scheduled: 1 });
    const lane = status.lanes.find((row) => row.lane === 'sandbox');
    expect(lane).toMatchObject({ waiting: 1, scheduled: 1, in_flight: 0 });
    expect(lane?.oldest_waiting_s).toBeGreaterThanOrEqual(90);
    expect(lane?.words).toContain('no worker seems to serve this lane');
    expect(status.summary).toMatch(/^No job runs, 1 waits; the oldest has waited 9\d s in lane sandbox/);
    expect(status.summary).toContain('Lane sandbox: 1 job waits');
  });

  it('says that a lane is off, and for how long a provider cools and why', async () => {
    const { pool } = api.app.get(Records, { strict: false }).database;
    await pool.query(`INSERT INTO cooldowns VALUES ('credential:sandbox', now() + interval '1 hour', 'quota_exhausted', 1),
      ('credential:sandbox:0ld0ld', now() + interval '9 hours', 'auth_failed', 1),
      ('target:ollama/a', now() + interval '1 hour', 'overloaded', 1),
      ('provider:ollama', now() - interval '1 second', 'overloaded', 2)`);
    const cooling = await laneOf(api, 'sandbox');
    expect(cooling?.cooling_until).toBeCloseTo(Date.now() / 1000 + 3600, -2);
    expect(cooling?.words).toMatch(/^Cooling until .* because quota_exhausted; 2 jobs wait\. Add credit/);
    expect((await laneOf(api, 'ollama'))?.words).toMatch(/a cools until .* because overloaded\.$/);
    expect(await providerOf(api, 'sandbox')).toMatchObject({
      ...{ waiting: 1, scheduled: 1 },
      cooling: [{ scope: 'credential:sandbox', code: 'quota_exhausted', until: cooling?.cooling_until }],
      circuits: [
        {
          ...{ scope: 'credential', model: null, state: 'open', until: cooling?.cooling_until },
          ...{ code: 'quota_exhausted', strikes: 1, probing: false },
        },
      ],
      limits: { requests_per_minute: { configured: null, seen: null, used: null } },
    });
    const ollama = await providerOf(api, 'ollama');
    expect(ollama.cooling).toMatchObject([{ scope: 'target:ollama/a' }]);
    expect(ollama.circuits).toMatchObject([
      { scope: 'provider', model: null, state: 'half_open', strikes: 2, probing: false },
      { scope: 'target', model: 'a', state: 'open' },
    ]);
    await pool.query(`UPDATE lanes SET override_cap = 0 WHERE name = 'sandbox'`);
    expect((await laneOf(api, 'sandbox'))?.words).toContain('set MAX_INFLIGHT_SANDBOX above 0');
    expect(await providerOf(api, 'sandbox')).toMatchObject({ on: false, cap: 0, available: false });
  });
});

describe('the status of a gateway at work', () => {
  it('counts what runs, and remembers how the last call failed', async () => {
    const env = { DATABASE_URL: (await freshDatabase()).url, SANDBOX_BASE_URL: upstream.url('sandbox') };
    const api = await openApi(env);
    await openWorker(env);
    upstream.script({ match: { marker: 'bad' }, replies: [{ status: 400, repeat: 'forever' }] });
    upstream.script({ match: { marker: 'held' }, replies: [{ text: 'Done.', holdBefore: 'headers' }] });
    const say = (content: string) => ({ input: { messages: [{ role: 'user', content }] } });
    await submit(api, say('[[bad]] Hello'), 'wait=30');
    expect((await providerOf(api, 'sandbox')).last_error).toEqual({
      code: 'rejected_request',
      at: expect.closeTo(Date.now() / 1000, -2),
    });
    await submit(api, say('[[held]] Hello'));
    await upstream.waitForHeld(1);
    const status = await statusOf(api);
    expect(status.summary).toBe('1 job runs, none waits.');
    expect(status.total).toMatchObject({ in_flight: 1 });
    expect(await laneOf(api, 'sandbox')).toMatchObject({
      in_flight: 1,
      words: '1 of 10 slots busy, nothing waits.',
    });
    expect(await providerOf(api, 'sandbox')).toMatchObject({ in_flight: 1 });
    upstream.release('all');
  });
});

describe('without PostgreSQL', () => {
  it('status and providers are 503; what the catalogue knows is still told', async () => {
    const postgres = await startPostgres();
    const api = await openApi({ DATABASE_URL: postgres.url });
    await postgres.stop();
    for (const path of ['/v1/status', '/v1/providers', '/v1/providers/sandbox']) {
      const answer = await get(api, path);
      expect([path, answer.status]).toEqual([path, 503]);
      expect(answer.headers.get('retry-after')).not.toBeNull();
      expect(await answer.json()).toMatchObject({ code: 'store_unavailable' });
    }
    expect((await get(api, '/v1/models')).status).toBe(200);
    await postgres.start();
    expect((await get(api, '/v1/status')).status).toBe(200);
  });
});
