import { Factor, FactorScore, RouteSignals } from '@longhaul/contract';
import { need, tierSettings } from '../registry.fixtures';
import { describesStep, scoreFactors } from './complexity';

const WEIGHTS = tierSettings().intentWeights['default']!;
const scored = (signals: RouteSignals, inputTokens = 0): FactorScore[] =>
  scoreFactors(signals, need({ inputTokens }), WEIGHTS);
const factor = (
  name: Factor,
  signals: RouteSignals,
  inputTokens = 0,
): Pick<FactorScore, 'score' | 'source'> => {
  const found = scored(signals, inputTokens).find((each) => each.factor === name)!;
  return { score: found.score, source: found.source };
};

describe('a measure of a step scores 2, 5, 7 or 9', () => {
  it.each<[Factor, keyof RouteSignals, readonly [number, number, number]]>([
    ['prompt', 'promptLength', [200, 500, 1_000]],
    ['data', 'dataSize', [1_024, 10_240, 51_200]],
    ['conditions', 'conditions', [2, 5, 10]],
    ['context', 'contextReferences', [2, 5, 10]],
  ])('E10: %s by %s, at %j', (name, signal, [low, medium, high]) => {
    const scores = [0, low - 1, low, medium - 1, medium, high - 1, high, high * 1_000].map(
      (value) => factor(name, { [signal]: value }).score,
    );
    expect(scores).toEqual([2, 2, 5, 5, 7, 7, 9, 9]);
    expect(factor(name, { [signal]: 0 }).source).toBe('declared');
  });

  it('and what was not measured counts as nothing, and says so', () => {
    for (const name of ['data', 'conditions', 'context'] as const)
      expect(factor(name, {})).toEqual({ score: 2, source: 'absent' });
  });

  it.each([
    [0, 2],
    [60, 2],
    [61, 5],
    [151, 5],
    [152, 7],
    [303, 7],
    [304, 9],
  ])('and a prompt that nobody measured is read off the job: %i tokens score %i', (inputTokens, score) => {
    expect(factor('prompt', {}, inputTokens)).toEqual({ score, source: 'inferred' });
  });

  it('and what the caller declares beats what the job shows', () => {
    expect(factor('prompt', { promptLength: 10 }, 100_000)).toEqual({ score: 2, source: 'declared' });
  });
});

describe('what an intent takes', () => {
  it.each<[string, number, number]>([
    ['generate', 8, 7],
    ['llm_decision', 8, 7],
    ['ai_processing', 8, 4],
    ['conditional', 6, 4],
    ['switch', 6, 4],
    ['validate', 6, 6],
    ['transform', 4, 5],
    ['summarize', 4, 5],
    ['extract', 3, 5],
    ['filter', 3, 4],
    ['action', 2, 3],
    ['send', 2, 3],
    ['enrich', 3, 6],
    ['aggregate', 3, 6],
    ['scatter_gather', 3, 4],
    ['', 3, 4],
    [' Generate ', 8, 7],
    ['constructor', 3, 4],
    ['__proto__', 3, 4],
  ])('E13: "%s" is %i of reasoning and %i of output', (intent, reasoning, output) => {
    expect(factor('reasoning', { intent })).toEqual({ score: reasoning, source: 'inferred' });
    expect(factor('output', { intent })).toEqual({ score: output, source: 'inferred' });
  });

  it('gives way to what the caller declares, a real 0 too', () => {
    expect(factor('reasoning', { intent: 'generate', reasoning: 0 })).toEqual({
      score: 0,
      source: 'declared',
    });
    expect(factor('output', { intent: 'generate', output: 9.5 })).toEqual({ score: 9.5, source: 'declared' });
  });
});

describe('a step', () => {
  it.each<[RouteSignals, boolean]>([
    [{}, false],
    [{ intent: 'generate' }, false],
    [{ combinedScore: 5, previousFailures: 2, budgetRemaining: 10 }, false],
    [{ promptLength: 0 }, true],
    [{ dataSize: 0 }, true],
    [{ conditions: 0 }, true],
    [{ contextReferences: 0 }, true],
    [{ reasoning: 0 }, true],
    [{ output: 0 }, true],
  ])('is described by %j: %p', (signals, described) => {
    expect(describesStep(signals)).toBe(described);
  });

  it('has all six factors, each with the weight that it is given', () => {
    expect(scored({}).map(({ factor: name, weight }) => [name, weight])).toEqual([
      ['prompt', 0.2],
      ['data', 0.15],
      ['conditions', 0.15],
      ['context', 0.15],
      ['reasoning', 0.2],
      ['output', 0.15],
    ]);
  });
});
