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
      fallbacks: ['openai/gpt-5.4', 'moonshot/kimi-k2.7-code'],
    });
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    const estimate = { input_tokens: expect.any(Number), output_tokens: 2000 };
    const priced = { ...estimate, cost_usd: expect.closeTo(0.008, 4) };
    expect(body).toMatchObject({
      object: 'route.explanation',
      requested: {
        model: CHAT.model,
        provider: null,
        fallbacks: ['openai/gpt-5.4', 'moonshot/kimi-k2.7-code'],
        routing: null,
      },
      ...{ decided_by: 'explicit', policy: 'default', tier: null, degraded: null, omitted_candidates: 0 },
      config: { version: 0, hash: expect.stringMatching(/^[0-9a-f]{16}$/) },
      need: { type: 'chat', ...estimate, capabilities: [] },
      chain: [
        {
          provider: 'moonshot',
          model: 'kimi-k2.6',
          because: 'explicit',
          estimate: priced,
          retry_attempts: 1,
        },
        {
          provider: 'moonshot',
          model: 'kimi-k2.7-code',
          because: 'fallbacks',
          estimate: priced,
          retry_attempts: 1,
        },
      ],
      candidates: [
        { model: 'kimi-k2.6', eligible: true, reasons: [], not_as_fallback: [], estimate: priced },
        { model: 'kimi-k2.7-code', eligible: true },
        {
          ...{ provider: 'openai', model: 'gpt-5.4', eligible: false },
          reasons: [
            { rule: 'key-present', reason: 'Provider openai has no key: OPENAI_API_KEY is not set.' },
          ],
        },
      ],
      expected_wait: { seconds: 0, because: expect.stringContaining('it would start at once') },
      ...{ notes: [], warnings: [], hand_overs: [], error: null },
      limits: { max_rungs: 4, max_calls: 8, retry_attempts: 1, binding: 'chain' },
    });
    expect(body.rules).toEqual(expect.arrayContaining(['key-present', 'cost-ceiling']));
    expect((body.order as string[]).at(-1)).toBe('name');
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
    const { body } = await explain({ ...CHAT, model: 'ollama/mine:7b', fallbacks: [] });
    expect(body).toMatchObject({
      chain: [{ provider: 'ollama', estimate: { cost_usd: null } }],
      candidates: [{ provider: 'ollama', model: 'mine:7b', estimate: { cost_usd: null } }],
    });
  });

  it.each<[string, object]>([
    ['a named model', {}],
    ['what the policy chooses', { model: 'auto' }],
    ['a tier by signals', { model: 'auto', routing: { signals: { combined_score: 0, intent: 'extract' } } }],
    [
      'a ceiling, a profile and preferences',
      { model: 'auto', routing: { max_cost_usd: 1, profile: 'cost', prefer: ['kimi'] } },
    ],
    [
      'fallbacks and a retired id',
      { model: 'kimi-k2-0905-preview', fallbacks: [], routing: { allow_substitution: true } },
    ],
  ])('agrees with the decision that the job of %s gets, field by field', async (_, change) => {
    const body = { ...CHAT, ...change };
    const { object, expected_wait, error, ...told } = (await explain(body)).body;
    expect([object, error]).toEqual(['route.explanation', null]);
    expect(expected_wait).not.toBeNull();
    const { body: job, status } = await ask('/v1/jobs', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...body, run_at: 4_000_000_000 }),
    });
    expect(status).toBe(202);
    const stored = await ask(`/v1/jobs/${String(job.id)}?include=decision`);
    expect(stored.body.decision).toEqual(told);
    await ask(`/v1/jobs/${String(job.id)}/cancel`, { method: 'POST' });
    await ask(`/v1/jobs/${String(job.id)}`, { method: 'DELETE' });
  });

  it('warns of a deprecated model and of a successor that stands in, in a header and in a field', async () => {
    const submit = (change: object) =>
      ask('/v1/jobs', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...CHAT, ...change, run_at: 4_000_000_000 }),
      });
    const refused = await submit({ model: 'kimi-k2-0905-preview' });
    expect(refused).toMatchObject({
      status: 422,
      body: { code: 'model_not_found', successor: 'moonshot/kimi-k2.6' },
    });
    const taken = await submit({ model: 'kimi-k2-0905-preview', routing: { allow_substitution: true } });
    const warning =
      'moonshot/kimi-k2-0905-preview is retired; its successor moonshot/kimi-k2.6 stands in for it.';
    expect([taken.status, taken.body.warnings, taken.headers.get('x-gateway-warning')]).toEqual([
      ...[202, [warning], warning],
    ]);
    expect(taken.body.resolved).toEqual({ provider: 'moonshot', model: 'kimi-k2.6' });
    const fine = await submit({});
    expect([fine.headers.get('x-gateway-warning'), 'warnings' in fine.body]).toEqual([null, false]);
    for (const { body } of [taken, fine]) {
      await ask(`/v1/jobs/${String(body.id)}/cancel`, { method: 'POST' });
      await ask(`/v1/jobs/${String(body.id)}`, { method: 'DELETE' });
    }
  });

  it('tells what would happen if a circuit were open or a key missing', async () => {
    const auto = { ...CHAT, model: 'auto' };
    const open = await explain({ ...auto, assume: { open_circuits: ['moonshot/kimi-k2.6'] } });
    const names = (open.body.chain as { model: string }[]).map(({ model }) => model);
    // It passes by itself, so it stands behind all that is well, with its reason.
    expect(names.slice(0, -1)).not.toContain('kimi-k2.6');
    expect([names.length > 1, names.at(-1)]).toEqual([true, 'kimi-k2.6']);
    expect(open.body.notes).toContain('The circuit of moonshot/kimi-k2.6 is assumed to be open.');
    const keyless = await explain({ ...auto, assume: { missing_keys: ['kimi'] } });
    expect(keyless.body).toMatchObject({ chain: [], error: { code: 'no_route' }, expected_wait: null });
    const unknown = await explain({ ...auto, assume: { missing_keys: ['moonshoot'] } });
    expect(unknown).toMatchObject({
      status: 422,
      body: { code: 'invalid_request', near_matches: ['moonshot'] },
    });
  });

  it.each([
    ['routing.prefer', { prefer: ['nobody'] }],
    ['routing.profile', { profile: 'lavish' }],
    ['routing.max_cost_usd', { max_cost_usd: -1 }],
    ['routing.signals.combined_score', { signals: { combined_score: 11 } }],
    ['routing.signals.previous_failures', { signals: { previous_failures: 0.5 } }],
    ['routing.signals.agent_id', { signals: { agent_id: 'x' } }],
  ])('refuses a wrong %s with its pointer', async (name, routing) => {
    const { status, body } = await explain({ ...CHAT, model: 'auto', routing });
    expect([status, body.code]).toEqual([422, 'invalid_request']);
    const pointers = (body.errors as { pointer: string }[]).map(({ pointer }) => pointer);
    expect(pointers[0]).toContain(`/${name.replaceAll('.', '/')}`);
  });

  it('stores nothing, whatever headers come along', async () => {
    const headers = { 'idempotency-key': 'explain-1', prefer: 'wait=5' };
    const first = await explain(CHAT, headers);
    expect(await explain(CHAT, headers)).toMatchObject({ status: 200, body: first.body });
    expect((await explain({ ...CHAT, model: 'kimi-k2.7-code' }, headers)).status).toBe(200);
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
