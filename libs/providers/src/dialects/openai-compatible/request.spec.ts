import { ChatMessage, ChatRequest, ModelTraits } from '@longhaul/contract';
import { quirksOf } from './quirks';
import { wireRequest } from './request';

const REQUEST: ChatRequest = {
  model: 'm',
  messages: [
    { role: 'system', content: 'Answer in JSON.' },
    { role: 'user', content: 'Hi' },
  ],
};
const wireFor = (provider: string, changes: Partial<ChatRequest> = {}) =>
  wireRequest({ ...REQUEST, ...changes }, quirksOf(provider));
const bodyFor = (provider: string, changes: Partial<ChatRequest> = {}) => wireFor(provider, changes).body;
const traits = (changes: Partial<ModelTraits>): ModelTraits => ({
  capabilities: [],
  toolChoices: null,
  temperature: { kind: 'any' },
  reasoningControl: null,
  reasoningEfforts: null,
  contextWindow: null,
  maxOutputTokens: null,
  ...changes,
});

describe('the body of a request', () => {
  it('streams always, asks for usage, and says nothing that was not asked for', () => {
    expect(wireFor('acme')).toEqual({
      path: '/chat/completions',
      body: { model: 'm', messages: REQUEST.messages, stream: true, stream_options: { include_usage: true } },
      adjustments: [],
    });
  });

  it.each([
    ['openai', 'max_completion_tokens'],
    ['moonshot', 'max_completion_tokens'],
    ['kimi', 'max_tokens'],
    ['glm', 'max_tokens'],
    ['openrouter', 'max_tokens'],
    ['acme', 'max_tokens'],
    ['constructor', 'max_tokens'],
  ])('limits the output of %s by %s', (provider, member) => {
    const body = bodyFor(provider, { maxOutputTokens: 77 });
    expect(Object.entries(body).filter(([, value]) => value === 77)).toEqual([[member, 77]]);
  });

  it.each([
    ['acme', 0.5, { temperature: 0.5 }],
    ['acme', 0, { temperature: 0 }],
    ['openai', 0.5, { temperature: 0.5 }],
    ['openrouter', 1.5, { temperature: 1.5 }],
    ['glm', 0, { do_sample: false }],
    ['glm', 0.5, { temperature: 0.5 }],
    ['glm', 1.5, { temperature: 1 }],
    ['moonshot', 0.5, {}],
    ['kimi', 0, {}],
  ] as const)(
    'gives a model of %s that the catalogue does not know the temperature %d as it takes it',
    (...[provider, temperature, expected]) => {
      const { temperature: sent, do_sample: sampled } = bodyFor(provider, { temperature });
      expect(JSON.parse(JSON.stringify({ temperature: sent, do_sample: sampled }))).toEqual(expected);
    },
  );

  it('asks for a JSON object only where a message speaks of JSON, be it in a part', () => {
    const format = { responseFormat: { kind: 'json_object' } } as const;
    const silent: ChatRequest['messages'] = [{ role: 'user', content: 'Hi' }];
    const inPart: ChatRequest['messages'] = [{ role: 'user', content: [{ type: 'text', text: 'As json!' }] }];
    for (const provider of ['openai', 'moonshot', 'glm', 'openrouter', 'ollama', 'ollama_cloud']) {
      const asked = { response_format: { type: 'json_object' } };
      expect(bodyFor(provider, format)).toMatchObject(asked);
      expect(bodyFor(provider, { ...format, messages: inPart })).toMatchObject(asked);
      const unsaid = wireFor(provider, { ...format, messages: silent });
      expect(unsaid.body).not.toHaveProperty('response_format');
      expect(unsaid.adjustments).toEqual([expect.stringContaining('speaks of JSON')]);
    }
  });

  it("takes the catalogue's word that a model can do JSON where its provider is not known for it", () => {
    const format = { responseFormat: { kind: 'json_object' } } as const;
    for (const provider of ['kimi', 'acme']) {
      expect(bodyFor(provider, format)).not.toHaveProperty('response_format');
      expect(
        bodyFor(provider, { ...format, traits: traits({ capabilities: ['json_mode'] }) }),
      ).toHaveProperty('response_format');
    }
  });

  it('keeps prompt, keys and schemas out of its notes', () => {
    const { adjustments } = wireFor('glm', {
      messages: [{ role: 'user', content: 'secret' }],
      tools: [{ name: 'secret', parameters: { secret: 1 }, strict: true }],
      toolChoice: { kind: 'named', name: 'secret' },
      responseFormat: { kind: 'json_schema', name: 'secret', schema: { secret: 1 } },
      stop: ['secret', 'secret2'],
      temperature: 0,
      topP: 0.5,
      reasoningEffort: 'low',
    });
    expect(adjustments.length).toBeGreaterThan(4);
    expect(adjustments.join()).not.toContain('secret');
  });
});

