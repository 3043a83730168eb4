import { ChatMessage, ContentPart, ImageSource } from '@longhaul/contract';
import { CALL, HI, NEW, OLD, sent } from './request.fixtures';

const SKIP = 'skip_thought_signature_validator';
const user = (...parts: unknown[]) => ({ role: 'user', parts });
const model = (...parts: unknown[]) => ({ role: 'model', parts });
const text = (said: string) => ({ text: said });
const image = (source: ImageSource): ContentPart => ({ type: 'image', image: source });
const PIXEL = image({ kind: 'base64', mediaType: 'image/png', data: 'AAAA' });

const said = (messages: readonly ChatMessage[], id = OLD) => {
  const { body, adjustments } = sent({ model: id, messages });
  return { system: body['systemInstruction'], contents: body['contents'], adjustments };
};
const step = (changes: Partial<ChatMessage> = {}): ChatMessage => ({
  ...{ role: 'assistant', content: '', toolCalls: [CALL] },
  ...changes,
});
const result = (toolCallId: string, content: ChatMessage['content'] = 'blue'): ChatMessage => ({
  ...{ role: 'tool', content, toolCallId },
});
const called = (id: string, args: unknown = { at: 'sky' }) => ({ functionCall: { id, name: 'look', args } });
const answered = (id: string, output = 'blue') => ({
  functionResponse: { id, name: 'look', response: { output } },
});

describe('the system', () => {
  it('has a place of its own, several as parts of it', () => {
    const more = [{ type: 'text' as const, text: 'In JSON.' }];
    expect(said([{ role: 'system', content: 'Be brief.' }, { role: 'system', content: more }, HI])).toEqual({
      system: { parts: [text('Be brief.'), text('In JSON.')] },
      contents: [user(text('Hi'))],
      adjustments: [],
    });
  });

  it('is moved there from later on, and this is said', () => {
    const { system, contents, adjustments } = said([HI, { role: 'system', content: 'Be brief.' }]);
    expect([system, contents]).toEqual([{ parts: [text('Be brief.')] }, [user(text('Hi'))]]);
    expect(adjustments).toEqual([expect.stringContaining('moved to its start')]);
  });

  it('becomes the user where there is none', () => {
    expect(said([{ role: 'system', content: 'Say hello.' }])).toEqual({
      system: undefined,
      contents: [user(text('Say hello.'))],
      adjustments: [expect.stringContaining('sent as the user')],
    });
  });

  it('has no images, and this is said', () => {
    const { system, adjustments } = said([
      { role: 'system', content: [PIXEL, { type: 'text', text: 'See.' }] },
      HI,
    ]);
    expect([system, adjustments]).toEqual([
      { parts: [text('See.')] },
      [expect.stringContaining('1 image of a system message was left out')],
    ]);
  });
});

describe('images', () => {
  it('go out as they are, or by their URL with the type that it tells', () => {
    const url = (end: string) => image({ kind: 'url', url: `https://a.example/${end}` });
    const content = [PIXEL, url('b.PNG'), url('c.jpg?x=1'), { type: 'text' as const, text: 'Compare.' }];
    expect(said([{ role: 'user', content }])).toMatchObject({
      contents: [
        user(
          { inlineData: { mimeType: 'image/png', data: 'AAAA' } },
          { fileData: { mimeType: 'image/png', fileUri: 'https://a.example/b.PNG' } },
          { fileData: { mimeType: 'image/jpeg', fileUri: 'https://a.example/c.jpg?x=1' } },
          text('Compare.'),
        ),
      ],
      adjustments: [],
    });
  });

  it.each(['https://a.example/image', 'https://a.example/b.gif', 'https://a.example/x?f=b.png', 'b.png'])(
    'go out without a type where the URL %s does not tell it, and this is said without the URL',
    (url) => {
      const { contents, adjustments } = said([{ role: 'user', content: [image({ kind: 'url', url })] }]);
      expect(contents).toEqual([user({ fileData: { fileUri: url } })]);
      expect(adjustments).toEqual([expect.stringContaining('1 image URL went out without a media type')]);
      expect(adjustments.join()).not.toContain(url);
    },
  );
});

describe('calls and their results', () => {
  it('belong together by id, and the name of a result is that of its call', () => {
    expect(said([HI, step({ content: 'Wait.' }), result('call_1')])).toEqual({
      system: undefined,
      contents: [user(text('Hi')), model(text('Wait.'), called('call_1')), user(answered('call_1'))],
      adjustments: [],
    });
  });

  it('come after a user: a first turn is added where the conversation begins with one', () => {
    const { contents, adjustments } = said([step(), result('call_1')]);
    expect(contents).toEqual([
      user(text(expect.stringContaining('begins') as string)),
      model(called('call_1')),
      user(answered('call_1')),
    ]);
    expect(adjustments).toEqual([expect.stringContaining('first user message')]);
  });

  it('of one turn are answered in one turn, in the order of the calls', () => {
    const calls = [CALL, { ...CALL, id: 'call_2' }];
    const messages = [HI, step({ toolCalls: calls }), result('call_2', 'two'), result('call_1', 'one'), HI];
    expect(said(messages).contents).toEqual([
      user(text('Hi')),
      model(called('call_1'), called('call_2')),
      user(answered('call_1', 'one'), answered('call_2', 'two')),
      user(text('Hi')),
    ]);
  });

  it('of two turns stay two turns', () => {
    const second = step({ toolCalls: [{ ...CALL, id: 'call_2' }] });
    const roles = (
      said([HI, step(), result('call_1'), second, result('call_2')]).contents as { role: string }[]
    )
      .map(({ role }) => role)
      .join(' ');
    expect(roles).toBe('user model user model user');
  });

  it('may be images, which stand behind all results', () => {
    const content: ContentPart[] = [{ type: 'text', text: 'See.' }, PIXEL];
    expect(said([HI, step(), result('call_1', content)]).contents).toMatchObject([
      {},
      {},
      user(answered('call_1', 'See.'), { inlineData: { mimeType: 'image/png', data: 'AAAA' } }),
    ]);
  });

  it.each([
    ['', {}, []],
    [' {} ', {}, []],
    ['[1]', {}, [expect.stringContaining('1 tool call went out without arguments')]],
    ['{"at":', {}, [expect.stringContaining('1 tool call went out without arguments')]],
  ])('have the arguments %j as %j', (text, args, adjustments) => {
    const call = step({ toolCalls: [{ ...CALL, arguments: text }] });
    const heard = said([HI, call, result('call_1')]);
    expect([heard.contents, heard.adjustments]).toEqual([
      [user({ text: 'Hi' }), model(called('call_1', args)), user(answered('call_1'))],
      adjustments,
    ]);
  });

  it('that the model did not sign are marked for models that insist on it, the first of each turn', () => {
    const calls = [CALL, { ...CALL, id: 'call_2' }];
    expect(said([HI, step({ toolCalls: calls }), result('call_1')], NEW).contents).toMatchObject([
      {},
      model({ ...called('call_1'), thoughtSignature: SKIP }, called('call_2')),
      {},
    ]);
    expect(JSON.stringify(said([HI, step({ toolCalls: calls }), result('call_1')], OLD))).not.toContain(SKIP);
  });
});
