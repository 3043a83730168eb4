import { RouteSignals, Tier, TierChoice } from '@longhaul/contract';
import { TierSettings } from '@longhaul/settings';
import { need, tierSettings } from '../registry.fixtures';
import { TierAsked, chooseTier } from './tier-choice';

const weights = (...[prompt, data, conditions, context, reasoning, output]: number[]) => ({
  ...{ prompt: prompt!, data: data!, conditions: conditions! },
  ...{ context: context!, reasoning: reasoning!, output: output! },
});
/** The weights of §2.3. */
const SEED: TierSettings = tierSettings({
  intentWeights: {
    generate: weights(0.15, 0.1, 0.15, 0.15, 0.3, 0.15),
    llm_decision: weights(0.15, 0.1, 0.15, 0.15, 0.3, 0.15),
    transform: weights(0.15, 0.3, 0.1, 0.15, 0.15, 0.15),
    conditional: weights(0.15, 0.1, 0.3, 0.15, 0.2, 0.1),
    action: weights(0.2, 0.15, 0.15, 0.15, 0.2, 0.15),
    default: weights(0.2, 0.15, 0.15, 0.15, 0.2, 0.15),
  },
});
const choose = (signals: RouteSignals, asked: Partial<TierAsked> = {}): TierChoice =>
  chooseTier({
    need: need({ inputTokens: 0 }),
    settings: SEED,
    profile: null,
    requested: null,
    signals,
    ...asked,
  });
/** Every measure at its lowest. */
const IDLE: RouteSignals = { promptLength: 0, dataSize: 0, conditions: 0, contextReferences: 0 };

describe('a score', () => {
  it.each<[number, Tier]>([
    [0, 'fast'],
    [2.999, 'fast'],
    [3, 'balanced'],
    [6.499, 'balanced'],
    [6.5, 'powerful'],
    [10, 'powerful'],
  ])('E2: of %d is %s', (score, tier) => {
    expect(choose({ combinedScore: score })).toMatchObject({ tier, score, cause: 'signals' });
    expect(choose({ combinedScore: score, creationScore: 9, executionScore: 9 }).tier).toBe(tier);
  });

  it('E2: lands by the thresholds that are set', () => {
    const settings = tierSettings({ fastBelow: 5.5, balancedBelow: 5.75 });
    const tiers = [5.4, 5.5, 5.74, 5.75].map((combinedScore) => choose({ combinedScore }, { settings }).tier);
    expect(tiers).toEqual(['fast', 'balanced', 'balanced', 'powerful']);
  });
});

describe('the side of the agent', () => {
  it('E9: is the combined score, else the mean of the two others, else the one that is given', () => {
    expect(choose({ combinedScore: 4, creationScore: 8, executionScore: 8 }).agentScore).toBe(4);
    expect(choose({ creationScore: 2, executionScore: 6 }).agentScore).toBe(4);
    expect(choose({ creationScore: 7 }).agentScore).toBe(7);
    expect(choose({ executionScore: 1 }).agentScore).toBe(1);
  });

  it('E9: keeps a real 0, and does not take it for nothing', () => {
    expect(choose({ combinedScore: 0, creationScore: 10 })).toMatchObject({
      tier: 'fast',
      score: 0,
      agentScore: 0,
    });
    expect(choose({ creationScore: 0, executionScore: 0 })).toMatchObject({ tier: 'fast', score: 0 });
    expect(choose({ creationScore: 0, executionScore: 10 }).agentScore).toBe(5);
  });

  it('E9: counts whole when it is alone', () => {
    expect(choose({ combinedScore: 6.4 })).toMatchObject({ score: 6.4, stepScore: null, factors: [] });
  });
});

describe('the side of the step', () => {
  it('E10: counts whole when it is alone', () => {
    const { score, agentScore, stepScore, factors, tier } = choose(IDLE);
    // 2 × (0.2 + 0.15 + 0.15 + 0.15) + 3 × 0.2 + 4 × 0.15
    expect([score, agentScore, stepScore, tier]).toEqual([2.5, null, 2.5, 'fast']);
    expect(factors).toHaveLength(6);
  });

  it.each<[string, number]>([
    // 2 × each measure's weight, then reasoning and output as the intent usually has them.
    ['generate', 2 * 0.55 + 8 * 0.3 + 7 * 0.15],
    ['llm_decision', 2 * 0.55 + 8 * 0.3 + 7 * 0.15],
    ['transform', 2 * 0.7 + 4 * 0.15 + 5 * 0.15],
    ['conditional', 2 * 0.7 + 6 * 0.2 + 4 * 0.1],
    ['action', 2 * 0.65 + 2 * 0.2 + 3 * 0.15],
    ['summarize', 2 * 0.65 + 4 * 0.2 + 5 * 0.15],
    ['a word of their own', 2 * 0.65 + 3 * 0.2 + 4 * 0.15],
    ['constructor', 2 * 0.65 + 3 * 0.2 + 4 * 0.15],
  ])('E13: of the intent "%s" is weighed as that intent is: %d', (intent, score) => {
    expect(choose({ ...IDLE, intent }).stepScore).toBeCloseTo(score, 10);
  });

  it('E10: weighs data most in a transform, and conditions most in a conditional', () => {
    const full = (signals: RouteSignals): number => choose({ ...IDLE, ...signals }).stepScore!;
    const gain = (intent: string, signals: RouteSignals): number =>
      full({ intent, ...signals }) - full({ intent });
    expect(gain('transform', { dataSize: 51_200 })).toBeCloseTo(7 * 0.3, 10);
    expect(gain('conditional', { conditions: 10 })).toBeCloseTo(7 * 0.3, 10);
    expect(gain('generate', { reasoning: 10 })).toBeCloseTo(2 * 0.3, 10);
    expect(gain('generate', { promptLength: 1_000, contextReferences: 10 })).toBeCloseTo(7 * 0.3, 10);
  });

  it('stays between 0 and 10', () => {
    const settings = tierSettings({ intentWeights: { default: weights(1, 1, 1, 1, 1, 1) } });
    expect(choose({ ...IDLE, promptLength: 9_999 }, { settings }).stepScore).toBe(10);
  });

  it('without the default weights is a fault, not a guess', () => {
    const settings = tierSettings({ intentWeights: {} });
    expect(() => choose(IDLE, { settings })).toThrow(/no default weights/);
  });
});

