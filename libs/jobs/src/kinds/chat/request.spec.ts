import { answers, asks, format, image, PIXEL, tool, user } from './chat.fixtures';
import { parseChatInput } from './input';
import { requestOf } from './request';

const request = (input: object) => requestOf(parseChatInput({ messages: [user], ...input }));

describe('the request of a chat', () => {
  it('holds only what the caller set', () =>
    expect(request({ temperature: null })).toEqual({ messages: [user] }));

  it('has the system text first, and takes a developer for the system', () =>
    expect(
      request({ system: 'Be brief.', messages: [{ role: 'developer', content: 'x' }, user] }).messages,
    ).toEqual([{ role: 'system', content: 'Be brief.' }, { role: 'system', content: 'x' }, user]));

  it('tells an image that is there from one that is elsewhere', () =>
    expect(
      request({
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'Which?' },
              image('data:image/PNG;base64,iVBORw0KGgo='),
              image('https://a.example/b.png', { detail: 'low' }),
            ],
          },
        ],
      }).messages[0]?.content,
    ).toEqual([
      { type: 'text', text: 'Which?' },
      { type: 'image', image: { kind: 'base64', mediaType: 'image/png', data: PIXEL.split(',')[1] } },
      { type: 'image', image: { kind: 'url', url: 'https://a.example/b.png' }, detail: 'low' },
    ]));

  it('carries calls, their answers and the state, and nothing that is only ours', () => {
    const state = { provider: 'glm', data: { thought: 'x' } };
    const said = { role: 'assistant', content: 'a', refusal: null, reasoning_content: 'Hm.', tool_calls: [] };
    expect(request({ messages: [{ ...asks('c1'), state }, answers('c1'), said] }).messages).toEqual([
      { role: 'assistant', content: '', toolCalls: [{ id: 'c1', name: 'look', arguments: '{}' }], state },
      { role: 'tool', content: 'found', toolCallId: 'c1' },
      { role: 'assistant', content: 'a' },
    ]);
  });

  it('gives every tool a schema of an object', () =>
    expect(
      request({
        tools: [
          tool('a'),
          tool('b', { parameters: {}, description: '', strict: null }),
          tool('c', { parameters: { properties: { x: {} } }, description: 'C.', strict: true }),
        ],
      }).tools,
    ).toEqual([
      { name: 'a', parameters: { type: 'object', properties: {} } },
      { name: 'b', parameters: { type: 'object', properties: {} } },
      { name: 'c', parameters: { type: 'object', properties: { x: {} } }, description: 'C.', strict: true },
    ]));

  it.each([
    [{ tool_choice: 'required' }, { toolChoice: { kind: 'required' } }],
    [
      { tools: [tool('a', { parameters: { type: 'object' } })], tool_choice: tool('a') },
      {
        tools: [{ name: 'a', parameters: { type: 'object', properties: {} } }],
        toolChoice: { kind: 'named', name: 'a' },
      },
    ],
    [{ tools: [] }, {}],
    [{ response_format: { type: 'text' } }, {}],
    [{ response_format: { type: 'json_object' } }, { responseFormat: { kind: 'json_object' } }],
    [
      { response_format: format({ strict: true }) },
      { responseFormat: { kind: 'json_schema', name: 'a', schema: {}, strict: true } },
    ],
    [{ reasoning_effort: 'none' }, { reasoningEffort: 'none' }],
    [{ reasoning_effort: 'xhigh' }, { reasoningEffort: 'max' }],
    [
      { stop: 'a', top_p: 0.5 },
      { stop: ['a'], topP: 0.5 },
    ],
    [
      { stop: ['a', 'b'], max_output_tokens: 9 },
      { stop: ['a', 'b'], maxOutputTokens: 9 },
    ],
  ])('says %j in the words of the dialects', (input, said) =>
    expect(request(input)).toEqual({ messages: [user], ...said }),
  );
});
