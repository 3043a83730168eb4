import { request } from 'node:http';
import { InProcess, openApi } from '../support/gateway';
import { freshDatabase } from '../support/stores';

// Real stores and processes, on machines of any speed.
jest.setTimeout(60_000);

const KEY = 'sk-test-moonshot-key';
const MESSAGES = { messages: [{ role: 'user', content: 'Hello' }] };
const CHAT = { type: 'chat', model: 'moonshot/kimi-k2.6', input: { ...MESSAGES, max_output_tokens: 2000 } };

let api: InProcess;
let databaseUrl: string;

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

async function ask(path: string, init: RequestInit = {}): Promise<Answer> {
  const answer = await fetch(`${api.url}${path}`, init);
  const text = await answer.text();
  return {
    status: answer.status,
    headers: answer.headers,
    body: text === '' ? {} : (JSON.parse(text) as Answer['body']),
  };
}
const explain = (body: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
  ask('/v1/routes/explain', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
const rowsOf = async (path: string): Promise<Record<string, unknown>[]> =>
  (await ask(path)).body.data as Record<string, unknown>[];

/** Without the tidying of paths that `fetch` does. */
const rawStatus = (path: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(api.url);
    request({ hostname, port, path }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });

beforeAll(async () => {
  databaseUrl = (await freshDatabase()).url;
  api = await openApi({ DATABASE_URL: databaseUrl, MOONSHOT_API_KEY: KEY, MAX_INFLIGHT_SANDBOX: '0' });
});

describe('explaining a route', () => {
  it('tells the chain, every candidate, what is needed and what a call costs at most', async () => {
    const { status, headers, body } = await explain({
      ...CHAT,
      fallbacks: ['openai/gpt-5.4', 'moonshot/kimi-k2.5'],
    });
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    const estimate = { input_tokens: expect.any(Number), output_tokens: 2000 };
    expect(body).toEqual({
      object: 'route.explanation',
      requested: { model: CHAT.model, provider: null, fallbacks: ['openai/gpt-5.4', 'moonshot/kimi-k2.5'] },
      decided_by: 'explicit',
      policy: 'provider-order',
      need: { type: 'chat', ...estimate, capabilities: [] },
      chain: [
        {
          provider: 'moonshot',
          model: 'kimi-k2.6',
          because: 'explicit',
          estimate: { ...estimate, cost_usd: expect.closeTo(0.008, 4) },
        },
        {
          provider: 'moonshot',
          model: 'kimi-k2.5',
          because: 'fallbacks',
          estimate: { ...estimate, cost_usd: expect.closeTo(0.006, 4) },
        },
      ],
      candidates: [
        {
          provider: 'moonshot',
          model: 'kimi-k2.6',
          eligible: true,
          reasons: [],
          estimate: { ...estimate, cost_usd: expect.closeTo(0.008, 4) },
          context_window: 262_144,
          key_present: true,
        },
        {
          provider: 'openai',
          model: 'gpt-5.4',
          eligible: false,
          reasons: [
            { rule: 'key-present', reason: 'Provider openai has no key: OPENAI_API_KEY is not set.' },
          ],
          estimate: { ...estimate, cost_usd: expect.any(Number) },
          context_window: expect.any(Number),
          key_present: false,
        },
        expect.objectContaining({ model: 'kimi-k2.5', eligible: true }),
      ],
      notes: [expect.stringContaining('upper end')],
      limits: { max_rungs: 4, max_calls: 8, retry_attempts: 1 },
      error: null,
    });
  });

  it('answers 200 with all reasons when no target is left', async () => {
    const keyless = await explain({ ...CHAT, model: 'openai/gpt-5.4' });
    expect(keyless.status).toBe(200);
    expect(keyless.body).toMatchObject({
      decided_by: null,
      chain: [],
      candidates: [{ model: 'gpt-5.4', eligible: false }],
      error: { code: 'provider_not_configured', message: expect.stringContaining('OPENAI_API_KEY') },
    });
    const off = await explain({ ...CHAT, model: 'sandbox/echo' });
    expect(off.body).toMatchObject({
      chain: [],
      candidates: [{ reasons: [{ rule: 'provider-on' }] }],
      error: { code: 'no_route' },
    });
  });

  it('leaves the cost of a model without a price open', async () => {
    const { body } = await explain({ ...CHAT, model: 'ollama/mine:7b' });
    expect(body).toMatchObject({
      chain: [{ provider: 'ollama', estimate: { cost_usd: null } }],
      candidates: [{ context_window: null, key_present: true }],
    });
  });

  it('stores nothing, whatever headers come along', async () => {
    const headers = { 'idempotency-key': 'explain-1', prefer: 'wait=5' };
    const first = await explain(CHAT, headers);
    expect(await explain(CHAT, headers)).toMatchObject({ status: 200, body: first.body });
    expect((await explain({ ...CHAT, model: 'kimi-k2.5' }, headers)).status).toBe(200);
    expect((await ask('/v1/jobs')).body.data).toEqual([]);
  });

  it.each([
    [422, 'model_not_found', { ...CHAT, model: 'moonshot/kimi-k26' }],
    [422, 'invalid_request', { ...CHAT, input: {} }],
    [422, 'invalid_request', { ...CHAT, type: 'poem' }],
    [422, 'invalid_request', { ...CHAT, status: 'completed' }],
    [422, 'invalid_request', []],
    [400, 'malformed_request', null],
  ])('refuses a bad body with %d %s', async (status, code, body) => {
    expect(await explain(body)).toMatchObject({ status, body: { code } });
  });

  it('names near models for one that is not known', async () => {
    const { body } = await explain({ ...CHAT, model: 'moonshot/kimi-k26' });
    expect(body.near_matches).toContain('moonshot/kimi-k2.6');
  });
});

describe('the models', () => {
  it('are listed with their price, their limits and why one cannot be used', async () => {
    const rows = await rowsOf('/v1/models');
    expect(rows.find(({ id }) => id === 'moonshot/kimi-k2.6')).toEqual({
      id: 'moonshot/kimi-k2.6',
      object: 'model',
      owned_by: 'moonshot',
      provider: 'moonshot',
      model: 'kimi-k2.6',
      aliases: expect.any(Array),
      status: 'active',
      successor: null,
      context_window: 262_144,
      max_output_tokens: 262_144,
      capabilities: ['tools', 'vision', 'json_mode', 'json_schema', 'reasoning'],
      price: {
        input_per_mtok_usd: 0.95,
        cached_input_per_mtok_usd: 0.16,
        cache_write_per_mtok_usd: null,
        output_per_mtok_usd: 4,
        effective_from: '2026-04-21',
        source: 'platform.kimi.ai pricing',
      },
      available: true,
      unavailable_because: null,
      explicit_only: false,
    });
    expect(rows.find(({ id }) => id === 'openai/gpt-5.4')).toMatchObject({
      available: false,
      unavailable_because: 'Provider openai has no key: OPENAI_API_KEY is not set.',
    });
    expect(JSON.stringify(rows)).not.toContain(KEY);
  });

  it('are cut by provider and by whether they can be used', async () => {
    const of = async (query: string) =>
      new Set((await rowsOf(`/v1/models${query}`)).map((row) => row.provider));
    expect(await of('?provider=moonshot')).toEqual(new Set(['moonshot']));
    expect(await of('?provider=cloud')).toEqual(new Set(['ollama_cloud']));
    const usable = await of('?available=true');
    expect(usable).toContain('moonshot');
    expect([...usable].filter((name) => name === 'openai' || name === 'sandbox')).toEqual([]);
    expect(await of('?available=false')).toContain('openai');
    expect(await rowsOf('/v1/models?provider=openai&available=true')).toEqual([]);
  });

  it.each(['?page=2', '?available=yes', '?provider=moonshoot', '?available=true&available=false'])(
    'refuse the query %s',
    async (query) => {
      expect(await ask(`/v1/models${query}`)).toMatchObject({
        status: 400,
        body: { code: 'malformed_request' },
      });
    },
  );

  it.each([
    '/v1/models/moonshot/kimi-k2.6',
    '/v1/models/moonshot%2Fkimi-k2.6',
    '/v1/models/kimi-k2.6',
    '/v1/models/MOONSHOT/Kimi-K2.6',
  ])('are found one by one: %s', async (path) => {
    expect(await ask(path)).toMatchObject({ status: 200, body: { id: 'moonshot/kimi-k2.6' } });
  });

  it('whose own ids hold slashes are found as well', async () => {
    const listed = await rowsOf('/v1/models');
    const slashed = listed.find(({ model }) => String(model).includes('/'));
    expect(await ask(`/v1/models/${String(slashed?.id)}`)).toMatchObject({ status: 200, body: slashed });
  });

  it('that are not there are 404 with near ones, and no repeat is advised', async () => {
    const { status, headers, body } = await ask('/v1/models/moonshot/kimi-k26');
    expect([status, body.code, headers.get('x-should-retry')]).toEqual([404, 'not_found', 'false']);
    expect(body.near_matches).toContain('moonshot/kimi-k2.6');
    for (const path of ['/v1/models/', '/v1/models/%00', '/v1/models//', '/v1/models/%2e%2e/x'])
      expect([path, await rawStatus(path)]).toEqual([path, 404]);
    expect(await rawStatus('/v1/models/%zz')).toBe(400);
  });

  it('have a tag: who has the answer is told so', async () => {
    for (const path of ['/v1/models', '/v1/models/kimi-k2.6']) {
      const first = await ask(path);
      const etag = first.headers.get('etag') ?? '';
      expect(first.headers.get('cache-control')).toBe('private, no-cache');
      expect(first.headers.get('content-type')).toContain('application/json');
      expect(await ask(path, { headers: { 'if-none-match': etag } })).toMatchObject({
        status: 304,
        body: {},
      });
      expect((await ask(path, { headers: { 'if-none-match': '"other"' } })).status).toBe(200);
    }
    const [list, one] = [await ask('/v1/models'), await ask('/v1/models?provider=moonshot')];
    expect(list.headers.get('etag')).not.toBe(one.headers.get('etag'));
  });

  it('are only read: another method is 405 and names those that work', async () => {
    const answer = await ask('/v1/models/moonshot/kimi-k2.6', { method: 'DELETE' });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    expect((await ask('/v1/models/kimi-k2.6', { method: 'HEAD' })).status).toBe(200);
  });
});

describe('the providers', () => {
  it('are told with where their key comes from and never with the key', async () => {
    const { status, headers, body } = await ask('/v1/providers/moonshot');
    expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(body).toEqual({
      id: 'moonshot',
      object: 'provider',
      description: expect.any(String),
      family: 'kimi',
      dialect: 'openai_compatible',
      base_url: 'https://api.moonshot.ai/v1',
      auth: 'bearer',
      key: { present: true, variables: ['MOONSHOT_API_KEY'], source: 'MOONSHOT_API_KEY' },
      on: true,
      available: true,
      unavailable_because: null,
      cap: 10,
      in_flight: 0,
      waiting: 0,
      scheduled: 0,
      explicit_only: false,
      accepts_unlisted_models: expect.any(Boolean),
      default_model: expect.any(String),
      timeouts: { connect_s: 10, first_token_s: 120, idle_s: 120, total_s: 600 },
      cooling: [],
      last_error: null,
    });
    expect(JSON.stringify(await rowsOf('/v1/providers'))).not.toContain(KEY);
  });

  it('are told when they are off or have no key', async () => {
    const rows = await rowsOf('/v1/providers');
    expect(rows.find(({ id }) => id === 'sandbox')).toMatchObject({
      ...{ on: false, cap: 0, available: false },
      unavailable_because: 'Provider sandbox is off: its in-flight cap is 0.',
    });
    expect(rows.find(({ id }) => id === 'openai')).toMatchObject({
      ...{ on: true, available: false },
      key: { present: false, variables: ['OPENAI_API_KEY'], source: null },
    });
  });

  it('that are not there are 404 with near ones', async () => {
    const { status, body } = await ask('/v1/providers/moonshoot');
    expect([status, body.code, body.near_matches]).toEqual([404, 'not_found', ['moonshot']]);
    expect(await rawStatus('/v1/providers/%00')).toBe(404);
    expect((await ask('/v1/providers?all=true')).status).toBe(400);
  });
});
