import {
  answers,
  asks,
  call,
  faultsOf,
  format,
  image,
  nested,
  PIXEL,
  TEXT,
  tool,
  user,
} from './chat.fixtures';
import { parseChatInput } from './input';

const NAME = 'must be a name of 1 to 64 letters, digits, underscores and hyphens.';
const SCHEMA = `must be an object nested at most 50 levels deep, of at most 500000 characters, ${TEXT}.`;
const STOP = `must be text of 1 to 1000 characters, or a list of 1 to 4 such texts, ${TEXT}.`;
const TOOL_CHOICE = 'must be one of auto, none, required, or an object that names a tool.';

describe('the input of a chat', () => {
  const whole = {
    system: 'Be brief.',
    messages: [
      { role: 'developer', content: 'Use metres.' },
      { role: 'user', content: [{ type: 'text', text: 'How high?' }, image(PIXEL, { detail: 'low' })] },
      { ...asks('c1', 'c2'), state: { provider: 'moonshot', data: { reasoning_content: 'Hm.' } } },
      answers('c1'),
      { role: 'tool', tool_call_id: 'c2', content: '' },
      { role: 'assistant', content: '40 m', refusal: null, reasoning_content: 'Counted.' },
      { role: 'user', content: [{ type: 'text', text: 'And this?' }, image('https://example.com/a.jpg')] },
    ],
    tools: [
      tool('look', { description: 'Looks.', parameters: { type: 'object' }, strict: true }),
      tool('go'),
    ],
    tool_choice: { type: 'function', function: { name: 'look' } },
    response_format: format({ strict: false }),
    ...{ reasoning_effort: 'xhigh', max_output_tokens: 10, temperature: 0, top_p: 1, stop: ['a', 'b'] },
  };

  it('takes what OpenAI’s clients send, and keeps it as it was', () => {
    expect(parseChatInput(whole)).toEqual(whole);
    expect(parseChatInput(JSON.parse(JSON.stringify(parseChatInput(whole))))).toEqual(whole);
  });

  it('takes null wherever a field may be left out', () => {
    const fields = ['system', 'tools', 'tool_choice', 'response_format', 'reasoning_effort', 'top_p', 'stop'];
    const nulls = Object.fromEntries(fields.map((field) => [field, null]));
    const message = { ...user, tool_calls: null, tool_call_id: null, state: null };
    expect(faultsOf({ messages: [message], ...nulls })).toEqual([]);
  });

  it.each([
    [{ messages: [asks('a'), answers('a'), asks('a'), answers('a'), user] }],
    [{ messages: [user], tools: [] }],
    [{ messages: [user], tools: [], tool_choice: 'required' }],
    [{ messages: [{ ...asks('a'), content: '' }] }],
    [{ messages: [{ role: 'assistant', tool_calls: [call('a')] }] }],
    [{ messages: [user], tools: [tool('look', { parameters: nested(50) })] }],
    [{ messages: [{ role: 'user', content: [image('http://127.0.0.1/a.png')] }] }],
    [{ messages: [user], stop: 'a', response_format: { type: 'json_object' }, tool_choice: 'none' }],
  ])('takes %j', (input) => expect(faultsOf(input)).toEqual([]));
});

describe('a field of the chat that is wrong', () => {
  it.each([
    [{ messages: [] }, '/messages must be a list of 1 to 10000 objects.'],
    [
      { messages: [{ role: 'user', content: ' \n' }] },
      '/messages must hold at least one message that is not blank.',
    ],
    [
      { messages: [{ role: 'user', content: [{ type: 'text', text: ' ' }] }] },
      '/messages must hold at least one message that is not blank.',
    ],
    [{ temperature: 2.1 }, '/temperature must be a number from 0 to 2.'],
    [{ top_p: -0.1 }, '/top_p must be a number from 0 to 1.'],
    [{ max_output_tokens: 1.5 }, '/max_output_tokens must be a whole number from 1 to 1000000.'],
    [{ stop: '' }, `/stop ${STOP}`],
    [{ stop: [] }, `/stop ${STOP}`],
    [{ stop: ['a', 'b', 'c', 'd', 'e'] }, `/stop ${STOP}`],
    [{ stop: [['a']] }, `/stop ${STOP}`],
    [
      { reasoning_effort: 'hard' },
      '/reasoning_effort must be one of none, minimal, low, medium, high, max, xhigh.',
    ],
    [{ tools: {} }, '/tools must be a list of 0 to 128 objects.'],
    [
      { tools: Array.from({ length: 129 }, (_, n) => tool(`t${String(n)}`)) },
      '/tools must be a list of 0 to 128 objects.',
    ],
    [
      { tools: [{ type: 'web_search' }] },
      '/tools/0/type must be one of function.',
      '/tools/0/function is required; it must be an object.',
    ],
    [{ tools: [tool('a b')] }, `/tools/0/function/name ${NAME}`],
    [{ tools: [tool('x'.repeat(65))] }, `/tools/0/function/name ${NAME}`],
    [
      { tools: [tool('a'), tool('b'), tool('a')] },
      '/tools/2/function/name must be unique, but /input/tools/0/function/name is the same.',
    ],
    [{ tools: [tool('a', { parameters: [] })] }, `/tools/0/function/parameters ${SCHEMA}`],
    [{ tools: [tool('a', { parameters: nested(51) })] }, `/tools/0/function/parameters ${SCHEMA}`],
    [{ tools: [tool('a', { parameters: nested(100_000) })] }, `/tools/0/function/parameters ${SCHEMA}`],
    [
      { tools: [tool('a', { parameters: { type: 'string' } })] },
      '/tools/0/function/parameters/type must be object: arguments have names.',
    ],
    [{ tools: [tool('a', { strict: 'yes' })] }, '/tools/0/function/strict must be a boolean value.'],
    [{ tool_choice: 'any' }, `/tool_choice ${TOOL_CHOICE}`],
    [{ tool_choice: 1 }, `/tool_choice ${TOOL_CHOICE}`],
    [
      { tool_choice: {} },
      '/tool_choice/type is required; it must be one of function.',
      '/tool_choice/function is required; it must be an object.',
    ],
    [
      { tool_choice: tool('b'), tools: [tool('a')] },
      '/tool_choice/function/name must be the name of one of the tools.',
    ],
    [{ tool_choice: tool('a') }, '/tool_choice/function/name must be the name of one of the tools.'],
    [{ response_format: 'json' }, '/response_format must be an object.'],
    [
      { response_format: { type: 'xml' } },
      '/response_format/type must be one of text, json_object, json_schema.',
    ],
    [
      { response_format: { type: 'json_schema' } },
      '/response_format/json_schema is required with the type json_schema.',
    ],
    [
      { response_format: { ...format({}), type: 'text' } },
      '/response_format/json_schema is a field of the type json_schema only.',
    ],
    [{ response_format: format({ name: 'ä' }) }, `/response_format/json_schema/name ${NAME}`],
    [
      { response_format: format({ schema: nested(100_000) }) },
      `/response_format/json_schema/schema ${SCHEMA}`,
    ],
    [
      { response_format: format({ schema: { enum: ['\ud800'] } }) },
      `/response_format/json_schema/schema ${SCHEMA}`,
    ],
    [
      { response_format: format({ schema: undefined }) },
      `/response_format/json_schema/schema is required; it ${SCHEMA}`,
    ],
  ] as [object, ...string[]][])('is refused at its place: %#', (more, ...faults) =>
    expect(faultsOf({ messages: [user], ...more })).toEqual(faults.map((fault) => `/input${fault}`)),
  );
});
