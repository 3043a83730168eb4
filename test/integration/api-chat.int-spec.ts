import { JobView } from '@longhaul/contract';
import { allSettled, InProcess, openApi, openWorker } from '../support/gateway';
import { freshDatabase } from '../support/stores';
import { startUpstream, Upstream } from '../support/upstream';

// Real stores and processes, on machines of any speed.
jest.setTimeout(60_000);

const MESSAGES = [{ role: 'user', content: 'Hello' }];
const CHAT = { provider: 'sandbox', fallbacks: [], messages: MESSAGES };
const USAGE = {
  prompt_tokens: 30,
  completion_tokens: 12,
  total_tokens: 42,
  prompt_tokens_details: { cached_tokens: 10 },
  completion_tokens_details: { reasoning_tokens: 5 },
};

let upstream: Upstream;
let env: Record<string, string>;
let api: InProcess;

beforeAll(async () => {
  upstream = await startUpstream();
  env = {
    DATABASE_URL: (await freshDatabase()).url,
    SANDBOX_BASE_URL: upstream.url('sandbox'),
    OLLAMA_BASE_URL: upstream.url('ollama'),
  };
  api = await openApi(env);
  await openWorker(env);
});
afterEach(async () => {
  upstream.reset();
  await allSettled(api.url);
});
afterAll(() => upstream.close());

const chat = (body: unknown, headers: Record<string, string> = {}, url = api.url): Promise<Response> =>
  fetch(`${url}/v1/chat`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
const jobAt = async (answer: Response, query = ''): Promise<JobView> =>
  (await (await fetch(`${api.url}${answer.headers.get('location') ?? ''}${query}`)).json()) as JobView;
const gatewayHeaders = (answer: Response): (string | null)[] =>
  ['job-id', 'provider', 'model', 'attempts'].map((name) => answer.headers.get(`x-gateway-${name}`));

describe('a chat', () => {
  it('is answered as a chat completion, with its job and what answered', async () => {
    upstream.script({ replies: [{ text: 'Hi!', reasoning: 'A greeting.', usage: USAGE }] });
    const answer = await chat(CHAT);
    expect(answer.status).toBe(200);
    const job = await jobAt(answer);
    expect(await answer.json()).toEqual({
      id: `chatcmpl-${job.id.slice('job_'.length)}`,
      object: 'chat.completion',
      created: job.created_at,
      model: 'sandbox/echo',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'Hi!', refusal: null, reasoning_content: 'A greeting.' },
          finish_reason: 'stop',
          logprobs: null,
        },
      ],
      usage: USAGE,
      job: {
        ...{ id: job.id, url: `/v1/jobs/${job.id}`, status: 'completed' },
        ...{ cost_usd: job.cost_usd, attempts: job.attempts },
      },
    });
    expect(gatewayHeaders(answer)).toEqual([job.id, 'sandbox', 'echo', '1']);
    expect(answer.headers.get('idempotent-replayed')).toBeNull();
    expect(job).toMatchObject({ type: 'chat', status: 'completed' });
  });

  it('takes a prefixed model, and sends what the caller said', async () => {
    const answer = await chat({
      ...{ model: 'sandbox/echo', messages: MESSAGES, system: 'Be terse.', temperature: 0.5 },
      ...{ max_completion_tokens: 99, metadata: { ticket: '17' }, priority: 9, stream: false },
    });
    expect(answer.status).toBe(200);
    const [call] = upstream.calls();
    expect(call).toMatchObject({ model: 'echo' });
    expect(await jobAt(answer)).toMatchObject({ metadata: { ticket: '17' }, priority: 9 });
  });

  it('that was cut at its limit is an answer whose finish reason says so', async () => {
    upstream.script({ replies: [{ text: 'Once upon', finishReason: 'length' }] });
    const answer = await chat(CHAT);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({
      choices: [{ message: { content: 'Once upon' }, finish_reason: 'length' }],
      job: { status: 'incomplete' },
    });
  });

  it('that failed is a problem with the code of the job and its status, not to be repeated', async () => {
    upstream.script({ replies: [{ status: 400, repeat: 'forever' }] });
    const answer = await chat(CHAT);
    const job = await jobAt(answer);
    expect([answer.status, answer.headers.get('x-should-retry')]).toEqual([422, 'false']);
    expect(answer.headers.get('retry-after')).toBeNull();
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(gatewayHeaders(answer)).toEqual([job.id, 'sandbox', 'echo', '1']);
    expect(await answer.json()).toMatchObject({
      code: 'rejected_request',
      job_id: job.id,
      detail: job.error?.message,
      error: { code: 'rejected_request' },
    });
    expect(job).toMatchObject({ status: 'failed', error: { code: 'rejected_request' } });
  });

  it('that is cancelled meanwhile is 409', async () => {
    upstream.script({ replies: [{ text: 'late', holdBefore: 'headers' }] });
    const answer = chat(CHAT, { 'idempotency-key': 'cancelled' });
    await upstream.waitForHeld(1);
    const { headers } = await chat(CHAT, { 'idempotency-key': 'cancelled', prefer: 'wait=0' });
    await fetch(`${api.url}${headers.get('location') ?? ''}/cancel`, { method: 'POST' });
    const { status } = await answer;
    expect([status, (await answer).headers.get('x-should-retry')]).toEqual([409, 'false']);
    expect(await (await answer).json()).toMatchObject({ code: 'cancelled' });
  });

  it('is 202 with the place and the job when the caller wanted to wait no longer', async () => {
    upstream.script({ replies: [{ text: 'late', holdBefore: 'headers' }] });
    const answer = await chat(CHAT, { prefer: 'wait=0.3' });
    expect([answer.status, answer.headers.get('preference-applied')]).toEqual([202, 'wait=0.3']);
    expect(answer.headers.get('retry-after')).toBe('1');
    const job = (await answer.json()) as JobView;
    expect(answer.headers.get('location')).toBe(`/v1/jobs/${job.id}`);
    expect(answer.headers.get('x-gateway-job-id')).toBe(job.id);
    expect(job).toMatchObject({ object: 'job', type: 'chat' });
    expect(job).not.toHaveProperty('output');
    upstream.release();
    expect(await jobAt(answer, '?wait=50&include=output')).toMatchObject({ output: { text: 'late' } });
  });

  it('waits no longer than CHAT_WAIT_SECS, whatever is asked', async () => {
    const short = await openApi({ ...env, CHAT_WAIT_SECS: '0.3' });
    upstream.script({ replies: [{ text: 'late', holdBefore: 'headers', repeat: 'forever' }] });
    expect((await chat(CHAT, {}, short.url)).status).toBe(202);
    const asked = await chat(CHAT, { prefer: 'wait=3600' }, short.url);
    expect([asked.status, asked.headers.get('preference-applied')]).toEqual([202, 'wait=0.3']);
    expect((await chat(CHAT, { prefer: 'wait=0' })).headers.get('preference-applied')).toBe('wait=0');
    await short.close();
  });

  it('is told where its answer will be when the API stops', async () => {
    const stopping = await openApi(env);
    upstream.script({ replies: [{ text: 'late', holdBefore: 'headers' }] });
    const answer = chat(CHAT, {}, stopping.url);
    await upstream.waitForHeld(1);
    await stopping.close();
    expect([(await answer).status, (await answer).headers.get('retry-after')]).toEqual([202, '1']);
    upstream.release();
    expect(await jobAt(await answer, '?wait=50')).toMatchObject({ status: 'completed' });
  });

  it('sent again with its key while it runs waits for the same job', async () => {
    upstream.script({ replies: [{ text: 'once', holdBefore: 'end' }] });
    const key = { 'idempotency-key': 'attach' };
    const first = chat(CHAT, key);
    await upstream.waitForHeld(1);
    const second = chat(CHAT, key);
    // Sent later and answered at once: by then the second stands beside the first.
    expect((await chat(CHAT, { ...key, prefer: 'wait=0' })).status).toBe(202);
    upstream.release();
    const bodies = await Promise.all([first, second].map(async (answer) => (await answer).json()));
    expect((await second).headers.get('idempotent-replayed')).toBe('true');
    expect(bodies[1]).toEqual(bodies[0]);
    expect(bodies[0]).toMatchObject({ choices: [{ message: { content: 'once' } }] });
    expect(upstream.calls()).toHaveLength(1);
  });

  it('names a model outside ASCII in a header that a client can read', async () => {
    const body = { message: { role: 'assistant', content: 'Ja' }, done: true, done_reason: 'stop' };
    upstream.script({ match: { provider: 'ollama', path: '/api/chat' }, replies: [{ body }] });
    const answer = await chat({ model: 'ollama/mödel', messages: MESSAGES });
    expect([answer.status, answer.headers.get('x-gateway-model')]).toEqual([200, 'm%C3%B6del']);
  });
});

