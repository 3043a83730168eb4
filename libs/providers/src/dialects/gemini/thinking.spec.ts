import { ChatRequest, ReasoningEffort } from '@longhaul/contract';
import { NEW, OLD, sent, traits } from './request.fixtures';

const thinking = (changes: Partial<ChatRequest>): unknown => {
  const config = sent(changes).body['generationConfig'] as Record<string, unknown> | undefined;
  return config?.['thinkingConfig'];
};
const ALL: readonly ReasoningEffort[] = ['none', 'minimal', 'low', 'medium', 'high', 'max'];
const budgeted = traits({ reasoningControl: 'budget', reasoningEfforts: ALL });

describe('how a model is told to think', () => {
  it.each(['minimal', 'low', 'medium', 'high'] as const)('by a level, never by a budget: %s', (effort) => {
    const levelled = traits({
      reasoningControl: 'effort',
      reasoningEfforts: ['minimal', 'low', 'medium', 'high'],
    });
    expect(thinking({ model: 'm', traits: levelled, reasoningEffort: effort })).toEqual({
      thinkingLevel: effort,
      includeThoughts: true,
    });
  });

  it.each([
    ['none', { thinkingBudget: 0 }],
    ['minimal', { thinkingBudget: 1_024, includeThoughts: true }],
    ['low', { thinkingBudget: 1_024, includeThoughts: true }],
    ['medium', { thinkingBudget: 8_192, includeThoughts: true }],
    ['high', { thinkingBudget: 24_576, includeThoughts: true }],
    ['max', { thinkingBudget: 24_576, includeThoughts: true }],
  ] as const)('by a budget, never by a level: %s', (effort, expected) => {
    expect(thinking({ model: 'm', traits: budgeted, reasoningEffort: effort })).toEqual(expected);
  });

  it.each([
    ['none', { thinkingBudget: 0 }],
    ['high', { thinkingBudget: -1, includeThoughts: true }],
  ] as const)('by a switch, which leaves the budget to the model: %s', (effort, expected) => {
    const switched = traits({ reasoningControl: 'switch' });
    expect(thinking({ traits: switched, reasoningEffort: effort })).toEqual(expected);
  });

  it.each([
    [NEW, { thinkingLevel: 'low', includeThoughts: true }],
    ['gemini-3-flash-preview', { thinkingLevel: 'low', includeThoughts: true }],
    ['gemini-10-pro', { thinkingLevel: 'low', includeThoughts: true }],
    [OLD, { thinkingBudget: 1_024, includeThoughts: true }],
  ])('as its generation is, where the catalogue is silent: %s', (model, expected) => {
    expect(thinking({ model, reasoningEffort: 'low' })).toEqual(expected);
  });

  it('only when it thinks, since others refuse it', () => {
    const thoughtless = traits({ capabilities: ['streaming'] });
    expect(thinking({ traits: thoughtless })).toBeUndefined();
    expect(thinking({ model: 'gemini-2.0-flash' })).toBeUndefined();
    expect(thinking({ model: 'gemma-3-27b-it', reasoningEffort: 'high' })).toBeUndefined();
  });

  it('with a word that it takes, and the change is said', () => {
    const { body, adjustments } = sent({ reasoningEffort: 'max' });
    expect(body['generationConfig']).toMatchObject({ thinkingConfig: { thinkingLevel: 'high' } });
    expect(adjustments).toEqual([expect.stringContaining('reasoning_effort max was sent as high')]);
  });

  it.each([
    [20_000, 10_000],
    [1_001, 512],
    [10, 512],
  ])('with half of max_output_tokens %d left for the answer, and this is said', (maxOutputTokens, budget) => {
    const { body, adjustments } = sent({
      model: 'm',
      traits: budgeted,
      reasoningEffort: 'high',
      maxOutputTokens,
    });
    expect(body['generationConfig']).toMatchObject({ thinkingConfig: { thinkingBudget: budget } });
    expect(adjustments).toEqual([expect.stringContaining(`a budget of ${String(budget)} tokens`)]);
  });

  it('without a word of it where half is enough', () => {
    const wide = { model: 'm', traits: budgeted, reasoningEffort: 'low', maxOutputTokens: 4_096 } as const;
    expect(sent(wide).adjustments).toEqual([]);
  });
});
