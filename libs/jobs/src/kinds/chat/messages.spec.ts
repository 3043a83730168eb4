import { answers, asks, call, faultsOf, image, nested, PIXEL, TEXT, user } from './chat.fixtures';

const CONTENT = `must be text ${TEXT}, or a list of 1 to 10000 parts.`;
const EMPTY = 'must be text of at least 1 characters, or a list of parts.';
const URL_RULE =
  'must be an http or https URL of at most 8192 characters, or a data: URL of an image in base64, e.g. data:image/png;base64,iVBORw0...';
const STATE = `must be an object nested at most 50 levels deep, of at most 4000000 characters, ${TEXT}.`;

describe.each<[string, [unknown, ...string[]][]]>([
  [
    'a message',
    [
      [{ role: 'wizard', content: 'x' }, '/role must be one of system, developer, user, assistant, tool.'],
      [{ role: 'user' }, `/content is required; it ${EMPTY}`],
      [{ role: 'user', content: null }, `/content ${EMPTY}`],
      [{ role: 'user', content: '' }, `/content ${EMPTY}`],
      [{ role: 'assistant', content: null }, `/content ${EMPTY}`],
      [{ role: 'assistant', content: '', tool_calls: [] }, `/content ${EMPTY}`],
      [
        { role: 'tool', tool_call_id: 'x' },
        `/content is required; it ${EMPTY}`,
        '/tool_call_id must be the id of a tool call of an earlier assistant message.',
      ],
      [{ role: 'user', content: 5 }, `/content ${CONTENT}`],
      [{ role: 'user', content: 'a\u0000' }, `/content ${CONTENT}`],
      [{ role: 'user', content: '\ud800' }, `/content ${CONTENT}`],
      [{ role: 'user', content: [] }, `/content ${CONTENT}`],
      [{ role: 'user', content: {} }, `/content ${CONTENT}`],
      [{ role: 'user', content: ['x'] }, '/content/0 must be an object.'],
      [
        { ...user, name: 'ada' },
        '/name is not a known field; the fields allowed here are role, content, tool_calls, tool_call_id, state, refusal, reasoning_content.',
      ],
      [{ ...user, tool_calls: [call('a')] }, '/tool_calls is a field of assistant messages only.'],
      [{ ...user, state: { provider: 'glm', data: {} } }, '/state is a field of assistant messages only.'],
      [{ ...user, refusal: 'no' }, '/refusal is a field of assistant messages only.'],
      [{ ...user, tool_call_id: 'a' }, '/tool_call_id is a field of tool messages only.'],
      [
        { role: 'tool', content: 'x' },
        '/tool_call_id is required; it must be the id of the call that this tool message answers.',
      ],
    ],
  ],
  [
    'a part',
    [
      [{ role: 'user', content: [{ type: 'video' }] }, '/content/0/type must be one of text, image_url.'],
      [
        { role: 'user', content: [{ type: 'text' }] },
        '/content/0/text is required in a part of the type text.',
      ],
      [
        { role: 'user', content: [{ type: 'text', text: '' }] },
        `/content/0/text must be text of at least 1 characters, ${TEXT}.`,
      ],
      [
        { role: 'user', content: [{ type: 'image_url' }] },
        '/content/0/image_url is required in a part of the type image_url.',
      ],
      [
        { role: 'user', content: [{ ...image(PIXEL), text: 'x' }] },
        '/content/0/text is not a field of a part of the type image_url.',
      ],
      [
        { role: 'user', content: [{ type: 'image_url', image_url: PIXEL }] },
        '/content/0/image_url must be an object.',
      ],
      [
        { role: 'user', content: [image(PIXEL, { detail: 'ultra' })] },
        '/content/0/image_url/detail must be one of auto, low, high.',
      ],
      [
        { role: 'system', content: [image(PIXEL)] },
        '/content/0/type must be text: images stand in user messages only.',
      ],
      ...[
        ...['', 'ftp://a.example/x.png', 'file:///etc/passwd', 'https://', 'http://a b/', '//a.example/x', 5],
        ...[
          'https://ada:secret@a.example/x.png',
          `https://a.example/${'x'.repeat(8192)}`,
          'javascript:alert(1)',
        ],
        ...[
          'data:text/html;base64,aGk=',
          'data:image/png,abcd',
          'data:image/png;base64,',
          'data:image/png;base64,====',
        ],
        ...['data:image/png;base64,abc', 'data:image/png;base64,ab!d', 'data:image/png;base64,ab=d'],
      ].map((url): [unknown, string] => [
        { role: 'user', content: [image(url)] },
        `/content/0/image_url/url ${URL_RULE}`,
      ]),
    ],
  ],
  [
    'a tool call',
    [
      [
        { role: 'assistant', tool_calls: [{ ...call('a'), type: 'code' }] },
        '/tool_calls/0/type must be one of function.',
      ],
      [
        { role: 'assistant', tool_calls: [call('')] },
        `/tool_calls/0/id must be text of 1 to 512 characters, ${TEXT}.`,
      ],
      [
        {
          role: 'assistant',
          tool_calls: [{ id: 'a', type: 'function', function: { name: 'x', arguments: {} } }],
        },
        `/tool_calls/0/function/arguments must be text of at least 0 characters, ${TEXT}.`,
      ],
      [
        { role: 'assistant', tool_calls: [{ id: 'a', type: 'function' }] },
        '/tool_calls/0/function is required; it must be an object.',
      ],
      [
        asks('a', 'b', 'a'),
        '/tool_calls/2/id must be unique in its message, but /input/messages/0/tool_calls/0/id is the same.',
      ],
    ],
  ],
  [
    'a state',
    [
      [{ ...asks('a'), state: { provider: 'glm' } }, `/state/data is required; it ${STATE}`],
      [{ ...asks('a'), state: { provider: 'glm', data: [] } }, `/state/data ${STATE}`],
      [{ ...asks('a'), state: { provider: 'glm', data: { a: '\u0000' } } }, `/state/data ${STATE}`],
      [{ ...asks('a'), state: { provider: 'glm', data: { '\ud800': 1 } } }, `/state/data ${STATE}`],
      [
        { ...asks('a'), state: { provider: 'glm', data: { a: 'x'.repeat(4_000_000) } } },
        `/state/data ${STATE}`,
      ],
      [{ ...asks('a'), state: { provider: 'glm', data: nested(100_000) } }, `/state/data ${STATE}`],
      [
        { ...asks('a'), state: { data: {} } },
        `/state/provider is required; it must be text of 1 to 64 characters, ${TEXT}.`,
      ],
    ],
  ],
])('%s that is wrong', (_, cases) => {
  it.each(cases)('is refused at its place: %#', (message, ...faults) =>
    expect(faultsOf({ messages: [message] })).toEqual(faults.map((fault) => `/input/messages/0${fault}`)),
  );
});

