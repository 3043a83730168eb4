import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { AttemptShape, Longhaul, startLonghaul } from '../support/longhaul';
import { backEnds } from '../support/stores';

jest.setTimeout(120_000);

interface Reply {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

const sse = (...events: readonly unknown[]): string =>
  events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('');
const dailyQuota = {
  '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
  violations: [{ quotaId: 'GenerateRequestsPerDayPerProjectPerModel' }],
};

/** A server error, an overload in the middle of a good stream, a quota of the day; and an answer. By the provider's name in the path. */
const REPLIES: Readonly<Record<string, Reply>> = {
  moonshot: {
    status: 500,
    type: 'application/json',
    body: '{"error":{"type":"server_error","message":"oops"}}',
  },
  anthropic: {
    status: 200,
    type: 'text/event-stream',
    body: sse(
      { type: 'message_start', message: { usage: { input_tokens: 9, output_tokens: 1 } } },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Half an an' } },
      { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } },
    ),
  },
  gemini: {
    status: 429,
    type: 'application/json',
    body: JSON.stringify({
      error: { code: 429, status: 'RESOURCE_EXHAUSTED', message: 'no', details: [dailyQuota] },
    }),
  },
  ollama: {
    status: 200,
    type: 'application/x-ndjson',
    body: [
      { message: { role: 'assistant', content: 'All ' }, done: false },
      { message: { role: 'assistant', content: 'well.' }, done: false },
      {
        message: { role: 'assistant', content: '' },
        done: true,
        done_reason: 'stop',
        prompt_eval_count: 12,
        eval_count: 3,
      },
    ]
      .map((line) => `${JSON.stringify(line)}\n`)
      .join(''),
  },
};

let server: Server;
const asked: string[] = [];
const urlOf = (name: string): string =>
  `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/${name}`;

beforeAll(async () => {
  server = createServer((request, response) => {
    const name = request.url?.split('/')[1] ?? '';
    const reply = REPLIES[name];
    request.resume().once('end', () => {
      if (request.method === 'POST') asked.push(name);
      response
        .writeHead(reply?.status ?? 404, { 'content-type': reply?.type ?? 'text/plain' })
        .end(reply?.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

describe.each(backEnds())('a chain over all four dialects (%s)', (backEnd) => {
  let longhaul: Longhaul;

  beforeAll(async () => {
    asked.length = 0;
    longhaul = await startLonghaul({
      backEnd,
      env: {
        ANTHROPIC_API_KEY: 'lh-anthropic-1',
        GEMINI_API_KEY: 'lh-gemini-1',
        MOONSHOT_BASE_URL: `${urlOf('moonshot')}/v1`,
        ANTHROPIC_BASE_URL: `${urlOf('anthropic')}/v1`,
        GEMINI_BASE_URL: `${urlOf('gemini')}/v1beta`,
        OLLAMA_BASE_URL: urlOf('ollama'),
        RETRY_BACKOFF_SECS: '0.2',
      },
    });
    await longhaul.worker();
  });

  it('completes after three different failures, and its record tells the story', async () => {
    const { id } = await longhaul.chat('moonshot/kimi-k2.6', 'story', {
      fallbacks: ['anthropic/claude-sonnet-5-5', 'gemini/gemini-3.8-flash', 'ollama/llama-unlisted'],
    });
    const job = await longhaul.ended(id);
    expect(job).toMatchObject({
      status: 'completed',
      resolved: { provider: 'ollama', model: 'llama-unlisted' },
      attempts: { count: 6 },
    });
    const attempts = await longhaul.attempts(id);
    expect(attempts.map(storyOf)).toEqual([
      'moonshot upstream_error',
      'moonshot upstream_error',
      'anthropic overloaded',
      'anthropic overloaded',
      'gemini quota_exhausted',
      'ollama ok',
    ]);
    expect(asked).toEqual(['moonshot', 'moonshot', 'anthropic', 'anthropic', 'gemini', 'ollama']);
    const whole = await longhaul.job(id, '?include=output,decision');
    expect(whole).toMatchObject({
      output: { text: 'All well.', finish_reason: 'stop' },
      usage: { input_tokens: 12, output_tokens: 3 },
      decision: {
        chain: [
          { provider: 'moonshot', because: expect.any(String) },
          { provider: 'anthropic' },
          { provider: 'gemini' },
          { provider: 'ollama' },
        ],
        hand_overs: [
          {
            from: { provider: 'moonshot' },
            to: { provider: 'anthropic' },
            code: 'upstream_error',
            after_calls: 2,
          },
          { from: { provider: 'anthropic' }, to: { provider: 'gemini' }, code: 'overloaded', after_calls: 4 },
          {
            from: { provider: 'gemini' },
            to: { provider: 'ollama' },
            code: 'quota_exhausted',
            after_calls: 5,
          },
        ],
      },
    });
  });
});

const storyOf = ({ lane, error }: AttemptShape): string => `${lane} ${error?.code ?? 'ok'}`;