describe('both sides', () => {
  it('E9: are six parts of the agent and four of the step', () => {
    // 0.6 × 8 + 0.4 × 2.5
    expect(choose({ ...IDLE, combinedScore: 8 })).toMatchObject({
      score: 5.8,
      agentScore: 8,
      stepScore: 2.5,
    });
  });

  it('E9: are the parts that are set', () => {
    const settings = { ...SEED, agentWeight: 0.25, stepWeight: 0.75 };
    expect(choose({ ...IDLE, combinedScore: 8 }, { settings }).score).toBe(3.875);
  });

  it('E9: do not lose a threshold to the arithmetic of floating point', () => {
    const settings = tierSettings({ intentWeights: { default: weights(0, 0, 0, 0, 1, 0) } });
    const exact = choose({ combinedScore: 6.5, reasoning: 6.5 }, { settings });
    expect([exact.score, exact.tier]).toEqual([6.5, 'powerful']);
    // 0.6 × 8.1 + 0.4 × 4.1 is 6.5, but floating point has 6.499999999999999.
    expect(choose({ combinedScore: 8.1, reasoning: 4.1 }, { settings })).toMatchObject({
      ...{ score: 6.5, tier: 'powerful' },
    });
  });
});

describe('what is said beside a score', () => {
  it('nothing: gives the default tier, and says that there was no signal', () => {
    expect(choose({})).toEqual({
      ...{ tier: 'balanced', cause: 'no_signal', score: null, agentScore: null, stepScore: null },
      ...{ intent: null, factors: [], escalatedFrom: null },
    });
    expect(choose({}, { settings: tierSettings({ byDefault: 'fast' }) }).tier).toBe('fast');
  });

  it.each<RouteSignals>([{ intent: 'generate' }, { budgetRemaining: 100 }, { previousFailures: 0 }])(
    '%j alone is no signal',
    (signals) => {
      expect(choose(signals)).toMatchObject({ tier: 'balanced', cause: 'no_signal', score: null });
    },
  );

  it.each(['fast', 'balanced', 'powerful'] as const)('A7: the profile %s is that tier', (profile) => {
    expect(choose({}, { profile })).toMatchObject({ tier: profile, cause: 'profile' });
  });

  it('A7: the profile cost is no tier, and a score beats a profile', () => {
    expect(choose({}, { profile: 'cost' })).toMatchObject({ tier: 'balanced', cause: 'no_signal' });
    expect(choose({ combinedScore: 1 }, { profile: 'powerful' })).toMatchObject({
      tier: 'fast',
      cause: 'signals',
    });
  });

  it('a tier that is asked for beats everything, and is not raised', () => {
    const asked = { requested: 'fast', profile: 'powerful' } as const;
    expect(choose({ combinedScore: 9, previousFailures: 5, intent: 'send' }, asked)).toEqual({
      ...{ tier: 'fast', cause: 'requested', score: null, agentScore: null, stepScore: null },
      ...{ intent: 'send', factors: [], escalatedFrom: null },
    });
  });
});

describe('earlier failures', () => {
  it.each<[number, number, Tier, Tier | null]>([
    [1, 0, 'fast', null],
    [1, 1, 'balanced', 'fast'],
    [1, 2, 'powerful', 'fast'],
    [1, 99, 'powerful', 'fast'],
    [5, 1, 'powerful', 'balanced'],
    [9, 3, 'powerful', null],
  ])(
    'E12: of a score of %d raise by %i, to %s at most',
    (...[combinedScore, previousFailures, tier, from]) => {
      expect(choose({ combinedScore, previousFailures })).toMatchObject({
        ...{ tier, escalatedFrom: from, score: combinedScore, cause: 'signals' },
      });
    },
  );

  it('raise a profile too, and the default tier, which is then no longer for want of a signal', () => {
    expect(choose({ previousFailures: 1 }, { profile: 'fast' })).toMatchObject({
      ...{ tier: 'balanced', cause: 'profile', escalatedFrom: 'fast' },
    });
    expect(choose({ previousFailures: 1 })).toMatchObject({
      ...{ tier: 'powerful', cause: 'signals', escalatedFrom: 'balanced', score: null },
    });
  });
});
