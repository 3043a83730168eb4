import { sampleOf } from './sample';
import { Sandbox, startSandbox } from './server';

interface Whole {
  readonly choices: readonly [
    { readonly message: { readonly content: string | null }; readonly finish_reason: string },
  ];
}

const WEATHER = {
  type: 'function',
  function: {
    name: 'weather',
    parameters: {
      type: 'object',
      properties: {
        place: { type: 'string' },
        days: { type: 'integer', minimum: 2 },
        unit: { type: 'string' },
      },
      required: ['place', 'days'],
    },
  },
};
const CLOCK = { type: 'function', function: { name: 'clock' } };
const USER = { role: 'user', content: 'Paris' };
const CALLED = { role: 'assistant', content: null, tool_calls: [] };

let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await startSandbox({ paceMs: 0 });
});
afterEach(() => sandbox.scripts.reset());
afterAll(() => sandbox.close());

const post = (body: object): Promise<Response> =>
  fetch(`${sandbox.url}/v1/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({ model: 'echo', messages: [USER], ...body }),
  });
const ask = async (body: object): Promise<Whole['choices'][0]> =>
  ((await (await post(body)).json()) as Whole).choices[0];
const callOf = (name: string, args: string) => ({
  finish_reason: 'tool_calls',
  message: { content: null, tool_calls: [{ type: 'function', function: { name, arguments: args } }] },
});

describe('the echo', () => {
  it.each([
    ['required', callOf('weather', '{"place":"Paris","days":2}')],
    [{ type: 'function', function: { name: 'clock' } }, callOf('clock', '{}')],
  ])('calls the tool that tool_choice %j demands, with arguments of its schema', async (choice, answer) =>
    expect(await ask({ tools: [WEATHER, CLOCK], tool_choice: choice })).toMatchObject(answer),
  );

  it.each(['auto', 'none', undefined])('calls none with %j', async (choice) =>
    expect(await ask({ tools: [WEATHER], tool_choice: choice })).toMatchObject({
      finish_reason: 'stop',
      message: { content: 'Paris' },
    }),
  );

  it('repeats the result of a tool, whatever is demanded', async () =>
    expect(
      await ask({
        messages: [USER, CALLED, { role: 'tool', tool_call_id: 'a', content: '12 degrees' }],
        ...{ tools: [WEATHER], tool_choice: 'required' },
      }),
    ).toMatchObject({ finish_reason: 'stop', message: { content: '12 degrees' } }));

  it('keeps to a schema', async () => {
    const { parameters } = WEATHER.function;
    const { message } = await ask({
      response_format: { type: 'json_schema', json_schema: { name: 'a', schema: parameters } },
    });
    expect(JSON.parse(message.content ?? '')).toEqual({ place: 'Paris', days: 2 });
  });

  it('streams a call as chunks of the official shape', async () => {
    const text = await (await post({ stream: true, tools: [CLOCK], tool_choice: 'required' })).text();
    const events = text.split('\n\n').filter((event) => event !== '');
    const chunks = events.slice(0, -1).map((event) => JSON.parse(event.slice('data: '.length)) as Whole);
    const choices: unknown[] = chunks.flatMap(({ choices: each }) => each);
    expect(choices).toMatchObject([
      { delta: { role: 'assistant' } },
      {
        delta: { tool_calls: [{ index: 0, type: 'function', function: { name: 'clock', arguments: '{}' } }] },
      },
      { delta: {}, finish_reason: 'tool_calls' },
    ]);
  });
});

it('a script gives tool calls after its text', async () => {
  const toolCalls = [{ id: 'c1', name: 'clock', arguments: '{"zone":' }];
  sandbox.scripts.put({ replies: [{ text: 'Let me look.', toolCalls }] });
  expect(await ask({})).toMatchObject({
    finish_reason: 'tool_calls',
    message: { content: 'Let me look.', tool_calls: [{ id: 'c1', function: { arguments: '{"zone":' } }] },
  });
  expect(() => sandbox.scripts.put({ replies: [{ toolCalls: [{ name: 'clock' }] }] })).toThrow('toolCalls');
});

it.each([
  [{ type: 'string' }, 'w'],
  [{ type: ['number', 'null'] }, 1],
  [{ type: 'boolean' }, true],
  [{ enum: ['red', 'blue'] }, 'red'],
  [{ const: 7 }, 7],
  [{ anyOf: [{ type: 'string' }] }, 'w'],
  [{ type: 'array', items: { type: 'integer' } }, [1]],
  [{ type: 'object', properties: { a: { type: 'string' }, b: {} }, required: ['a'] }, { a: 'w' }],
  [{ $ref: '#' }, null],
  [true, null],
])('a sample of the schema %j has its form', (schema, sample) =>
  expect(sampleOf(schema, 'w')).toEqual(sample),
);
