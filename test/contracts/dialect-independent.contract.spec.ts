import { isChatCompletionBody, JournalEntry, LLMock } from '@copilotkit/aimock';
import { ChatEvent, ChatMessage, ChatRequest, ToolCall } from '@longhaul/contract';
import { DIALECTS, HttpClient } from '@longhaul/providers';
import { ProviderSettings, Secret } from '@longhaul/settings';
import { CANARY, providerSettings } from '../../libs/providers/src/scripted-upstream.fixtures';
import { answerOf, collect, failureOf, never } from './dialect.bench';
import { Served, SERVED } from './dialect-served';

const WEATHER = {
  name: 'get_weather',
  description: 'The weather of a city.',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};
const USER: ChatMessage = { role: 'user', content: 'the weather, please' };
const JSON_ANSWER = { city: 'Köln', celsius: 21 };
const USAGE = {
  ...{ prompt_tokens: 12, completion_tokens: 34, total_tokens: 46 },
  ...{ input_tokens: 12, output_tokens: 34 },
  ...{ promptTokenCount: 12, candidatesTokenCount: 34, totalTokenCount: 46 },
};

/** What every protocol's independent implementation is told to answer. */
function teach(mock: LLMock, { readsFormat }: Served): void {
  const asked = { userMessage: 'weather', toolName: WEATHER.name };
  const call = { id: 'call_1', name: WEATHER.name, arguments: '{"city":"Köln"}' };
  mock.onMessage('greet', { content: 'Grüße, 世界 🌍', usage: USAGE });
  mock.onMessage('stream', { content: 'one two three four' }, { chunkSize: 4 });
  mock.onMessage('think', { content: '42', reasoning: 'Let me think.' }, { chunkSize: 5 });
  mock.on({ ...asked, hasToolResult: false }, { toolCalls: [call], reasoning: 'I should look.' });
  mock.on({ ...asked, hasToolResult: true, toolResultContains: '21' }, { content: 'It is 21 °C.' });
  if (readsFormat) mock.onJsonOutput('as json', JSON_ANSWER);
  else mock.onMessage('as json', { content: JSON.stringify(JSON_ANSWER) });
  mock.onMessage('429', { error: { message: 'slow', type: 'rate_limit_error' }, status: 429, retryAfter: 7 });
  mock.onMessage('500', { error: { message: 'oh', type: 'server_error' }, status: 500 });
  // Slow enough that what was sent leaves before the connection is cut.
  const cut = { chunkSize: 4, latency: 10, truncateAfterChunks: 4 };
  mock.onMessage('break off', { content: 'one two three four' }, cut);
}

interface Understood {
  readonly role: string;
  readonly text: string;
  readonly calls: readonly { readonly name: string; readonly arguments: unknown }[];
}

/** What the implementation made of our request: its own reading, in the form that it has for every protocol. */
function understood({ body }: JournalEntry): Record<string, unknown> & { messages: Understood[] } {
  if (!isChatCompletionBody(body)) throw new Error('the request was no chat to it');
  const { model, stream, temperature, max_tokens: limit, max_completion_tokens: newer, tools } = body;
  return {
    ...{ model, stream, temperature, maxOutputTokens: limit ?? newer },
    tools: tools?.map(({ function: { name, description, parameters } }) => ({
      name,
      description,
      parameters,
    })),
    messages: body.messages.map(({ role, content, tool_calls: calls = [] }) => ({
      role,
      text: typeof content === 'string' ? content : (content ?? []).map(({ text = '' }) => text).join(''),
      calls: calls.map((call) => ({
        name: call.function.name,
        arguments: JSON.parse(call.function.arguments) as unknown,
      })),
    })),
  };
}

