import { ChatEvent, GatewayError } from '@longhaul/contract';
import fc from 'fast-check';
import { readReply, splitAt } from '../read-reply.fixtures';
import { providerSettings } from '../scripted-upstream.fixtures';
import { ollamaDialect } from './ollama.dialect';
import { ReplyReader } from './ollama/reply-reader';

const settings = providerSettings({ dialect: 'ollama' });
const request = { model: 'm', messages: [] };
const read = (pieces: readonly Buffer[], isCut = false): Promise<ChatEvent[]> =>
  readReply({ pieces, isCut }, (reply, call) => new ReplyReader(reply, { call, settings, request }).events());

const GOOD = [
  '\ufeff\r\n{"message":{"thinking":"Hm 🤔"},"done":false}\r\n\r\n',
  '{"message":{"content":"Grüße, 世界 🌍"},"done":false}\n',
  '{"message":{"tool_calls":[{"id":"a","function":{"name":"look","arguments":{"at":"Köln"}}}]},"done":false}\n',
  '{"message":{"content":""},"done":true,"done_reason":"stop","prompt_eval_count":3,"eval_count":2}\n',
].join('');
const bytes = Buffer.from(GOOD);
const cuts = fc.array(fc.nat(bytes.length - 1), { maxLength: 40 });

describe('a stream of lines of JSON', () => {
  it('gives the same events however its bytes are split', async () => {
    const whole = await read([bytes]);
    expect(whole).toEqual([
      { type: 'reasoning', text: 'Hm 🤔' },
      { type: 'text', text: 'Grüße, 世界 🌍' },
      { type: 'tool_call', call: { id: 'a', name: 'look', arguments: '{"at":"Köln"}' } },
      {
        ...{ type: 'end', finishReason: 'tool_calls', state: { thinking: 'Hm 🤔' } },
        usage: { freshInput: 3, cacheRead: 0, cacheWrite: 0, output: 2, reasoning: 0 },
      },
    ]);
    for (let at = 1; at < bytes.length; at++) expect(await read(splitAt(bytes, [at]))).toEqual(whole);
    await fc.assert(
      fc.asyncProperty(cuts, async (at) => {
        expect(await read(splitAt(bytes, at))).toEqual(whole);
      }),
      { numRuns: 100 },
    );
  });

  it('is never an answer when it breaks off before its last line is whole, cleanly or not', async () => {
    const end = bytes.lastIndexOf('}');
    await fc.assert(
      fc.asyncProperty(fc.nat(end), cuts, fc.boolean(), async (length, at, isCut) => {
        const part = bytes.subarray(0, length);
        const pieces = length === 0 ? [] : splitAt(part, at);
        await expect(read(pieces, isCut)).rejects.toMatchObject({
          code: expect.stringMatching(/^(stream_truncated|malformed_response)$/),
        });
      }),
      { numRuns: 200 },
    );
  });

  it('throws nothing but a GatewayError at any garbage', async () => {
    const line = (json: string): Buffer =>
      Buffer.from(`{"message":${json},"done":false}\n{"done":${json},"error":null,"eval_count":${json}}\n`);
    const call = (json: string): Buffer =>
      Buffer.from(`{"message":{"content":${json},"tool_calls":[${json}]},"done":true,"done_reason":${json}}`);
    const garbage = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.json().map(line),
      fc.json().map(call),
      fc.json().map((json) => Buffer.from(`{"error":${json}}\n`)),
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

  it('may hold a line of 1 MiB and none of 3 MiB, whether it ends or not', async () => {
    const last = '{"message":{"content":""},"done":true,"done_reason":"stop"}\n';
    const lineOf = (length: number, end: string): Buffer =>
      Buffer.from(`{"message":{"content":"${'x'.repeat(length)}"},"done":false}${end}`);
    const inPieces = (body: Buffer): Buffer[] =>
      splitAt(
        body,
        [...Array(40).keys()].map((at) => at * 65_536),
      );
    expect(await read(inPieces(lineOf(1024 * 1024, `\n${last}`)))).toHaveLength(2);
    for (const end of [`\n${last}`, '']) {
      await expect(read(inPieces(lineOf(3 * 1024 * 1024, end)))).rejects.toMatchObject({
        code: 'malformed_response',
      });
    }
  });

  it('survives bytes that are no UTF-8', async () => {
    const [start, end] = ['{"message":{"content":"a', '"},"done":true,"done_reason":"stop"}\n'];
    const body = Buffer.concat([Buffer.from(start), Buffer.of(0xff, 0xc3), Buffer.from(end)]);
    expect(await read([body])).toMatchObject([{ type: 'text', text: 'a\ufffd\ufffd' }, { type: 'end' }]);
  });
});

it('Ollama lists its models with their tags', () => {
  expect(ollamaDialect.models.path).toBe('/api/tags');
  expect(ollamaDialect.models.read({ models: [{ name: 'qwen3.5:latest', model: 'x' }] })).toEqual([
    'qwen3.5:latest',
  ]);
});