describe('an answer of a tool', () => {
  const EARLIER = 'must be the id of a tool call of an earlier assistant message.';
  it.each([
    ['comes before its call', [answers('a'), asks('a')], `/0/tool_call_id ${EARLIER}`],
    ['answers nothing', [asks('a'), answers('b')], `/1/tool_call_id ${EARLIER}`],
    [
      'is the second',
      [asks('a', 'b'), answers('a'), answers('b'), answers('a')],
      '/3/tool_call_id must be of a call without an answer; /input/messages/1 has answered it.',
    ],
  ])('is refused when it %s', (_, messages, fault) =>
    expect(faultsOf({ messages })).toEqual([`/input/messages${fault}`]),
  );
});

describe('a long chat', () => {
  it('is refused when its parts are too many together', () => {
    const part = { type: 'text', text: 'x' };
    const messages = [6000, 4001].map((length) => ({
      role: 'user',
      content: Array<object>(length).fill(part),
    }));
    expect(faultsOf({ messages })).toEqual([
      '/input/messages must hold at most 10000 parts in all messages together.',
    ]);
  });

  it('is refused when its tool calls are too many together', () => {
    const messages = Array.from({ length: 6 }, () => asks(...Array.from({ length: 834 }, (_, n) => `c${n}`)));
    expect(faultsOf({ messages })).toEqual([
      '/input/messages must hold at most 5000 tool calls in all messages together.',
    ]);
  });

  it('is counted before anything in it is looked at', () => {
    let looks = 0;
    const get = (target: object, name: string | symbol): unknown => {
      if (typeof name === 'string' && /^\d+$/.test(name)) looks++;
      return Reflect.get(target, name) as unknown;
    };
    const content = new Proxy(Array<object>(6000).fill({ type: 'text', text: 'x' }), { get });
    expect(faultsOf({ messages: [0, 1].map(() => ({ role: 'user', content })) })).toHaveLength(1);
    expect(looks).toBe(0);
  });

  it('takes an image of megabytes without a stack that overflows', () => {
    const url = `data:image/jpeg;base64,${'A'.repeat(12_000_000)}`;
    const messages = [{ role: 'user', content: [image(url)] }];
    expect(faultsOf({ messages })).toEqual([]);
    expect(faultsOf({ messages: [{ role: 'user', content: [image(`${url}AA-A`)] }] })).toEqual([
      `/input/messages/0/content/0/image_url/url ${URL_RULE}`,
    ]);
  });
});