describe.each(DIALECTS.map((dialect) => [dialect.name, dialect] as const))(
  'the dialect %s against an independent implementation',
  (name, dialect) => {
    const served = SERVED[name]!;
    // Strict: it refuses what the protocol refuses, and answers nothing that it was not taught.
    const mock = new LLMock({ port: 0, strict: true, auth: { apiKeys: [CANARY] } });
    const http = new HttpClient();

    beforeAll(async () => {
      teach(mock, served);
      await mock.start();
    });
    afterAll(async () => {
      await http.close();
      await mock.stop();
    });

    const call = (
      request: Partial<ChatRequest>,
      settings: Partial<ProviderSettings> = {},
    ): Promise<ChatEvent[]> => {
      const provider = providerSettings({
        ...{ name: served.provider, dialect: name, auth: served.auth },
        baseUrl: `${mock.url}${served.base}`,
        ...settings,
      });
      const whole = { model: served.model, messages: [USER], ...request };
      return collect(dialect.create(provider, http).stream(whole, never));
    };
    const say = (content: string, changes: Partial<ChatRequest> = {}): Promise<ChatEvent[]> =>
      call({ messages: [{ role: 'user', content }], ...changes });
    const lastEntry = (): JournalEntry => mock.getLastRequest()!;

    it('is understood: system, turns, limit and temperature', async () => {
      const messages: ChatMessage[] = [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hello' },
        { role: 'assistant', content: 'Yes?' },
        { role: 'user', content: 'greet' },
      ];
      await call({ messages, maxOutputTokens: 321, temperature: 0.5 });
      expect(lastEntry()).toMatchObject({ method: 'POST', path: served.path, response: { status: 200 } });
      expect(lastEntry().headers).toMatchObject(served.headers);
      expect(understood(lastEntry())).toMatchObject({
        ...{ model: served.model, stream: true, temperature: 0.5, maxOutputTokens: 321 },
        messages: messages.map(({ role, content }) => ({ role, text: content, calls: [] })),
      });
    });

    it('reads its answer, with the usage', async () => {
      const answer = answerOf(await say('greet'));
      expect(answer).toMatchObject({ text: 'Grüße, 世界 🌍', finishReason: 'stop' });
      const told = served.usage && {
        ...served.usage,
        cacheRead: 0,
        cacheWrite: 0,
        reasoning: expect.any(Number),
      };
      expect(answer['usage']).toEqual(told);
    });

    it('reads its stream piece by piece', async () => {
      const events = await say('stream');
      const pieces = events.flatMap((event) => (event.type === 'text' ? [event.text] : []));
      expect(pieces).toEqual(['one ', 'two ', 'thre', 'e fo', 'ur']);
    });

    it('calls a tool, and brings its result back with what belongs to it', async () => {
      const changes = { model: served.thinker, tools: [WEATHER], ...served.thinking };
      const first = answerOf(await call(changes));
      const calls = first['toolCalls'] as readonly ToolCall[];
      expect(calls).toEqual([{ id: expect.any(String), name: WEATHER.name, arguments: expect.any(String) }]);
      expect(JSON.parse(calls[0]!.arguments)).toEqual({ city: 'Köln' });
      expect(first['finishReason']).toBe('tool_calls');
      expect(understood(lastEntry())['tools']).toEqual([
        served.readsSchema === false ? { ...WEATHER, parameters: undefined } : WEATHER,
      ]);

      const state = first['state'] as Record<string, unknown> | undefined;
      const step: ChatMessage = {
        ...{ role: 'assistant', content: first['text'] as string, toolCalls: calls },
        ...(state === undefined ? {} : { state: { provider: served.provider, data: state } }),
      };
      const result: ChatMessage = { role: 'tool', content: '{"celsius":21}', toolCallId: calls[0]!.id };
      const second = answerOf(await call({ ...changes, messages: [USER, step, result] }));
      expect(second).toMatchObject({ text: 'It is 21 °C.', finishReason: 'stop' });
      expect([first, second].map((answer) => answer['adjusted'])).toEqual([undefined, undefined]);
      expect(understood(lastEntry()).messages).toMatchObject([
        { role: 'user', text: USER.content },
        { role: 'assistant', calls: [{ name: WEATHER.name, arguments: { city: 'Köln' } }] },
        { role: 'tool', text: expect.stringContaining('21') },
      ]);
    });

    const [can, cannot] = served.reasoning ? ['Let me think.', ''] : ['', 'does not '];
    it(`${cannot}get${cannot === '' ? 's' : ''} its thoughts apart from the answer`, async () => {
      const answer = answerOf(await say('think', { model: served.thinker, ...served.thinking }));
      expect(answer).toMatchObject({ text: '42', reasoning: can });
    });

    it('gets JSON when it asks for it', async () => {
      const answer = answerOf(await say('as json', { responseFormat: { kind: 'json_object' } }));
      expect(JSON.parse(answer['text'] as string)).toEqual(JSON_ANSWER);
    });

    it.each([
      ['429', { code: 'rate_limited', detail: { upstreamStatus: 429, retryAfterMs: 7_000 } }],
      ['500', { code: 'upstream_error', detail: { upstreamStatus: 500 } }],
      ['break off', { code: 'stream_truncated', detail: { upstreamStatus: 200, phase: 'mid_answer' } }],
    ])('reads its failure: %s', async (content, failure) => {
      expect(await failureOf(say(content))).toMatchObject(failure);
    });

    it('reads its refusal of a wrong key', async () => {
      const wrong = { key: new Secret('sk-another-0815') };
      expect(await failureOf(call({ messages: [{ role: 'user', content: 'greet' }] }, wrong))).toMatchObject({
        code: 'auth_failed',
        detail: { upstreamStatus: 401 },
      });
    });
  },
);
