import { InProcess, openApi } from '../support/gateway';
import { freshDatabase } from '../support/stores';

// Real stores and processes, on machines of any speed.
jest.setTimeout(60_000);

const KEY = 'sk-test-moonshot-key';
const MESSAGES = { messages: [{ role: 'user', content: 'Hello' }] };
const CHAT = { type: 'chat', model: 'moonshot/kimi-k2.6', input: { ...MESSAGES, max_output_tokens: 2000 } };

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
const explain = (body: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
  ask('/v1/routes/explain', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

beforeAll(async () => {
  const databaseUrl = (await freshDatabase()).url;
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
