import { ChatRequest } from '@longhaul/contract';
import { HI, NEW, OLD, sent, TOOL, traits } from './request.fixtures';

const SCHEMA = { type: 'object', properties: { a: { type: 'number' } }, additionalProperties: false };
const FORMAT = { kind: 'json_schema', name: 'answer', schema: SCHEMA, strict: true } as const;
const member = (name: string, changes: Partial<ChatRequest>): unknown => sent(changes).body[name];
const config = (changes: Partial<ChatRequest>): unknown => member('generationConfig', changes);

describe('the path of a request', () => {
  it('names the model and asks for server-sent events', () => {
    expect(sent().path).toBe('/models/gemini-3.8-flash:streamGenerateContent?alt=sse');
  });

  it.each(['../../evil', 'a/b:generateContent?x=', 'm#f', '%2e%2e/x', '.', '..', 'a\r\nb', 'ü ?'])(
    'cannot be left by the model %j',
    (model) => {
      const { path } = sent({ model });
      const url = new URL(`https://google.example/v1beta${path}`);
      expect(url.pathname).toMatch(/^\/v1beta\/models\/[^/]+:streamGenerateContent$/);
      expect([url.search, url.hash]).toEqual(['?alt=sse', '']);
      const segment = url.pathname.slice('/v1beta/models/'.length, -':streamGenerateContent'.length);
      expect(decodeURIComponent(segment)).toBe(model);
    },
  );
});

describe('the body of a request', () => {
  it('holds the conversation, and thoughts are asked for', () => {
    expect(sent().body).toEqual({
      contents: [{ role: 'user', parts: [{ text: 'Hi' }] }],
      generationConfig: { thinkingConfig: { includeThoughts: true } },
    });
  });

  it('says how the answer is to be made', () => {
    const changes = { model: OLD, maxOutputTokens: 9, temperature: 0.5, topP: 0.9, stop: ['END'] };
    expect(config(changes)).toEqual({
      ...{ maxOutputTokens: 9, temperature: 0.5, topP: 0.9, stopSequences: ['END'] },
      thinkingConfig: { includeThoughts: true },
    });
  });

  it('keeps to what Gemini takes, and says so', () => {
    const { body, adjustments } = sent({ temperature: 3, stop: ['a', 'b', 'c', 'd', 'e', 'f'] });
    expect(body['generationConfig']).toMatchObject({
      temperature: 2,
      stopSequences: ['a', 'b', 'c', 'd', 'e'],
    });
    expect(adjustments).toEqual([
      expect.stringContaining('temperature 3'),
      expect.stringContaining('1 of 6 stop sequences'),
    ]);
  });

  it('leaves out a temperature that the model would ignore, and says so', () => {
    const { body, adjustments } = sent({ temperature: 1, traits: traits({ temperature: { kind: 'omit' } }) });
    expect(body['generationConfig']).not.toHaveProperty('temperature');
    expect(adjustments).toEqual([expect.stringContaining('temperature 1 was left out')]);
  });
});

describe('the tools of a request', () => {
  it('go out with their schemas as they are', () => {
    expect(member('tools', { tools: [TOOL, { name: 'bare', parameters: SCHEMA }] })).toEqual([
      {
        functionDeclarations: [
          { name: 'look', description: 'Looks.', parametersJsonSchema: TOOL.parameters },
          { name: 'bare', parametersJsonSchema: SCHEMA },
        ],
      },
    ]);
  });

  it.each([
    ['auto', { mode: 'AUTO' }],
    ['none', { mode: 'NONE' }],
    ['required', { mode: 'ANY' }],
  ] as const)('are chosen by %s', (kind, expected) => {
    expect(member('toolConfig', { tools: [TOOL], toolChoice: { kind } })).toEqual({
      functionCallingConfig: expected,
    });
  });

  it('are chosen by name', () => {
    const toolChoice = { kind: 'named', name: 'look' } as const;
    expect(member('toolConfig', { tools: [TOOL], toolChoice })).toEqual({
      functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['look'] },
    });
  });

  it('cannot be chosen where there are none', () => {
    const { body, adjustments } = sent({ toolChoice: { kind: 'required' } });
    expect(body).not.toHaveProperty('toolConfig');
    expect(adjustments).toEqual([expect.stringContaining('tool_choice required was left out')]);
  });

  it('lose the promise to be strict, and this is said', () => {
    const { adjustments } = sent({
      tools: [
        { ...TOOL, strict: true },
        { ...TOOL, name: 'b' },
      ],
    });
    expect(adjustments).toEqual([expect.stringContaining('strict was left out of 1 of the tools')]);
  });
});

describe('the form of the answer', () => {
  it.each([
    [{ kind: 'json_object' } as const, { responseMimeType: 'application/json' }],
    [FORMAT, { responseMimeType: 'application/json', responseJsonSchema: SCHEMA }],
  ])('is asked for: %j', (responseFormat, expected) => {
    expect(config({ responseFormat })).toMatchObject(expected);
  });

  it('is left out beside tools by older models, which refuse both together, and this is said', () => {
    const { body, adjustments } = sent({ model: OLD, tools: [TOOL], responseFormat: FORMAT });
    expect(body['generationConfig']).toEqual({ thinkingConfig: { includeThoughts: true } });
    expect(adjustments).toEqual([expect.stringContaining('response_format json_schema was left out')]);
  });

  it('goes out beside tools to newer models', () => {
    const { body, adjustments } = sent({ model: NEW, tools: [TOOL], responseFormat: FORMAT });
    expect(body['generationConfig']).toMatchObject({ responseJsonSchema: SCHEMA });
    expect(adjustments).toEqual([]);
  });

  it('is what older models get when no tool is left', () => {
    expect(config({ model: OLD, responseFormat: FORMAT, messages: [HI] })).toMatchObject({
      responseMimeType: 'application/json',
    });
  });
});
