import { FreeCalls, HttpClient } from '@longhaul/providers';
import { ProviderSettings } from '@longhaul/settings';
import { ProviderChecks } from '../../libs/jobs/src/provider-checks';
import { Script, ScriptedUpstream, startScripted } from '../../libs/providers/src/scripted-upstream.fixtures';
import { listingsOf, model, provider } from '../../libs/registry/src/registry.fixtures';

let upstream: ScriptedUpstream;
let http: HttpClient;
let script: Script;

beforeAll(async () => {
  upstream = await startScripted((response, request) => script(response, request));
  http = new HttpClient();
});
afterAll(async () => {
  await http.close();
  await upstream.close();
});

/** Answers by path, as JSON. */
const answering =
  (answers: Readonly<Record<string, unknown>>, status = 200): Script =>
  (response, request) => {
    const known = Object.entries(answers).find(([path]) => (request.url ?? '').endsWith(path));
    response.writeHead(known === undefined ? 404 : status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(known?.[1] ?? {}));
  };

const checksOf = (name: string, changes: Partial<ProviderSettings> = {}, timeoutMs = 5_000) => {
  const clock = { ms: 0 };
  const providers = [provider(name, { baseUrl: upstream.url, dialect: 'openai_compatible', ...changes })];
  const models = [
    model(`${name}/kept`, { aliases: ['other-name'] }),
    model(`${name}/gone`),
    model(`${name}/old`, { status: 'retired' }),
  ];
  const parts = {
    listings: listingsOf({ providers, models }),
    calls: new FreeCalls(http),
    now: () => clock.ms,
    nowMs: () => 1_795_262_400_000,
  };
  return { clock, checks: new ProviderChecks(parts, { timeoutMs, keptMs: 10_000 }) };
};

const LIST = { '/models': { data: [{ id: 'kept' }, { id: 'old' }, { id: 'new' }] } };

describe('a ping', () => {
  it('tells that a provider answers and takes the key', async () => {
    script = answering(LIST);
    expect(await checksOf('acme').checks.ping('acme')).toEqual({
      object: 'provider.ping',
      provider: 'acme',
      reachable: true,
      authorised: true,
      latency_ms: expect.any(Number),
      error: null,
      account: null,
      asked_at: 1_795_262_400,
    });
  });

  it.each([
    [401, 'auth_failed', false],
    [402, 'quota_exhausted', null],
    [403, 'auth_failed', false],
    [429, 'rate_limited', null],
    [500, 'upstream_error', null],
    [503, 'overloaded', null],
    [418, 'rejected_request', null],
    [302, 'malformed_response', null],
  ])('whose answer is HTTP %s has the code %s', async (status, code, authorised) => {
    script = answering(LIST, status);
    const ping = await checksOf('acme').checks.ping('acme');
    expect(ping).toMatchObject({ reachable: true, authorised, error: { code } });
    expect(ping.error?.message).toContain(String(status));
  });

  it('tells of a refused connection, of silence and of a reply that breaks off', async () => {
    const closed = checksOf('acme', { baseUrl: 'http://127.0.0.1:1/v1' });
    expect(await closed.checks.ping('acme')).toMatchObject({
      ...{ reachable: false, authorised: null, error: { code: 'network_error' } },
    });
    script = () => undefined;
    expect(await checksOf('acme', {}, 40).checks.ping('acme')).toMatchObject({
      ...{ reachable: false, error: { code: 'timeout' } },
    });
    script = (response) => {
      response.write('{"data":', () => response.destroy());
    };
    expect(await checksOf('acme').checks.ping('acme')).toMatchObject({ error: { code: 'network_error' } });
  });

  it('sends nothing for a provider without a key, and names the variable', async () => {
    const before = upstream.requests.length;
    const { checks } = checksOf('acme', { key: null, keyVariables: ['ACME_API_KEY'] });
    expect(await checks.live('acme')).toMatchObject({
      ...{ reachable: null, authorised: null, models: null },
      error: { code: 'provider_not_configured', message: expect.stringContaining('ACME_API_KEY') },
    });
    expect(upstream.requests.length).toBe(before);
  });

  it('is not repeated upstream for a while, whoever asks', async () => {
    script = answering(LIST);
    const { checks, clock } = checksOf('acme');
    const before = upstream.requests.length;
    await Promise.all([checks.ping('acme'), checks.ping('acme'), checks.live('acme')]);
    clock.ms = 9_999;
    await checks.ping('acme');
    expect(upstream.requests.length - before).toBe(1);
    clock.ms = 10_000;
    await checks.ping('acme');
    expect(upstream.requests.length - before).toBe(2);
  });
});

