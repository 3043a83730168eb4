import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { InProcess, openApi } from '../support/gateway';
import { scratchDirectory } from '../support/scratch';
import { freshDatabase } from '../support/stores';

// Real stores and processes, on machines of any speed.
jest.setTimeout(60_000);

const KEY = 'sk-test-moonshot-key';
const KEY_FILE = join(scratchDirectory('provider-key'), 'where-secrets-lie');

let api: InProcess;

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
  const databaseUrl = (await freshDatabase()).url;
  writeFileSync(KEY_FILE, 'sk-test-glm-key', { mode: 0o600 });
  api = await openApi({
    DATABASE_URL: databaseUrl,
    MOONSHOT_API_KEY: KEY,
    MOONSHOT_REQUESTS_PER_MINUTE: '40',
    GLM_API_KEY_FILE: KEY_FILE,
    MAX_INFLIGHT_SANDBOX: '0',
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
      min_output_tokens: 1500,
      capabilities: ['tools', 'vision', 'json_mode', 'json_schema', 'streaming', 'reasoning'],
      tool_choice: ['auto', 'none'],
      temperature: { kind: 'omit' },
      ...{ free: false, tags: [], group: 'kimi-k2.6', retires_at: null, warning: null },
      tiers: expect.arrayContaining(['balanced']),
      price: {
        steps: [],
        input_per_mtok_usd: 0.95,
        cached_input_per_mtok_usd: 0.16,
        cache_write_per_mtok_usd: null,
        output_per_mtok_usd: 4,
        effective_from: '2026-04-21',
        source: 'platform.kimi.ai pricing',
      },
      available: true,
      unavailable_because: null,
      ...{ explicit_only: false, health: null },
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

  it('are cut by capability, tier, status and by whether they cost nothing', async () => {
    const of = async (query: string) => (await rowsOf(`/v1/models${query}`)).map((row) => row.id);
    expect(await of('?provider=moonshot&tier=balanced')).toContain('moonshot/kimi-k2.6');
    expect(await of('?provider=gemini&status=retired')).toEqual(['gemini/gemini-2.0-flash']);
    expect(await of('?provider=glm&free=true')).toEqual(['glm/glm-4.7-flash', 'glm/glm-4.5-flash']);
    const seeing = await of('?provider=glm&capability=vision');
    expect([seeing.includes('glm/glm-4.5v'), seeing.includes('glm/glm-5')]).toEqual([true, false]);
    expect(await of('?capability=embeddings')).toEqual([]);
  });

  it('that end say so in a field and a header', async () => {
    const { body, headers } = await ask('/v1/models/kimi-k2-0905-preview');
    expect(body).toMatchObject({ status: 'retired', successor: 'kimi-k2.6', retires_at: '2026-05-25' });
    expect(body.warning).toBe(
      'moonshot/kimi-k2-0905-preview is retired; name moonshot/kimi-k2.6, or send routing.allow_substitution.',
    );
    expect(headers.get('x-gateway-warning')).toBe(body.warning);
    const deprecated = await ask('/v1/models/glm/glm-4.5-x');
    expect(deprecated.headers.get('x-gateway-warning')).toBe(
      'glm/glm-4.5-x is deprecated; its successor is glm-5-turbo.',
    );
    expect((await ask('/v1/models/kimi-k2.6')).headers.get('x-gateway-warning')).toBeNull();
  });

  it.each([
    '?page=2',
    '?tier=huge',
    '?status=gone',
    '?free=1',
    '?capability=speech',
    '?available=yes',
    '?provider=moonshoot',
    '?available=true&available=false',
  ])('refuse the query %s', async (query) => {
    expect(await ask(`/v1/models${query}`)).toMatchObject({
      status: 400,
      body: { code: 'malformed_request' },
    });
  });

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
      ...{ waiting: 0, scheduled: 0 },
      explicit_only: false,
      accepts_unlisted_models: expect.any(Boolean),
      default_model: expect.any(String),
      timeouts: { connect_s: 10, first_token_s: 120, idle_s: 120, total_s: 600 },
      limits: expect.objectContaining({ requests_per_minute: { configured: 40, seen: null, used: 0 } }),
      ...{ circuits: [], cooling: [], last_error: null, last_errors: [] },
    });
    expect(JSON.stringify(await rowsOf('/v1/providers'))).not.toContain(KEY);
  });

  it('whose key stands in a file say that, and not where the file lies', async () => {
    const { body } = await ask('/v1/providers/glm');
    expect(body.key).toMatchObject({ present: true, source: 'file' });
    expect(JSON.stringify(await rowsOf('/v1/providers'))).not.toMatch(/sk-test|where-secrets-lie/);
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