describe('what a model thought', () => {
  const call = { id: 'c1', name: 'look', arguments: '{}' };
  const result: ChatMessage = { role: 'tool', content: 'seen', toolCallId: 'c1' };
  const conversation = (answer: Partial<ChatMessage>): ChatMessage[] => [
    { role: 'user', content: 'Look' },
    { role: 'assistant', content: '', toolCalls: [call], ...answer },
    result,
  ];
  const sentTo = (provider: string, answer: Partial<ChatMessage>, changes: Partial<ChatRequest> = {}) =>
    (bodyFor(provider, { messages: conversation(answer), ...changes })['messages'] as object[])[1];

  it.each(['moonshot', 'kimi', 'glm'])('goes back to %s as its reasoning_content', (provider) => {
    const state = { provider, data: { reasoning_content: 'Hm' } };
    expect(sentTo(provider, { state })).toMatchObject({ reasoning_content: 'Hm' });
    expect(sentTo(provider, { state, content: 'Text', toolCalls: [call] })).toMatchObject({
      content: 'Text',
      reasoning_content: 'Hm',
    });
  });

  it('goes back to OpenRouter as its details, else as its text', () => {
    const details = [{ type: 'reasoning.text', text: 'Hm' }];
    const both = { provider: 'openrouter', data: { reasoning_details: details, reasoning: 'Hm' } };
    expect(sentTo('openrouter', { state: both })).toEqual(
      expect.objectContaining({ reasoning_details: details }),
    );
    expect(sentTo('openrouter', { state: both })).not.toHaveProperty('reasoning');
    const text = { provider: 'openrouter', data: { reasoning: 'Hm' } };
    expect(sentTo('openrouter', { state: text })).toMatchObject({ reasoning: 'Hm' });
  });

  it.each(['moonshot', 'kimi'])(
    'is never missing from a tool call to %s that thinks, whatever the caller sent',
    (provider) => {
      for (const data of [undefined, {}, { reasoning_content: 7 }, { reasoning_details: [] }]) {
        const state = data === undefined ? {} : { state: { provider, data } };
        expect(sentTo(provider, state)).toMatchObject({ reasoning_content: ' ' });
      }
    },
  );

  it('is not made up for a model that is told not to think, nor for others', () => {
    const off = { reasoningEffort: 'none', traits: traits({ reasoningControl: 'switch' }) } as const;
    expect(sentTo('moonshot', {}, off)).not.toHaveProperty('reasoning_content');
    for (const provider of ['glm', 'openrouter', 'openai', 'acme'])
      expect(Object.keys(sentTo(provider, {}) ?? {})).toEqual(['role', 'content', 'tool_calls']);
  });

  it('of one that cannot be told not to think is never missing, even when it is told so', () => {
    for (const control of ['fixed', 'effort'] as const) {
      const known = {
        reasoningEffort: 'none',
        traits: traits({ reasoningControl: control, reasoningEfforts: ['low', 'max'] }),
      } as const;
      expect(sentTo('moonshot', {}, known)).toMatchObject({ reasoning_content: ' ' });
    }
  });

  it('goes to nobody who wants none of it', () => {
    const state = {
      provider: 'acme',
      data: { reasoning_content: 'Hm', reasoning_details: [1], content: 'x', role: 'system' },
    };
    for (const provider of ['acme', 'openai'])
      expect(Object.keys(sentTo(provider, { state }) ?? {})).toEqual(['role', 'content', 'tool_calls']);
  });
});

describe('an image', () => {
  const withImage = (
    image: { kind: 'url'; url: string } | { kind: 'base64'; mediaType: string; data: string },
  ) => ({
    messages: [{ role: 'user', content: [{ type: 'image', image }] }] as const,
  });

  it('by its URL is refused before anything is sent to who fetches none', () => {
    const byUrl = withImage({ kind: 'url', url: 'https://images.test/a.png' });
    for (const provider of ['moonshot', 'kimi', 'ollama', 'ollama_cloud'])
      expect(() => wireFor(provider, byUrl)).toThrow(
        expect.objectContaining({ code: 'rejected_request', detail: { phase: 'before_send' } }),
      );
    for (const provider of ['openai', 'glm', 'openrouter', 'acme'])
      expect(wireFor(provider, byUrl).adjustments).toEqual([]);
  });

  it('as data is taken by all', () => {
    for (const provider of ['moonshot', 'kimi', 'ollama', 'openai', 'acme'])
      for (const image of [
        { kind: 'url', url: 'data:image/png;base64,QQ==' },
        { kind: 'base64', mediaType: 'image/png', data: 'QQ==' },
      ] as const)
        expect(JSON.stringify(bodyFor(provider, withImage(image)))).toContain(
          '"url":"data:image/png;base64,QQ=="',
        );
  });
});
