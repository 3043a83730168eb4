import { ChatMessage, ChatRequest } from '@longhaul/contract';
import { CALL, HI, sent, traits } from './request.fixtures';

const text = (said: string) => ({ type: 'text', text: said });
const said = (...messages: ChatMessage[]) => {
  const { body, adjustments } = sent({ messages });
  return { system: body['system'], messages: body['messages'], adjustments };
};
const step = (changes: Partial<ChatMessage> = {}): ChatMessage => ({
  role: 'assistant',
  content: '',
  toolCalls: [CALL],
  ...changes,
});
const result = (toolCallId: string, content: ChatMessage['content'] = 'blue'): ChatMessage => ({
  role: 'tool',
  content,
  toolCallId,
});
const USE = { type: 'tool_use', id: 'toolu_1', name: 'look', input: { at: 'sky' } };

describe('the system', () => {
  it('stands at the top, several as one', () => {
    const parts = [{ type: 'text' as const, text: 'In JSON.' }];
    expect(said({ role: 'system', content: 'Be brief.' }, { role: 'system', content: parts }, HI)).toEqual({
      system: 'Be brief.\n\nIn JSON.',
      messages: [{ role: 'user', content: [text('Hi')] }],
      adjustments: [],
    });
  });

  it('is moved there from later on, and this is said', () => {
    const { system, adjustments } = said(HI, { role: 'system', content: 'Be brief.' });
    expect([system, adjustments]).toEqual(['Be brief.', [expect.stringContaining('moved to the top')]]);
  });

  it('has no images, and this is said', () => {
    const image = { type: 'image' as const, image: { kind: 'url' as const, url: 'https://a.example/b.png' } };
    const { system, adjustments } = said(
      { role: 'system', content: [image, { type: 'text', text: 'See.' }] },
      HI,
    );
    expect([system, adjustments]).toEqual(['See.', [expect.stringContaining('image of a system message')]]);
  });

  it('becomes the user where there is none', () => {
    expect(said({ role: 'system', content: 'Say hello.' })).toEqual({
      system: undefined,
      messages: [{ role: 'user', content: [text('Say hello.')] }],
      adjustments: [expect.stringContaining('sent as the user')],
    });
  });
});

describe('the turns', () => {
  it('do not end in white space of the assistant, which is refused', () => {
    const begun: ChatMessage = { role: 'assistant', content: 'The sky \n' };
    expect(said(HI, begun).messages).toEqual([
      { role: 'user', content: [text('Hi')] },
      { role: 'assistant', content: [text('The sky')] },
    ]);
    expect(said(HI, begun, HI).messages).toContainEqual({
      role: 'assistant',
      content: [text('The sky \n')],
    });
  });

  it('end with a question where a model takes no answer that has begun', () => {
    const messages: ChatMessage[] = [HI, { role: 'assistant', content: 'The sky' }];
    const ends = (changes: Partial<ChatRequest>) => {
      const { body, adjustments } = sent({ messages, ...changes });
      return [(body['messages'] as { role: string }[]).map(({ role }) => role), adjustments];
    };
    const asked = [['user', 'assistant', 'user'], [expect.stringContaining('a request to go on')]];
    const asItIs = [['user', 'assistant'], []];
    const budget = traits({ reasoningControl: 'budget' });
    expect(ends({ traits: traits({ reasoningControl: 'effort' }) })).toEqual(asked);
    expect(ends({ traits: budget, reasoningEffort: 'low', maxOutputTokens: 9_000 })).toEqual(asked);
    expect(ends({ traits: budget })).toEqual(asItIs);
    expect(ends({ model: 'claude-opus-6' })).toEqual(asked);
    const called = { messages: [HI, step()], traits: traits({ reasoningControl: 'effort' }) };
    expect(ends(called)).toEqual(asItIs);
  });

  it('begin with a user', () => {
    const { messages, adjustments } = said({ role: 'assistant', content: 'Welcome.' }, HI);
    expect(messages).toEqual([
      { role: 'user', content: [text(expect.any(String) as string)] },
      { role: 'assistant', content: [text('Welcome.')] },
      { role: 'user', content: [text('Hi')] },
    ]);
    expect(adjustments).toEqual([expect.stringContaining('first user message')]);
  });

  it('of one role after another are one', () => {
    expect(
      said(HI, HI, { role: 'assistant', content: 'A' }, { role: 'assistant', content: 'B' }, HI).messages,
    ).toEqual([
      { role: 'user', content: [text('Hi'), text('Hi')] },
      { role: 'assistant', content: [text('A'), text('B')] },
      { role: 'user', content: [text('Hi')] },
    ]);
  });

  it('show images, by their address or their bytes', () => {
    const images: ChatMessage = {
      role: 'user',
      content: [
        { type: 'text', text: 'Compare.' },
        { type: 'image', image: { kind: 'url', url: 'https://a.example/b.png' } },
        { type: 'image', image: { kind: 'base64', mediaType: 'image/png', data: 'iVBO' } },
      ],
    };
    expect(said(images).messages).toEqual([
      {
        role: 'user',
        content: [
          text('Compare.'),
          { type: 'image', source: { type: 'url', url: 'https://a.example/b.png' } },
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBO' } },
        ],
      },
    ]);
  });

  it('have all results of one step in one message, before what the user adds', () => {
    const calls = [CALL, { ...CALL, id: 'toolu_2', arguments: '' }];
    expect(
      said(HI, step({ content: 'Looking.', toolCalls: calls }), result('toolu_1'), result('toolu_2', ''), HI)
        .messages,
    ).toEqual([
      { role: 'user', content: [text('Hi')] },
      { role: 'assistant', content: [text('Looking.'), USE, { ...USE, id: 'toolu_2', input: {} }] },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'toolu_1', content: [text('blue')] },
          { type: 'tool_result', tool_use_id: 'toolu_2' },
          text('Hi'),
        ],
      },
    ]);
  });

  it.each([
    ['{zone: UTC}', { arguments: '{zone: UTC}' }],
    ['[1]', { arguments: '[1]' }],
    ['null', { arguments: 'null' }],
    [' ', {}],
  ])('have an object for arguments, whatever another model wrote: %s', (written, input) => {
    const toolCalls = [{ ...CALL, arguments: written }];
    expect(said(HI, step({ toolCalls }), result('toolu_1')).messages).toMatchObject({
      1: { content: [{ input }] },
    });
  });

  it('have ids of calls that the API takes, the same in call and result, and different where they differed', () => {
    const ids = ['functions.look:0', 'functions.look_0', 'functions look:0'];
    const { messages } = said(
      HI,
      step({ toolCalls: ids.map((id) => ({ ...CALL, id })) }),
      ...ids.map((id) => result(id)),
    );
    const [, asked, told] = messages as { content: { id?: string; tool_use_id?: string }[] }[];
    const sentIds = asked!.content.map(({ id }) => id);
    expect(told!.content.map((block) => block.tool_use_id)).toEqual(sentIds);
    expect(new Set(sentIds).size).toBe(3);
    for (const id of sentIds) expect(id).toMatch(/^[a-zA-Z0-9_-]+$/);
  });
});