describe('a chat that cannot be', () => {
  it.each([
    ['without messages', { provider: 'sandbox' }, '/messages'],
    ['with a role of its own', { messages: [{ role: 'root', content: 'x' }] }, '/messages/0/role'],
    ['as a stream', { messages: MESSAGES, stream: true }, '/stream'],
    ['in two choices', { messages: MESSAGES, n: 2 }, '/n'],
    [
      'with a tool of no name',
      { messages: MESSAGES, tools: [{ type: 'function', function: {} }] },
      '/tools/0/function/name',
    ],
    [
      'with a tool that is none',
      { messages: MESSAGES, tool_choice: { type: 'function', function: { name: 'a' } } },
      '/tool_choice/function/name',
    ],
    [
      'with an image in the system’s mouth',
      {
        messages: [
          { role: 'system', content: [{ type: 'image_url', image_url: { url: 'https://a.example/b.png' } }] },
        ],
      },
      '/messages/0/content/0/type',
    ],
    ['later', { messages: MESSAGES, run_at: 1_900_000_000 }, '/run_at'],
    ['with two limits', { messages: MESSAGES, max_tokens: 1, max_output_tokens: 2 }, '/max_tokens'],
  ])('is refused %s', async (_, body, pointer) => {
    const answer = await chat(body);
    expect([answer.status, answer.headers.get('location')]).toEqual([422, null]);
    const { errors } = (await answer.json()) as { errors: { pointer: string }[] };
    expect(errors.map((error) => error.pointer)).toEqual([pointer]);
  });

  it('is 400 with a query, which it does not take, and with a preference that is no time', async () => {
    const query = await fetch(`${api.url}/v1/chat?wait=5`, {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(CHAT) },
    });
    expect(query.status).toBe(400);
    const soon = await chat(CHAT, { prefer: 'wait=soon' });
    expect(soon.status).toBe(400);
    expect(await soon.json()).toMatchObject({ detail: expect.stringContaining('at most 280') });
  });
});