describe('a live look', () => {
  it('compares the catalogue with the provider’s own list', async () => {
    script = answering(LIST);
    expect((await checksOf('acme').checks.live('acme')).models).toEqual({
      listed: 3,
      missing: ['gone'],
      unknown: ['new'],
      retired: ['old'],
    });
  });

  it('knows names with the prefix of Gemini, the tag of Ollama, and our aliases', async () => {
    script = answering({
      '/models': { data: ['models/kept', 'gone:latest', 'other-name'].map((id) => ({ id })) },
    });
    expect((await checksOf('acme').checks.live('acme')).models).toEqual({
      ...{ listed: 3, missing: [], unknown: [], retired: [] },
    });
  });

  it('compares nothing where there is no such list', async () => {
    script = answering({});
    expect(await checksOf('acme').checks.live('acme')).toMatchObject({
      ...{ reachable: true, authorised: null, error: null, models: null },
    });
    script = (response) => void response.end('<html>');
    expect((await checksOf('acme').checks.live('acme')).models).toBeNull();
  });
});

describe('what is left on an account', () => {
  it.each([
    [
      'moonshot',
      { '/users/me/balance': { code: 0, data: { available_balance: 49.5, cash_balance: 3 } } },
      [{ of: 'balance', used: null, limit: null, remaining: 49.5, unit: 'USD', resets_at: null }],
    ],
    [
      'kimi',
      {
        '/usages': {
          usage: { used: '12', limit: '100', remaining: '88', resetTime: '2026-11-28T00:00:00Z' },
          limits: [
            {
              window: { duration: 300, timeUnit: 'TIME_UNIT_MINUTE' },
              detail: { limit: '20', remaining: '0', resetTime: 'soon' },
            },
            'noise',
          ],
        },
      },
      [
        {
          ...{ of: 'plan', used: 12, limit: 100, remaining: 88, unit: 'requests' },
          resets_at: '2026-11-28T00:00:00.000Z',
        },
        { of: '300 minutes', used: null, limit: 20, remaining: 0, unit: 'requests', resets_at: null },
      ],
    ],
    [
      'openrouter',
      { '/key': { data: { usage: 1.25, limit: null, limit_remaining: null } } },
      [{ of: 'key', used: 1.25, limit: null, remaining: null, unit: 'USD', resets_at: null }],
    ],
  ])('is told by %s', async (name, answers, account) => {
    script = answering({ ...LIST, ...answers });
    expect(await checksOf(name).checks.ping(name)).toMatchObject({ authorised: true, account });
  });

  it.each(['moonshot', 'kimi', 'openrouter'])('is not made up from noise of %s', async (name) => {
    for (const body of [
      null,
      [],
      'x',
      {},
      { data: null, usage: 'x', limits: [null] },
      { data: { usage: 'x' } },
    ]) {
      script = answering({ '/users/me/balance': body, '/usages': body, '/key': body, ...LIST });
      expect((await checksOf(name).checks.ping(name)).account).toBeNull();
    }
  });

  it('says of a key what a list that anybody gets cannot', async () => {
    script = (response, request) => {
      response.writeHead((request.url ?? '').endsWith('/key') ? 401 : 200);
      response.end('{"data":[]}');
    };
    expect(await checksOf('openrouter').checks.ping('openrouter')).toMatchObject({
      ...{ reachable: true, authorised: false, error: { code: 'auth_failed' } },
    });
    script = answering(LIST);
    expect(await checksOf('ollama_cloud').checks.ping('ollama_cloud')).toMatchObject({ authorised: null });
  });
});