describe('thoughts', () => {
  const thought = { type: 'thinking', thinking: '', signature: 'S1' };
  const hidden = { type: 'redacted_thinking', data: 'D' };
  const own = (blocks: readonly unknown[], model = 'm') => ({
    provider: 'anthropic',
    data: { model, blocks },
  });
  const contentOf = (message: ChatMessage): unknown =>
    (said(HI, message, result(message.toolCalls![0]!.id)).messages as { content: unknown }[])[1]!.content;

  it('come back unchanged, where they stood', () => {
    const blocks = [thought, { type: 'text', length: 3 }, hidden, { type: 'tool_use', id: 'toolu_1' }];
    expect(contentOf(step({ content: 'So.', state: own(blocks) }))).toEqual([
      thought,
      text('So.'),
      hidden,
      USE,
    ]);
  });

  it('split the text as it was split', () => {
    const blocks = [
      { type: 'text', length: 2 },
      thought,
      { type: 'text', length: 3 },
      { type: 'tool_use', id: 'toolu_1' },
    ];
    expect(contentOf(step({ content: 'So. \n', state: own(blocks) }))).toEqual([
      text('So'),
      thought,
      text('. \n'),
      USE,
    ]);
  });

  it.each([
    ['its text', { content: 'Edited.' }, [text('Edited.'), USE]],
    [
      'its calls',
      { content: 'So.', toolCalls: [{ ...CALL, id: 'toolu_9' }] },
      [text('So.'), { ...USE, id: 'toolu_9' }],
    ],
  ])('come first in a message that lost %s since', (_, changes, rest) => {
    const blocks = [thought, { type: 'text', length: 3 }, { type: 'tool_use', id: 'toolu_1' }];
    expect(contentOf(step({ ...changes, state: own(blocks) }))).toEqual([thought, ...rest]);
  });

  it.each([
    ['of another model', own([thought], 'n')],
    [
      'that are none',
      own([null, 'x', { type: 'thinking' }, { type: 'redacted_thinking', data: 1 }, { type: 'text' }]),
    ],
    ['without blocks', { provider: 'anthropic', data: { model: 'm' } }],
    ['without anything', { provider: 'anthropic', data: {} }],
  ])('%s stay behind', (_, state) => {
    expect(contentOf(step({ content: 'So.', state }))).toEqual([text('So.'), USE]);
  });

  it('carry nothing along that is no thought', () => {
    const blocks = [
      { ...thought, cache_control: { type: 'ephemeral' } },
      { type: 'tool_use', id: 'toolu_1' },
    ];
    expect(contentOf(step({ state: own(blocks) }))).toEqual([thought, USE]);
  });
});
