import { ChatEvent, GatewayError } from '@longhaul/contract';
import fc from 'fast-check';
import { readReply, splitAt } from '../../read-reply.fixtures';
import { providerSettings } from '../../scripted-upstream.fixtures';
import { ReplyReader } from './reply-reader';

const settings = providerSettings();
const read = (pieces: readonly Buffer[], isCut = false): Promise<ChatEvent[]> =>
  readReply({ pieces, isCut }, (reply, call) =>
    new ReplyReader(reply, { call, settings, model: 'm' }).events(),
  );
const event = (type: string, members: object = {}): string =>
  `event: ${type}\r\ndata: ${JSON.stringify({ type, ...members })}\r\n\r\n`;
const block = (index: number, opening: object, ...deltas: readonly object[]): string =>
  event('content_block_start', { index, content_block: opening }) +
  deltas.map((delta) => event('content_block_delta', { index, delta })).join('') +
  event('content_block_stop', { index });

const GOOD =
  event('message_start', { message: { usage: { input_tokens: 3, output_tokens: 1 } } }) +
  event('ping') +
  block(
    0,
    { type: 'thinking', thinking: '', signature: '' },
    { type: 'thinking_delta', thinking: 'Hm 🤔' },
    { type: 'signature_delta', signature: 'S' },
  ) +
  block(
    1,
    { type: 'text', text: '' },
    { type: 'text_delta', text: 'Grüße, ' },
    { type: 'text_delta', text: '世界 🌍' },
  ) +
  block(
    2,
    { type: 'tool_use', id: 't', name: 'look', input: {} },
    { type: 'input_json_delta', partial_json: '{"at":' },
    { type: 'input_json_delta', partial_json: '"Köln"}' },
  ) +
  event('message_delta', { delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 2 } });
const CLOSING = event('message_stop');

describe('a stream of messages', () => {
  const bytes = Buffer.from(GOOD + CLOSING);
  const cuts = fc.array(fc.nat(bytes.length - 1), { maxLength: 40 });

  it('gives the same events however its bytes are split', async () => {
    const whole = await read([bytes]);
    expect(whole.map(({ type }) => type)).toEqual(['reasoning', 'text', 'text', 'tool_call', 'end']);
    expect(whole.map((piece) => ('text' in piece ? piece.text : '')).join('')).toBe('Hm 🤔Grüße, 世界 🌍');
    expect(whole[3]).toEqual({
      type: 'tool_call',
      call: { id: 't', name: 'look', arguments: '{"at":"Köln"}' },
    });
    await fc.assert(
      fc.asyncProperty(cuts, async (at) => {
        expect(await read(splitAt(bytes, at))).toEqual(whole);
      }),
      { numRuns: 300 },
    );
  });

  it('is never an answer when it breaks off before message_stop, cleanly or not', async () => {
    const end = Buffer.byteLength(GOOD);
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

  it('throws nothing but a GatewayError at any garbage, wherever it stands', async () => {
    const json = fc.jsonValue({ maxDepth: 3 });
    const anywhere = fc.constantFrom('message', 'index', 'content_block', 'delta', 'usage', 'error');
    const type = fc.constantFrom(
      ...[
        'message_start',
        'content_block_start',
        'content_block_delta',
        'content_block_stop',
        'message_delta',
      ],
    );
    const inner = fc.constantFrom('text', 'thinking', 'tool_use', 'text_delta', 'input_json_delta', 'x');
    const members = fc.dictionary(
      anywhere,
      fc.oneof(json, fc.record({ type: inner, text: json, id: json, name: json })),
    );
    const stream = fc.array(fc.tuple(type, members), { maxLength: 6 });
    const garbage = fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map((noise) => Buffer.from(noise)),
      stream.map((events) =>
        Buffer.from(events.map(([name, with_]) => event(name, with_)).join('') + CLOSING),
      ),
      json.map((content) => Buffer.from(JSON.stringify({ type: 'message', content, usage: content }))),
      json.map((error) => Buffer.from(JSON.stringify({ type: 'error', error }))),
    );
    await fc.assert(
      fc.asyncProperty(garbage, async (body) => {
        const thrown: unknown = await read([body]).then(
          () => null,
          (error: unknown) => error,
        );
        if (thrown === null) return;
        expect(thrown).toBeInstanceOf(GatewayError);
        expect((thrown as GatewayError).code).not.toBe('internal');
      }),
      { numRuns: 1_000 },
    );
  });
});
