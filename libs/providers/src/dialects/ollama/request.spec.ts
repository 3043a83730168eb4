import { ChatRequest, ImageSource, ReasoningEffort } from '@longhaul/contract';
import { traits } from '../../fitted-request.fixtures';
import { JsonObject } from '../../json';
import { providerSettings } from '../../scripted-upstream.fixtures';
import { wireRequest } from './request';

const sent = (changes: Partial<ChatRequest> = {}, settings = providerSettings({ dialect: 'ollama' })) =>
  wireRequest(settings, { model: 'm', messages: [{ role: 'user', content: 'Hi' }], ...changes });
const bodyOf = (changes: Partial<ChatRequest> = {}): JsonObject => sent(changes).body;

describe('a request to Ollama', () => {
  it('streams, opens a window, and asks that nothing be cut', () => {
    expect(sent()).toEqual({
      path: '/api/chat',
      body: {
        ...{ model: 'm', messages: [{ role: 'user', content: 'Hi' }], stream: true },
        ...{ truncate: false, shift: false, options: { num_ctx: 8_192 } },
      },
      adjustments: [],
    });
  });

  it('carries its options together', () => {
    const options = { maxOutputTokens: 77, temperature: 0.5, topP: 0.9, stop: ['END'], inputTokens: 5 };
    expect(bodyOf(options)['options']).toEqual({
      ...{ num_ctx: 4_096, num_predict: 77, temperature: 0.5, top_p: 0.9, stop: ['END'] },
    });
  });

  it('says how long the model stays when the provider does, and no window to a hosted one', () => {
    const { body } = sent({}, providerSettings({ dialect: 'ollama', keepAliveS: -1, hosted: true }));
    expect(body).toMatchObject({ keep_alive: -1, options: {} });
    expect(body['options']).toEqual({});
    expect(sent({}, providerSettings({ dialect: 'ollama', keepAliveS: 0 })).body['keep_alive']).toBe(0);
  });

  it('asks for JSON, or for a schema', () => {
    const schema = { type: 'object', properties: {} };
    expect(bodyOf({ responseFormat: { kind: 'json_object' } })['format']).toBe('json');
    expect(bodyOf({ responseFormat: { kind: 'json_schema', name: 'n', schema } })['format']).toEqual(schema);
    const traitsOfCloud = traits({ capabilities: ['json_mode'] });
    const fitted = sent({
      traits: traitsOfCloud,
      responseFormat: { kind: 'json_schema', name: 'n', schema },
    });
    expect([fitted.body['format'], fitted.adjustments]).toEqual([
      'json',
      [expect.stringContaining('json_object')],
    ]);
  });

  it('lists its tools, and knows no tool_choice', () => {
    const tools = [{ name: 't', description: 'd', parameters: { type: 'object' }, strict: true }];
    const listed = {
      type: 'function',
      function: { name: 't', description: 'd', parameters: { type: 'object' } },
    };
    const { body, adjustments } = sent({ tools, toolChoice: { kind: 'required' } });
    expect(body['tools']).toEqual([listed]);
    expect(adjustments).toEqual([
      expect.stringContaining('tool_choice required was left out'),
      'strict was left out of the tools: Ollama does not know it.',
    ]);
    expect(bodyOf({ tools, toolChoice: { kind: 'none' } })).not.toHaveProperty('tools');
  });
});

describe('the messages to Ollama', () => {
  it('have images as base64 beside the text', () => {
    const content = [
      { type: 'text', text: 'What' } as const,
      { type: 'image', image: { kind: 'base64', mediaType: 'image/png', data: 'AAA' } } as const,
      { type: 'image', image: { kind: 'url', url: 'data:image/png;base64,BBB' } } as const,
      { type: 'text', text: 'is it?' } as const,
    ];
    expect(bodyOf({ messages: [{ role: 'user', content }] })['messages']).toEqual([
      { role: 'user', content: 'What\nis it?', images: ['AAA', 'BBB'] },
    ]);
  });

  it.each(['https://example.org/a.png', 'data:image/png,AAA', ''])('take no image by its URL: %p', (url) => {
    const image: ImageSource = { kind: 'url', url };
    const messages = [{ role: 'user', content: [{ type: 'image', image }] } as const];
    expect(() => sent({ messages })).toThrow(
      expect.objectContaining({ code: 'rejected_request', detail: { phase: 'before_send' } }),
    );
  });

  it('have arguments as objects, results by the name of their tool, and the thoughts of their own', () => {
    const toolCalls = [
      { id: 'a', name: 'look', arguments: '{"at":1}' },
      { id: 'b', name: 'wait', arguments: '' },
      { id: 'c', name: 'odd', arguments: 'not JSON' },
    ];
    const state = { provider: 'acme', data: { thinking: 'Hm.' } };
    const messages: ChatRequest['messages'] = [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: '', toolCalls, state },
      { role: 'tool', content: 'seen', toolCallId: 'a' },
      { role: 'tool', content: '', toolCallId: 'b' },
      { role: 'tool', content: 'odd', toolCallId: 'c' },
    ];
    expect((bodyOf({ messages })['messages'] as unknown[]).slice(1)).toEqual([
      {
        ...{ role: 'assistant', content: '', thinking: 'Hm.' },
        tool_calls: [
          { id: 'a', function: { index: 0, name: 'look', arguments: { at: 1 } } },
          { id: 'b', function: { index: 1, name: 'wait', arguments: {} } },
          { id: 'c', function: { index: 2, name: 'odd', arguments: { arguments: 'not JSON' } } },
        ],
      },
      { role: 'tool', content: 'seen', tool_call_id: 'a', tool_name: 'look' },
      { role: 'tool', content: '', tool_call_id: 'b', tool_name: 'wait' },
      { role: 'tool', content: 'odd', tool_call_id: 'c', tool_name: 'odd' },
    ]);
  });
});

describe('thinking', () => {
  const thinker = traits({ capabilities: ['reasoning'] });
  const levels = traits({ capabilities: ['reasoning'], reasoningControl: 'effort' });
  const fixed = traits({ capabilities: ['reasoning'], reasoningControl: 'fixed' });
  const silent = traits({ capabilities: ['tools'] });
  it.each<[string, ReasoningEffort, ChatRequest['traits'], unknown, number]>([
    ['gpt-oss:20b', 'high', null, 'high', 0],
    ['gpt-oss:20b', 'none', null, 'low', 1],
    ['someone/gpt-oss:20b', 'max', null, 'high', 1],
    ['qwen3', 'low', thinker, true, 1],
    ['qwen3', 'none', thinker, false, 0],
    ['deep', 'medium', levels, 'medium', 0],
    ['deep', 'none', levels, false, 0],
    ['always', 'low', fixed, undefined, 1],
    ['never', 'low', silent, undefined, 1],
    ['never', 'none', silent, undefined, 0],
    ['unlisted', 'low', null, undefined, 1],
    ['unlisted', 'none', null, false, 0],
  ])('of %s with effort %s', (...[model, reasoningEffort, ofModel, think, notes]) => {
    const { body, adjustments } = sent({ model, reasoningEffort, traits: ofModel ?? null });
    expect([body['think'], adjustments.length]).toEqual([think, notes]);
  });
});
