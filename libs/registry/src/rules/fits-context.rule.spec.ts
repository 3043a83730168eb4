import { ModelSettings } from '@longhaul/settings';
import { entryOf } from '../entry';
import { model, need, policySettings, provider } from '../registry.fixtures';
import { fitsContext } from './fits-context.rule';

const context = { chosenBy: 'caller', settings: policySettings(), health: { refusal: () => null } } as const;

interface Case {
  readonly limits: Partial<ModelSettings>;
  readonly tokens: readonly [input: number, output: number];
  readonly fits: boolean;
}

describe('the context window', () => {
  it.each<[string, Case]>([
    [
      'holds what fills it to the last token',
      { limits: { contextWindow: 1_000 }, tokens: [600, 400], fits: true },
    ],
    ['does not hold one token more', { limits: { contextWindow: 1_000 }, tokens: [601, 400], fits: false }],
    [
      'counts no more output than the model can give',
      { limits: { contextWindow: 1_000, maxOutputTokens: 100 }, tokens: [900, 5_000], fits: true },
    ],
    [
      'counts the output that a reasoning model needs',
      { limits: { contextWindow: 1_000, minOutputTokens: 500 }, tokens: [501, 1], fits: false },
    ],
    [
      'is taken to fit when it is unknown',
      { limits: { contextWindow: null }, tokens: [5_000_000, 1], fits: true },
    ],
  ])('%s', (_, { limits, tokens: [inputTokens, outputTokens], fits }) => {
    const entry = entryOf(provider('glm'), model('glm/x', limits));
    expect(fitsContext.refuse(entry, need({ inputTokens, outputTokens }), context) === null).toBe(fits);
  });
});
