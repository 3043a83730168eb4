import { ChatAnswer } from '@longhaul/contract';
import { parseChatInput } from './input';
import { ChatOutput, resultOf } from './output';

const CALL = { id: 'c1', name: 'look', arguments: '{"at":"it"}' };
const SHOWN = { id: 'c1', type: 'function', function: { name: 'look', arguments: '{"at":"it"}' } };
const answer = (more: Partial<ChatAnswer>): ChatAnswer => ({
  ...{ text: 'Hi', reasoning: null, finishReason: 'stop', usage: null, statedCostNanoUsd: null },
  ...{ toolCalls: [], state: null },
  ...more,
});
const outputOf = (more: Partial<ChatAnswer>): ChatOutput => resultOf(answer(more)).output as ChatOutput;

describe('the output of a chat', () => {
  it('is the flat text and the structured message, and reasoning only when there was some', () => {
    const output = { text: 'Hi', message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' };
    expect(resultOf(answer({ reasoning: '' }))).toEqual({ status: 'completed', output });
    expect(outputOf({ reasoning: 'Because.' })).toEqual({ ...output, reasoning: 'Because.' });
  });

  it('that is a tool call alone has no content, and is complete', () =>
    expect(resultOf(answer({ text: '', toolCalls: [CALL], finishReason: 'tool_calls' }))).toEqual({
      status: 'completed',
      output: {
        text: '',
        message: { role: 'assistant', content: null, tool_calls: [SHOWN] },
        tool_calls: [SHOWN],
        finish_reason: 'tool_calls',
      },
    }));

  it('keeps the words beside a call, and the state under the name of its provider', () =>
    expect(
      outputOf({ toolCalls: [CALL], state: { provider: 'glm', data: { thought: ['x', 1, null] } } }),
    ).toMatchObject({
      text: 'Hi',
      message: { content: 'Hi', state: { provider: 'glm', data: { thought: ['x', 1, null] } } },
    }));

  it.each([
    ['stop', 1, 'tool_calls'],
    ['unknown', 1, 'tool_calls'],
    ['tool_calls', 0, 'stop'],
    ['length', 1, 'length'],
    ['content_filter', 1, 'content_filter'],
    ['unknown', 0, 'unknown'],
  ] as const)('that ends with %s and %d calls is told as %s', (finishReason, calls, word) =>
    expect(outputOf({ finishReason, toolCalls: calls === 1 ? [CALL] : [] }).finish_reason).toBe(word),
  );

  it.each([
    ['length', 'max_output_tokens'],
    ['content_filter', 'content_filter'],
  ] as const)('is incomplete with its text after %s', (finishReason, reason) =>
    expect(resultOf(answer({ finishReason }))).toMatchObject({
      ...{ status: 'incomplete', reason },
      output: { text: 'Hi', finish_reason: finishReason },
    }),
  );

  it('holds nothing that the store cannot keep', () =>
    expect(
      outputOf({
        ...{ text: 'a\u0000b\ud800', reasoning: '\u0000' },
        toolCalls: [{ id: 'a\u0000', name: 'b\ud800', arguments: '{"c":"\u0000"}' }],
        state: { provider: 'glm', data: { 'd\u0000': [{ e: '\ud800' }] } },
      }),
    ).toMatchObject({
      ...{ text: 'a\uFFFDb\uFFFD', reasoning: '\uFFFD' },
      tool_calls: [{ id: 'a\uFFFD', function: { name: 'b\uFFFD', arguments: '{"c":"\uFFFD"}' } }],
      message: { state: { data: { 'd\uFFFD': [{ e: '\uFFFD' }] } } },
    }));

  it('has a message that goes back into the conversation as it is', () => {
    const state = { provider: 'glm', data: { thought: 'x' } };
    const { message } = outputOf({ text: '', toolCalls: [CALL], state });
    const messages = [message, { role: 'tool', tool_call_id: 'c1', content: 'found' }];
    expect(parseChatInput({ messages })).toEqual({ messages });
  });
});
