import { Fault, GatewayError } from '@longhaul/contract';
import { kindOf, Submission } from '@longhaul/jobs';
import { readChat } from './chat.dto';

const MINIMAL = { messages: [{ role: 'user', content: 'Hello' }] };

function refusalOf(read: () => unknown): GatewayError {
  try {
    read();
  } catch (error) {
    return GatewayError.from(error);
  }
  throw new Error('The body was accepted.');
}
const pointersOf = (read: () => unknown): string[] =>
  (refusalOf(read).detail.faults ?? []).map(({ pointer }: Fault) => pointer);
const inputOf = (body: object): unknown => readChat(body).input;

describe('the body of a chat', () => {
  it('needs messages alone, and leaves out what was not said', () =>
    expect(readChat(MINIMAL)).toEqual({ type: 'chat', input: MINIMAL } satisfies Submission));

  it('is the input of a chat job and how it is run, on one level', () => {
    const body = {
      ...{ ...MINIMAL, system: 'Be terse.', temperature: 0, max_output_tokens: 7 },
      ...{ model: 'glm-4.6', provider: 'glm', fallbacks: [], routing: { fallback_on_refusal: true } },
      ...{ priority: 9, deadline_s: 60, timeout_s: 5, metadata: { a: 'b' }, stream: false },
    };
    expect(readChat(body)).toEqual({
      type: 'chat',
      input: { ...MINIMAL, system: 'Be terse.', temperature: 0, max_output_tokens: 7 },
      ...{ model: 'glm-4.6', provider: 'glm', fallbacks: [], fallbackOnRefusal: true },
      ...{ priority: 9, deadlineSeconds: 60, timeoutSeconds: 5, metadata: { a: 'b' } },
    });
  });

  it.each(['max_output_tokens', 'max_tokens', 'max_completion_tokens'])('knows its limit as %s', (name) =>
    expect(inputOf({ ...MINIMAL, [name]: 7 })).toMatchObject({ max_output_tokens: 7 }),
  );

  it('takes two names of the limit that say the same, or null', () =>
    expect(
      inputOf({ ...MINIMAL, max_tokens: 7, max_completion_tokens: 7, max_output_tokens: null }),
    ).toMatchObject({ max_output_tokens: 7 }));

  it('refuses two names that contradict each other, and a stream, in one answer', () =>
    expect(
      pointersOf(() => readChat({ ...MINIMAL, max_tokens: 7, max_completion_tokens: 8, stream: true })),
    ).toEqual(['/stream', '/max_completion_tokens']));

  it('says of a stream what there is instead', () =>
    expect(refusalOf(() => readChat({ ...MINIMAL, stream: true })).message).toContain('?wait=55'));

  it('is malformed when it is empty', () =>
    expect(refusalOf(() => readChat(undefined)).code).toBe('malformed_request'));

  it('takes all that the input of a chat job has, and leaves the rest out of it', () => {
    const call = { id: 'c1', type: 'function', function: { name: 'look', arguments: '{}' } };
    const input = {
      messages: [
        { role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://a.example/b.png' } }] },
        { role: 'assistant', content: null, tool_calls: [call], state: { provider: 'glm', data: {} } },
        { role: 'tool', content: 'found', tool_call_id: 'c1' },
      ],
      tools: [{ type: 'function', function: { name: 'look' } }],
      tool_choice: { type: 'function', function: { name: 'look' } },
      response_format: { type: 'json_object' },
      ...{ reasoning_effort: 'low', top_p: 0.5, stop: ['x'] },
    };
    expect(readChat({ ...input, max_tokens: 7, stream: false, model: 'glm-5' })).toEqual({
      ...{ type: 'chat', model: 'glm-5', input: { ...input, max_output_tokens: 7 } },
    });
  });

  it.each([
    { messages: [] },
    { messages: [{ role: 'tool', content: 'x' }] },
    { messages: [{ role: 'tool', content: 'x', tool_call_id: 'y' }] },
    { messages: [{ role: 'user', content: [{ type: 'text' }] }] },
    { ...MINIMAL, tools: [{ type: 'function', function: { name: 'a b' } }] },
    { ...MINIMAL, tool_choice: { type: 'function', function: { name: 'a' } } },
    { ...MINIMAL, response_format: { type: 'json_schema' } },
    { messages: [{ role: 'user', content: '' }] },
    { messages: [{ role: 'user', content: 'x', name: 'ada' }] },
    { ...MINIMAL, system: '' },
    { ...MINIMAL, temperature: 2.1 },
    { ...MINIMAL, max_output_tokens: 0 },
    { ...MINIMAL, max_output_tokens: 1_000_001 },
  ])('refuses %j where a chat job does', (input) =>
    expect(pointersOf(() => readChat(input)).map((pointer) => `/input${pointer}`)).toEqual(
      pointersOf(() => kindOf('chat').parse(input)),
    ),
  );
});
