import { ChatAnswer } from '@longhaul/contract';
import { chatKind } from './chat.kind';
import { CallRequest } from './kind';

const message = { role: 'user', content: 'Hello' };

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
  const result = chatKind.run(chatKind.parse(input), {
    call: (request) => {
      calls.push(request);
      return Promise.resolve({ ...whole, ...answer });
    },
    progress: (text) => void said.push(text),
  });
  return { result: await result, calls, said };
}

describe('a chat', () => {
  it('makes one call of its input, and gives its answer', async () => {
    const { calls, said, result } = await run(
      { messages: [message], system: 'Be brief.', temperature: 0 },
      {},
    );
    expect(calls).toEqual([
      { messages: [{ role: 'system', content: 'Be brief.' }, message], temperature: 0 },
    ]);
    expect(said).toHaveLength(1);
    expect(result).toMatchObject({ status: 'completed', output: { text: 'Hi' } });
  });

  it('takes a tool call without a word for an answer', async () => {
    const toolCalls = [{ id: 'c1', name: 'look', arguments: '{}' }];
    const { result } = await run(
      { messages: [message] },
      { text: '', toolCalls, finishReason: 'tool_calls' },
    );
    expect(result).toMatchObject({ status: 'completed', output: { finish_reason: 'tool_calls' } });
  });

  it.each([
    ['stop', 'empty_output'],
    ['unknown', 'empty_output'],
    ['tool_calls', 'empty_output'],
    ['length', 'output_starved'],
    ['content_filter', 'content_filtered'],
  ] as const)('never takes silence for an answer: %s gives %s', async (finishReason, code) => {
    await expect(run({ messages: [message] }, { text: ' \n', finishReason })).rejects.toMatchObject({ code });
  });
});
