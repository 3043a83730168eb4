import { ChatMessage } from '@longhaul/contract';
import { fit, HELLO, REQUEST } from './fitted-request.fixtures';

describe('messages', () => {
  const call = { id: 'c1', name: 'look', arguments: '{}' };
  const empty: readonly ChatMessage[] = [
    { role: 'user', content: '' },
    { role: 'system', content: ' \n\t' },
    { role: 'assistant', content: '', toolCalls: [] },
    { role: 'user', content: [] },
    { role: 'user', content: [{ type: 'text', text: ' ' }] },
  ];

  it('that say nothing are dropped, and counted', () => {
    expect(fit({ messages: [...empty, HELLO] })).toEqual({
      request: REQUEST,
      adjustments: ['5 empty messages were left out.'],
    });
    expect(fit({ messages: [HELLO, empty[0]!] }).adjustments).toEqual(['1 empty message was left out.']);
  });

  it('that say something otherwise than in text stay', () => {
    const messages: ChatMessage[] = [
      { role: 'user', content: [{ type: 'image', image: { kind: 'url', url: 'https://a.test/b.png' } }] },
      { role: 'assistant', content: '', toolCalls: [call] },
      { role: 'tool', content: '', toolCallId: 'c1' },
    ];
    expect(fit({ messages })).toEqual({ request: { ...REQUEST, messages }, adjustments: [] });
  });

  it('lose the parts that say nothing, silently', () => {
    const blank = { type: 'text' as const, text: ' ' };
    const said = { type: 'text' as const, text: 'Hello' };
    const messages: ChatMessage[] = [
      { role: 'user', content: [blank, said, blank] },
      { role: 'assistant', content: [blank], toolCalls: [call] },
    ];
    expect(fit({ messages })).toEqual({
      request: {
        ...REQUEST,
        messages: [
          { role: 'user', content: [said] },
          { ...messages[1], content: '' },
        ],
      },
      adjustments: [],
    });
  });

  it.each([
    ['all of which are empty', empty],
    [
      'with the result of a call that was never made',
      [HELLO, { role: 'tool', content: 'x', toolCallId: 'c1' }],
    ],
    [
      'with a result that names no call',
      [
        { role: 'assistant', content: '', toolCalls: [call] },
        { role: 'tool', content: 'x' },
      ],
    ],
    [
      'whose call comes after its result',
      [
        { role: 'tool', content: 'x', toolCallId: 'c1' },
        { role: 'assistant', content: '', toolCalls: [call] },
      ],
    ],
    [
      'whose call was dropped with an empty message',
      [
        HELLO,
        { role: 'assistant', content: '', toolCalls: [] },
        { role: 'tool', content: 'x', toolCallId: 'c1' },
      ],
    ],
  ] as const)('%s are refused before anything is sent', (_, messages) => {
    expect(() => fit({ messages })).toThrow(
      expect.objectContaining({ code: 'rejected_request', detail: { phase: 'before_send' } }),
    );
  });
});
