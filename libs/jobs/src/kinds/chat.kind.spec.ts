import { ChatAnswer, GatewayError } from '@longhaul/contract';
import { chatKind } from './chat.kind';
import { CallRequest } from './kind';

const message = { role: 'user', content: 'Hello' };
const parse = (input: unknown) => chatKind.parse(input);

function faultsOf(input: unknown): string[] {
  try {
    parse(input);
  } catch (thrown) {
    return (GatewayError.from(thrown).detail.faults ?? []).map((fault) => `${fault.pointer} ${fault.detail}`);
  }
  throw new Error('The input was accepted.');
}

async function run(input: unknown, answer: Partial<ChatAnswer>) {
  const calls: CallRequest[] = [];
  const said: string[] = [];
  const whole = {
    text: 'Hi',
    reasoning: null,
    finishReason: 'stop' as const,
    usage: null,
    statedCostNanoUsd: null,
    toolCalls: [],
    state: null,
  };
  const result = chatKind.run(parse(input), {
    call: (request) => {
      calls.push(request);
      return Promise.resolve({ ...whole, ...answer });
    },
    progress: (text) => void said.push(text),
  });
  return { result: await result, calls, said };
}

describe('chat input', () => {
  it('takes messages, system, max_output_tokens and temperature', () => {
    const input = { messages: [message], system: 'Be brief.', max_output_tokens: 10, temperature: 0 };
    expect(parse(input)).toEqual(input);
  });

  it.each([
    [undefined, '/input must be an object.'],
    [{}, '/input/messages is required; it must be a list of 1 to 10000 objects.'],
    [{ messages: [] }, '/input/messages must be a list of 1 to 10000 objects.'],
    [
      { messages: [{ role: 'wizard', content: 'x' }] },
      '/input/messages/0/role must be one of system, user, assistant.',
    ],
    [{ messages: [message], temperature: 2.1 }, '/input/temperature must be a number from 0 to 2.'],
    [
      { messages: [message], max_output_tokens: 0 },
      '/input/max_output_tokens must be a whole number from 1 to 1000000.',
    ],
    [
      { messages: [message], max_output_tokens: 1.5 },
      '/input/max_output_tokens must be a whole number from 1 to 1000000.',
    ],
  ])('refuses %j', (input, fault) => expect(faultsOf(input)).toEqual([fault]));

  it.each(['', 'a\u0000', '\ud800', 5, null, [{ type: 'text', text: 'x' }]])(
    'refuses the content %j',
    (content) =>
      expect(faultsOf({ messages: [message, { role: 'user', content }] })[0]).toMatch(
        /^\/input\/messages\/1\/content must be text .*; a list of parts is not taken\.$/,
      ),
  );
});

describe('chat need', () => {
  it('estimates system and messages, and takes 4096 for the output when none is given', () => {
    const short = chatKind.need(parse({ messages: [message] }));
    const long = chatKind.need(parse({ messages: [message], system: 'x'.repeat(330), max_output_tokens: 7 }));
    expect(short).toEqual({ type: 'chat', inputTokens: 10, outputTokens: 4096, capabilities: [] });
    expect(long.inputTokens).toBe(10 + 100 + 8);
    expect(long.outputTokens).toBe(7);
  });
});

describe('chat run', () => {
  it('sends the system text first and only what the caller set', async () => {
    const { calls, said } = await run({ messages: [message], system: 'Be brief.', temperature: 0 }, {});
    expect(calls).toEqual([
      { messages: [{ role: 'system', content: 'Be brief.' }, message], temperature: 0 },
    ]);
    expect(said).toHaveLength(1);
    expect((await run({ messages: [message], system: null, max_output_tokens: 9 }, {})).calls).toEqual([
      { messages: [message], maxOutputTokens: 9 },
    ]);
  });

  it('gives the flat text and the structured message, and reasoning only when there was some', async () => {
    const output = { text: 'Hi', message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' };
    expect((await run({ messages: [message] }, {})).result).toEqual({ status: 'completed', output });
    const { result } = await run({ messages: [message] }, { reasoning: 'Because.' });
    expect(result.output).toEqual({ ...output, reasoning: 'Because.' });
  });

  it.each([
    ['length', 'max_output_tokens'],
    ['content_filter', 'content_filter'],
  ] as const)('ends as incomplete with its text after %s', async (finishReason, reason) => {
    const { result } = await run({ messages: [message] }, { finishReason });
    expect(result).toMatchObject({
      status: 'incomplete',
      reason,
      output: { text: 'Hi', finish_reason: finishReason },
    });
  });

  it.each([
    ['stop', 'empty_output'],
    ['unknown', 'empty_output'],
    ['length', 'output_starved'],
    ['content_filter', 'content_filtered'],
  ] as const)('never takes silence for an answer: %s gives %s', async (finishReason, code) => {
    await expect(run({ messages: [message] }, { text: ' \n', finishReason })).rejects.toMatchObject({ code });
  });

  it('replaces what the store cannot keep', async () => {
    const { result } = await run({ messages: [message] }, { text: 'a\u0000b\ud800', reasoning: '\u0000' });
    expect(result.output).toMatchObject({ text: 'a\uFFFDb\uFFFD', reasoning: '\uFFFD' });
  });
});
