import { JobView } from '@longhaul/contract';
import { PingView } from '@longhaul/jobs';
import { openApi, openWorker } from '../support/gateway';
import { freshDatabase } from '../support/stores';
import { startUpstream, Upstream } from '../support/upstream';

// Real stores, and a worker that runs real jobs.
jest.setTimeout(60_000);

let upstream: Upstream;

beforeAll(async () => {
  upstream = await startUpstream();
});
afterEach(() => upstream.reset());
afterAll(() => upstream.close());

interface Pinged {
  readonly ping: (provider?: string) => Promise<PingView>;
  readonly jobs: () => Promise<readonly JobView[]>;
}

async function open(env: Readonly<Record<string, string>>): Promise<Pinged> {
  const own = {
    DATABASE_URL: (await freshDatabase()).url,
    SANDBOX_BASE_URL: upstream.url('sandbox'),
    MOONSHOT_BASE_URL: upstream.url('moonshot'),
    RETRY_ATTEMPTS: '0',
    ...env,
  };
  const { url } = await openApi(own);
  await openWorker(own);
  const read = async (path: string, init?: RequestInit): Promise<unknown> =>
    (await fetch(`${url}${path}`, init)).json();
  return {
    ping: async (provider = 'sandbox') =>
      (await read(`/v1/providers/${provider}/ping`, { method: 'POST' })) as PingView,
    jobs: async () => ((await read('/v1/jobs')) as { data: JobView[] }).data,
  };
}

describe('a ping without ROUTER_PREFLIGHT_CHAT', () => {
  it('asks for what is free alone, and calls no model', async () => {
    const { ping, jobs } = await open({});
    expect(await ping()).toMatchObject({ reachable: true, error: null, chat: null });
    expect(upstream.calls()).toEqual([]);
    expect(await jobs()).toEqual([]);
  });
});

describe('a ping with ROUTER_PREFLIGHT_CHAT=true', () => {
  it('runs one small chat job through the road of all jobs, however many ask, and books it', async () => {
    const { ping, jobs } = await open({ ROUTER_PREFLIGHT_CHAT: 'true' });
    const [told, again] = await Promise.all([ping(), ping()]);
    const [job, ...others] = await jobs();
    expect(told).toMatchObject({ reachable: true, error: null });
    expect(told.chat).toEqual({ job: job?.id, model: 'echo', status: 'completed', error: null });
    expect(again.chat).toEqual(told.chat);
    expect(others).toEqual([]);
    expect(job).toMatchObject({ type: 'chat', metadata: { purpose: 'preflight' }, attempts: { count: 1 } });
    expect(job?.usage).not.toBeNull();
    expect(upstream.calls()).toEqual([expect.objectContaining({ provider: 'sandbox', model: 'echo' })]);
  });

  it('tells why the chat failed where the list did not', async () => {
    const { ping } = await open({ ROUTER_PREFLIGHT_CHAT: 'true' });
    upstream.script({ replies: [{ status: 500, body: { error: { message: 'no' } } }] });
    expect(await ping()).toMatchObject({
      ...{ reachable: true, error: null },
      chat: { job: expect.stringMatching(/^job_/), status: 'failed', error: { code: 'upstream_error' } },
    });
    expect(upstream.calls()).toHaveLength(1);
  });

  it('pays for nothing where what is free has failed, or there is no key', async () => {
    const { ping, jobs } = await open({
      ROUTER_PREFLIGHT_CHAT: 'true',
      SANDBOX_BASE_URL: 'http://127.0.0.1:1/v1',
    });
    expect(await ping()).toMatchObject({ reachable: false, error: { code: 'network_error' }, chat: null });
    expect(await ping('moonshot')).toMatchObject({ error: { code: 'provider_not_configured' }, chat: null });
    expect(await jobs()).toEqual([]);
    expect(upstream.calls()).toEqual([]);
  });
});
