import { ModelSettings } from '@longhaul/settings';
import { unlistedEntry } from '../entry';
import { entryNamed, catalogueOf, model, need, provider, verdictOf } from '../registry.fixtures';
import { fitsContext } from './fits-context.rule';

const worldOf = (limits: Partial<ModelSettings>) => ({
  providers: [provider('glm')],
  models: [model('glm/x', limits)],
});

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
    const sentence = verdictOf(fitsContext, worldOf(limits), {
      of: 'glm/x',
      need: { inputTokens, outputTokens },
      chosenBy: 'caller',
    });
    expect(sentence === null).toBe(fits);
  });

  it('is told with both numbers', () => {
    const asked = { of: 'glm/x', need: { inputTokens: 601, outputTokens: 400 } };
    expect(verdictOf(fitsContext, worldOf({ contextWindow: 1_000 }), asked)).toBe(
      'The job needs about 1001 tokens, and the window of glm/x is 1000.',
    );
  });

  it('that is unknown is worth a note, a known one is not', () => {
    const listed = entryNamed(catalogueOf(worldOf({ contextWindow: 1_000 })), 'glm/x');
    expect(fitsContext.note!(listed, need())).toBeNull();
    expect(fitsContext.note!(unlistedEntry(provider('glm'), 'y'), need())).toBe(
      'The context window of glm/y is unknown, so it was taken to fit.',
    );
  });
});
