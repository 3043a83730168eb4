import { ChatRequest } from '@longhaul/contract';
import { quirksOf } from './quirks';
import { requestBody } from './request';

const REQUEST: ChatRequest = {
  model: 'm',
  messages: [
    { role: 'system', content: 'Answer in JSON.' },
    { role: 'user', content: 'Hi' },
  ],
};
const bodyFor = (provider: string, changes: Partial<ChatRequest> = {}) =>
  requestBody({ ...REQUEST, ...changes }, quirksOf(provider));

describe('the body of a request', () => {
  it('streams always, asks for usage, and says nothing that was not asked for', () => {
    expect(bodyFor('acme')).toEqual({
      model: 'm',
      messages: REQUEST.messages,
      stream: true,
      stream_options: { include_usage: true },
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
    ['acme', 'm', 0.5, { temperature: 0.5 }],
    ['acme', 'm', 0, { temperature: 0 }],
    ['glm', 'glm-5', 0, { do_sample: false }],
    ['glm', 'glm-5', 0.5, { temperature: 0.5 }],
    ['moonshot', 'kimi-k2.6', 0.5, {}],
    ['kimi', 'kimi-for-coding', 0, {}],
    ['openai', 'gpt-5.4-mini', 0.5, {}],
    ['openai', 'gpt-6-luna', 0.5, {}],
    ['openai', 'o3', 0.5, {}],
    ['openai', 'gpt-4o-mini', 0.5, { temperature: 0.5 }],
  ] as const)(
    'gives %s/%s the temperature %d as it takes it',
    (...[provider, model, temperature, expected]) => {
      const { temperature: sent, do_sample: sampled } = bodyFor(provider, { model, temperature });
      expect(JSON.parse(JSON.stringify({ temperature: sent, do_sample: sampled }))).toEqual(expected);
    },
  );

  it('asks for a JSON object where the provider takes it and a message speaks of JSON', () => {
    const format = { response_format: { type: 'json_object' } };
    const silent: ChatRequest['messages'] = [{ role: 'user', content: 'Hi' }];
    for (const provider of ['openai', 'moonshot', 'glm', 'openrouter', 'ollama', 'ollama_cloud']) {
      expect(bodyFor(provider, { responseFormat: { kind: 'json_object' } })).toMatchObject(format);
      expect(bodyFor(provider)).not.toHaveProperty('response_format');
      expect(
        bodyFor(provider, { responseFormat: { kind: 'json_object' }, messages: silent }),
      ).not.toHaveProperty('response_format');
    }
    for (const provider of ['kimi', 'acme']) {
      expect(bodyFor(provider, { responseFormat: { kind: 'json_object' } })).not.toHaveProperty(
        'response_format',
      );
    }
  });
});
