import { inspect } from 'node:util';
import { ChatEvent, GatewayError } from '@longhaul/contract';
import fc from 'fast-check';
import { SYSTEM_TIMERS, Timers } from '../clocks';
import { HttpClient } from '../http';
import { readReply, splitAt } from '../read-reply.fixtures';
import {
  CANARY,
  providerSettings,
  Script,
  ScriptedUpstream,
  startScripted,
} from '../scripted-upstream.fixtures';
import { openAiCompatibleDialect } from './openai-compatible.dialect';
import { quirksOf } from './openai-compatible/quirks';
import { ReplyReader } from './openai-compatible/reply-reader';

const never = new AbortController().signal;
const settings = providerSettings();
const GOOD = [
  '\ufeff: hello\r\n\r\ndata: {"choices":[{"delta":{"reasoning_content":"Hm 🤔"}}]}\r\n\r\n',
  ': keep-alive\n\ndata: {"choices":[{"delta":{"content":"Grüße, 世界 🌍"}}]}\n\n',
  'event: message\ndata: {"choices":\ndata: [{"delta":{"content":"\\ud83d"}}]}\n\n',
  'data: {"choices":[{"delta":{"content":"\\ude00"},"finish_reason":"stop"}]}\n\n',
  'data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}}\n\ndata: [DONE]\n\n',
].join('');

const read = (pieces: readonly Buffer[], isCut = false): Promise<ChatEvent[]> =>
  readReply({ pieces, isCut }, (reply, call) =>
    new ReplyReader(reply, {
      ...{ call, settings, quirks: quirksOf('acme') },
      request: { model: 'm', messages: [] },
    }).events(),
  );

describe('a stream of server-sent events', () => {
  const bytes = Buffer.from(GOOD);
  const cuts = fc.array(fc.nat(bytes.length - 1), { maxLength: 40 });

  it('gives the same events however its bytes are split', async () => {
    const whole = await read([bytes]);
    const end = {
      type: 'end',
      finishReason: 'stop',
      usage: expect.objectContaining({ freshInput: 3, output: 2 }),
    };
    expect(whole.map((event) => ('text' in event ? event.text : '')).join('')).toBe('Hm 🤔Grüße, 世界 🌍😀');
    expect(whole.at(-1)).toEqual(end);
    await fc.assert(
      fc.asyncProperty(cuts, async (at) => {
        expect(await read(splitAt(bytes, at))).toEqual(whole);
      }),
      { numRuns: 300 },
    );
  });

  it('is never an answer when it breaks off before [DONE], cleanly or not', async () => {
    const end = bytes.indexOf('[DONE]');
    await fc.assert(
      fc.asyncProperty(fc.nat(end), cuts, fc.boolean(), async (length, at, isCut) => {
        const part = bytes.subarray(0, length);
        const pieces = length === 0 ? [] : splitAt(part, at);
        await expect(read(pieces, isCut)).rejects.toMatchObject({
          code: expect.stringMatching(/^(stream_truncated|malformed_response)$/),
        });
      }),
      { numRuns: 300 },
    );
  });

  it('throws nothing but a GatewayError at any garbage', async () => {
    const garbage = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.json().map((json) => Buffer.from(`data: ${json}\n\ndata: [DONE]\n\n`)),
      fc
        .json()
        .map((json) =>
          Buffer.from(`data: {"choices":[{"delta":${json},"finish_reason":${json}}]}\n\ndata: [DONE]\n\n`),
        ),
      fc
        .json()
        .map((json) => Buffer.from(`{"choices":[{"message":${json}}],"usage":${json},"error":${json}}`)),
    );
    await fc.assert(
      fc.asyncProperty(garbage, async (body) => {
        const thrown: unknown = await read([Buffer.from(body)]).then(
          () => null,
          (error: unknown) => error,
        );
        if (thrown === null) return;
        expect(thrown).toBeInstanceOf(GatewayError);
        expect((thrown as GatewayError).code).not.toBe('internal');
      }),
      { numRuns: 500 },
    );
  });

  it('may hold an event of 1 MiB and none of 3 MiB', async () => {
    const event = (length: number): Buffer[] => {
      const chunk = { choices: [{ delta: { content: 'x'.repeat(length) }, finish_reason: 'stop' }] };
      const body = Buffer.from(`data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`);
      return Array.from({ length: Math.ceil(body.length / 65_536) }, (_, index) =>
        body.subarray(index * 65_536, (index + 1) * 65_536),
      );
    };
    expect(await read(event(1024 * 1024))).toHaveLength(2);
    await expect(read(event(3 * 1024 * 1024))).rejects.toMatchObject({ code: 'malformed_response' });
  });

  it('survives JSON nested to any depth', async () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    const body = `data: {"choices":[{"delta":{"content":"a"},"logprobs":${deep},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n`;
    const result = await read([Buffer.from(body)]).then(
      (events) => events.at(-1)?.type,
      (error: GatewayError) => error.code,
    );
    expect(['end', 'malformed_response']).toContain(result);
  });
});

