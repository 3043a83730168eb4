import { ChatRequest, REASONING_EFFORTS } from '@longhaul/contract';
import { CALL, HI, sent, TOOL, traits } from './request.fixtures';

const ADAPTIVE = { type: 'adaptive', display: 'summarized' };
const budget = traits({
  reasoningControl: 'budget',
  reasoningEfforts: REASONING_EFFORTS,
  temperature: { kind: 'range', min: 0, max: 1 },
});
const thinkingOf = (changes: Partial<ChatRequest>) => {
  const { body, adjustments } = sent(changes);
  return { thinking: body['thinking'], config: body['output_config'], adjustments };
};

describe('a model that thinks by effort', () => {
  it.each(['low', 'medium', 'high', 'max'] as const)('is told %s, and to show its thoughts', (effort) => {
    for (const control of [null, 'effort'] as const)
      expect(thinkingOf({ reasoningEffort: effort, traits: traits({ reasoningControl: control }) })).toEqual({
        thinking: ADAPTIVE,
        config: { effort },
        adjustments: [],
      });
  });

  it('is switched off by none', () => {
    expect(thinkingOf({ reasoningEffort: 'none' })).toEqual({
      thinking: { type: 'disabled' },
      config: undefined,
      adjustments: [],
    });
  });

  it('gets the nearest effort when it cannot be switched off', () => {
    const always = traits({ reasoningControl: 'effort', reasoningEfforts: ['low', 'medium', 'high', 'max'] });
    expect(thinkingOf({ reasoningEffort: 'none', traits: always })).toMatchObject({
      thinking: ADAPTIVE,
      config: { effort: 'low' },
      adjustments: [expect.stringContaining('sent as low')],
    });
  });

  it('shares its place with a schema', () => {
    const schema = { type: 'object' };
    expect(
      thinkingOf({ reasoningEffort: 'low', responseFormat: { kind: 'json_schema', name: 'a', schema } })
        .config,
    ).toEqual({ effort: 'low', format: { type: 'json_schema', schema } });
  });
});

describe('a model that was told nothing about thinking', () => {
  it.each(['claude-sonnet-5-5', 'claude-haiku-5-5', 'claude-fable-5-1', 'claude-opus-5', 'claude-sonnet-6'])(
    'is asked to show its thoughts when it is %s, which thinks unasked and in silence',
    (model) => {
      expect(thinkingOf({ model })).toEqual({ thinking: ADAPTIVE, config: undefined, adjustments: [] });
    },
  );

  it.each([
    'claude-opus-4-8',
    'claude-sonnet-4-6',
    'claude-haiku-4-5',
    'claude-3-5-sonnet-20241022',
    'glm-5',
  ])('does not begin to when it is %s', (model) => {
    expect(thinkingOf({ model }).thinking).toBeUndefined();
  });
});

describe('a model whose tool is forced', () => {
  it.each([{ kind: 'required' }, { kind: 'named', name: TOOL.name }] as const)(
    'does not think, whoever asked for it: both together are refused ($kind)',
    (toolChoice) => {
      const forced = { tools: [TOOL], toolChoice };
      expect(thinkingOf({ ...forced, reasoningEffort: 'high' })).toEqual({
        thinking: { type: 'disabled' },
        config: undefined,
        adjustments: [expect.stringContaining('reasoning_effort high was left out')],
      });
      expect(thinkingOf({ ...forced, model: 'claude-opus-5' })).toMatchObject({
        thinking: { type: 'disabled' },
        adjustments: [expect.stringContaining('switched off')],
      });
      expect(thinkingOf({ ...forced, model: 'claude-opus-4-8' })).toMatchObject({ adjustments: [] });
    },
  );
});

describe('a model that thinks by switch', () => {
  const switched = traits({ reasoningControl: 'switch' });
  it('is switched on without a degree, and off', () => {
    expect(thinkingOf({ reasoningEffort: 'high', traits: switched })).toMatchObject({
      thinking: ADAPTIVE,
      config: undefined,
    });
    expect(thinkingOf({ reasoningEffort: 'none', traits: switched }).thinking).toEqual({ type: 'disabled' });
  });
});

describe('a model that thinks by budget', () => {
  it.each([
    ['minimal', 64_000, 1_024, 0],
    ['low', 64_000, 4_096, 0],
    ['medium', 64_000, 8_192, 0],
    ['high', 64_000, 16_384, 0],
    ['max', 65_536, 32_768, 0],
    ['max', 64_000, 32_000, 1],
    ['high', 10_000, 5_000, 1],
    ['high', 1_500, 1_024, 1],
    ['minimal', 1_500, 1_024, 0],
  ] as const)(
    'gets for %s of %d tokens a budget of %d',
    (...[reasoningEffort, maxOutputTokens, tokens, notes]) => {
      const { thinking, config, adjustments } = thinkingOf({
        reasoningEffort,
        maxOutputTokens,
        traits: budget,
      });
      expect(thinking).toEqual({ type: 'enabled', budget_tokens: tokens });
      expect(config).toBeUndefined();
      expect(adjustments).toHaveLength(notes);
    },
  );

  it('does not think without being told to, so none needs no word', () => {
    for (const changes of [{}, { reasoningEffort: 'none' as const }])
      expect(thinkingOf({ ...changes, traits: budget })).toMatchObject({
        thinking: undefined,
        adjustments: [],
      });
  });

  const step = { role: 'assistant', content: '', toolCalls: [CALL] } as const;
  const result = { role: 'tool', content: 'blue', toolCallId: CALL.id } as const;
  const state = {
    provider: 'anthropic',
    data: { model: 'm', blocks: [{ type: 'thinking', thinking: 'Hm', signature: 'S' }] },
  };

  it.each<[string, Partial<ChatRequest>]>([
    ['a tool is forced', { tools: [TOOL], toolChoice: { kind: 'required' } }],
    ['a tool is named', { tools: [TOOL], toolChoice: { kind: 'named', name: TOOL.name } }],
    ['the output is too small', { maxOutputTokens: 1_024 }],
    ['another provider made the calls of this loop', { messages: [HI, step, result] }],
    [
      'another model made them',
      { messages: [HI, { ...step, state: { ...state, data: { ...state.data, model: 'n' } } }, result] },
    ],
  ])('does not think when %s, and says so', (_, changes) => {
    const { thinking, adjustments } = thinkingOf({ reasoningEffort: 'low', traits: budget, ...changes });
    expect(thinking).toBeUndefined();
    expect(adjustments).toEqual([expect.stringMatching(/^reasoning_effort low was left out: .+\.$/)]);
  });

  it.each<[string, Partial<ChatRequest>]>([
    ['in the middle of its own loop', { messages: [HI, { ...step, state }, result] }],
    [
      'after a loop of another that is over',
      { messages: [HI, step, result, { role: 'assistant', content: 'Blue.' }, HI] },
    ],
  ])('thinks %s', (_, changes) => {
    expect(thinkingOf({ reasoningEffort: 'low', traits: budget, ...changes }).thinking).toMatchObject({
      type: 'enabled',
    });
  });
});