describe('a call over HTTP', () => {
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

  const failureOf = async (
    timers?: Timers,
    of = providerSettings({ baseUrl: upstream.url }),
  ): Promise<GatewayError> => {
    const provider = openAiCompatibleDialect.create(of, http, timers);
    const request = { model: 'm', messages: [] };
    try {
      for await (const event of provider.stream(request, never)) expect(event.type).not.toBe('end');
    } catch (thrown) {
      if (thrown instanceof GatewayError) return thrown;
      throw thrown;
    }
    throw new Error('the call did not fail');
  };

  it('never shows the key, even when the upstream echoes it everywhere', async () => {
    const error = {
      code: CANARY,
      type: `bad_${CANARY}`,
      message: `key ${CANARY}`,
      metadata: { error_type: CANARY.slice(3, 12) },
    };
    for (const status of [200, 400, 401, 500]) {
      script = (response) => {
        response.writeHead(status, { 'x-request-id': CANARY, 'retry-after': CANARY });
        response.end(JSON.stringify({ error, message: CANARY }));
      };
      const failure = await failureOf();
      const printed = inspect(failure, { depth: 12, showHidden: true }) + JSON.stringify(failure);
      expect(printed).not.toContain(CANARY);
      expect(printed).not.toContain(CANARY.slice(3, 12));
    }
  });

  it("names the upstream's code, its status and what to do", async () => {
    script = (response) => {
      response.writeHead(401, { 'x-request-id': 'req-9' });
      response.end('{"error":{"code":"invalid_api_key","message":"Incorrect key sk-secret"}}');
    };
    const failure = await failureOf();
    expect(failure.message).toBe(
      'acme/m refused the key (HTTP 401, invalid_api_key). Check ACME_API_KEY, and that it belongs to the account system of ACME_BASE_URL; then ping the provider.',
    );
    expect(failure.detail).toEqual({
      phase: 'before_first_token',
      upstreamStatus: 401,
      upstreamRequestId: 'req-9',
    });
  });

  it('takes the pieces of a tool call for tokens, and thus their end for silence in the middle', async () => {
    const pieces = [{ index: 0, id: 'a', function: { name: 'look', arguments: '{' } }];
    script = (response) => {
      response.write(`data: ${JSON.stringify({ choices: [{ delta: { tool_calls: pieces } }] })}\n\n`);
    };
    const settings = providerSettings({ baseUrl: upstream.url, idleMs: 60, firstTokenMs: 3_000 });
    const failure = await failureOf(SYSTEM_TIMERS, settings);
    expect(failure).toMatchObject({
      code: 'timeout',
      detail: { phase: 'mid_answer', extra: { clock: 'idle' } },
    });
  });

  it('judges by the status when the error body is endless', async () => {
    script = (response) => {
      response.writeHead(429);
      const write = (): void => {
        if (!response.destroyed) response.write('x'.repeat(16_384), write);
      };
      write();
    };
    expect((await failureOf()).code).toBe('rate_limited');
    await upstream.requests.at(-1)!.closed;
  });

  it('judges by the status when the error body breaks off or stands still', async () => {
    script = (response) => {
      response.writeHead(503);
      response.write('{"error":', () => response.destroy());
    };
    expect((await failureOf()).code).toBe('overloaded');

    script = (response) => {
      response.writeHead(503, { 'retry-after': '3' });
      response.write('{"error":');
    };
    const hasty: Timers = {
      ...SYSTEM_TIMERS,
      setTimeout: (run, afterMs) => setTimeout(run, afterMs === 5_000 ? 30 : afterMs),
    };
    const failure = await failureOf(hasty);
    expect([failure.code, failure.detail.retryAfterMs]).toEqual(['overloaded', 3_000]);
    await upstream.requests.at(-1)!.closed;
  });
});
