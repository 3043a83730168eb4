import { costNanoUsd, nameOf } from '@longhaul/contract';
import { defaultPolicy } from './policy';
import { faultOf, need, registryOf, tierSettings } from './registry.fixtures';
import { SEEDS, Setup, decided, seedsWith } from './seeds.fixtures';

const chosen = (...asked: Parameters<typeof decided>): string => nameOf(decided(...asked).chain[0]!);
const BALANCED = 'moonshot/kimi-k2-0905-preview';
/** The seed's call: budget 10000, no failures, scores of 5.0. */
const SAMPLE = {
  intent: 'generate',
  budgetRemaining: 10_000,
  previousFailures: 0,
  ...{ creationScore: 5, executionScore: 5, combinedScore: 5 },
};
const without = (...names: string[]): Setup => ({
  providers: Object.fromEntries(names.map((name) => [name, { key: null }])),
});

describe('seed 003: tiers', () => {
  it("E12: the seed's sample lands in balanced, on the provider and model of that tier", () => {
    const decision = decided({ model: 'auto', routing: { signals: SAMPLE } });
    expect(decision.tier).toMatchObject({ tier: 'balanced', cause: 'signals', score: 5, intent: 'generate' });
    expect(decision.chain[0]).toMatchObject({
      provider: 'moonshot',
      model: 'kimi-k2-0905-preview',
      because: 'tier',
    });
    expect(decision.notes.filter((note) => note.includes('budget_remaining'))).toEqual([]);
  });

  it.each([
    [0, 'anthropic/claude-3-haiku-20240307'],
    [2.999, 'anthropic/claude-3-haiku-20240307'],
    [3, BALANCED],
    [6.499, BALANCED],
    [6.5, 'anthropic/claude-3-5-sonnet-20241022'],
    [10, 'anthropic/claude-3-5-sonnet-20241022'],
  ])('E1, E2, E7: a score of %d lands on %s', (combinedScore, name) => {
    expect(chosen({ routing: { signals: { combinedScore } } })).toBe(name);
  });

  it.each([
    ['E3', 'fast', 'anthropic/claude-3-haiku-20240307'],
    ['E4', 'balanced', BALANCED],
    ['E5', 'powerful', 'anthropic/claude-3-5-sonnet-20241022'],
  ])('%s: tier:%s is %s', (_, tier, name) => {
    expect(chosen({ model: `tier:${tier}` })).toBe(name);
  });

  it('E4: the price of a target is that of the catalogue', () => {
    const [first] = registryOf(SEEDS).route(need(), { model: 'tier:balanced' }).chain;
    expect(first.price).toMatchObject({ inputPerMTok: 0.6, outputPerMTok: 2.5, cachedInputPerMTok: 0.15 });
  });

  it('E6, E20: the earlier balanced model is the first fallback', () => {
    const chain = decided({ model: 'tier:balanced' }).chain.slice(0, 2).map(nameOf);
    expect(chain).toEqual([BALANCED, 'openai/gpt-4o-mini']);
  });

  it('E15, E20, E21: the fallback takes over where the key of the first is missing, and the decision says so', () => {
    const decision = decided({ model: 'tier:balanced' }, without('moonshot'));
    expect(nameOf(decision.chain[0]!)).toBe('openai/gpt-4o-mini');
    expect(decision.notes).toContain(
      `The tier balanced went on to its next target: ${BALANCED} was refused.`,
    );
  });

  it('E15: with no key for any target the answer names variables and tier', () => {
    const error = faultOf(() => decided({ model: 'tier:balanced' }, without('moonshot', 'openai')));
    expect(error.code).toBe('provider_not_configured');
    expect(error.message).toBe(
      'No target of the tier balanced has a key. Provider moonshot has no key: MOONSHOT_API_KEY is not set. ' +
        'Provider openai has no key: OPENAI_API_KEY is not set. ' +
        'Set one of MOONSHOT_API_KEY, OPENAI_API_KEY and start Longhaul again, or name another model. ' +
        'See https://platform.moonshot.ai/docs, https://platform.openai.com/docs/guides/error-codes.',
    );
  });

  it('E8: a fault of the router gives the decision of the balanced tier, degraded and with its reason', () => {
    const orders = (): never => {
      throw new Error('the order is broken');
    };
    const registry = registryOf(SEEDS, { policy: { ...defaultPolicy, orders } });
    const { decision } = registry.route(need(), { routing: { signals: SAMPLE } });
    expect(nameOf(decision.chain[0]!)).toBe(BALANCED);
    expect(decision.tier?.tier).toBe('balanced');
    expect(decision.degraded?.reason).toContain('the order is broken');
  });

  it('E9, E10: both sides are told with the score, and each factor with its weight', () => {
    const { tier } = decided({ routing: { signals: { combinedScore: 5, promptLength: 600, intent: 'x' } } });
    // Step: 7 × 0.2 + 2 × 0.45 + 3 × 0.2 + 4 × 0.15 = 3.5; score: 0.6 × 5 + 0.4 × 3.5.
    expect(tier).toMatchObject({ agentScore: 5, stepScore: 3.5, score: 4.4, tier: 'balanced' });
    expect(tier?.factors).toHaveLength(6);
  });

  it('E12: earlier failures raise the tier', () => {
    expect(decided({ routing: { signals: { ...SAMPLE, previousFailures: 1 } } }).tier).toMatchObject({
      ...{ tier: 'powerful', escalatedFrom: 'balanced' },
    });
  });

  it('E13: an intent that nobody knows is a word like any other', () => {
    expect(
      decided({ routing: { signals: { intent: 'scatter_gather', combinedScore: 1 } } }).tier,
    ).toMatchObject({
      ...{ tier: 'fast', intent: 'scatter_gather' },
    });
  });

  it('E14: a provider is available when its key is there', () => {
    const told = (setup: Setup) =>
      registryOf(seedsWith(setup)).explain(need(), { request: { model: BALANCED } });
    expect(told({}).error).toBeNull();
    expect(told(without('moonshot')).error?.code).toBe('provider_not_configured');
  });

  it('E17, E19, E24: one table says what each tier is: another target is another choice, and back again', () => {
    const kimiForAll = tierSettings({
      targets: { fast: ['kimi'], balanced: ['openai/gpt-4o-mini'], powerful: ['kimi'] },
    });
    const registry = registryOf(SEEDS);
    const first = (tier: string): string =>
      nameOf(registry.route(need(), { model: `tier:${tier}` }).chain[0]);
    const before = registry.state;
    registry.exchange(registryOf(seedsWith({ policy: { tiers: kimiForAll } }), { version: 1 }).state);
    expect([first('fast'), first('balanced')]).toEqual([BALANCED, 'openai/gpt-4o-mini']);
    registry.exchange(before);
    expect([first('fast'), first('balanced')]).toEqual(['anthropic/claude-3-haiku-20240307', BALANCED]);
  });
});

describe('seed 003: prices and windows', () => {
  const call = (freshInput: number, cacheRead: number) => ({
    freshInput,
    cacheRead,
    cacheWrite: 0,
    output: 0,
    reasoning: 0,
  });
  const totalUsd = (input: number, cached: number, hits: number): number => {
    const price = {
      inputPerMTok: input,
      cachedInputPerMTok: cached,
      outputPerMTok: 0,
      effectiveFrom: '2025-09-05',
      source: 'x',
    };
    const once = costNanoUsd(call(1_000_000, 0), price);
    return (once * (10 - hits) + costNanoUsd(call(0, 1_000_000), price) * hits) / 1e9;
  };

  it("E33, E34: the seed's arithmetic holds for the prices that it gives", () => {
    expect([totalUsd(0.15, 0.015, 0), totalUsd(0.15, 0.015, 9)]).toEqual([1.5, 0.285]);
  });

  it('E34: and C3 for those of the list: ten steps cost 6.00, or 1.95 with nine of them cached', () => {
    expect([totalUsd(0.6, 0.15, 0), totalUsd(0.6, 0.15, 9)]).toEqual([6, 1.95]);
  });

  it('E35: a job beyond 128K goes past gpt-4o-mini, to the window of 256K', () => {
    const long = need({ inputTokens: 150_000 });
    const decision = decided({ model: 'tier:balanced' }, {}, long);
    expect(decision.chain.map(nameOf)).toEqual([BALANCED, 'ollama/qwen3.5:latest']);
    expect(decision.notes).toContain(
      'The context window of ollama/qwen3.5:latest is unknown, so it was taken to fit.',
    );
    const refused = decision.candidates.find(({ target }) => target.model === 'gpt-4o-mini');
    expect(refused?.refusals).toEqual([
      {
        rule: 'fits-context',
        reason: 'The job needs about 151000 tokens, and the window of openai/gpt-4o-mini is 128000.',
      },
    ]);
  });

  it('E36: benchmarks decide nothing: no rule and no step knows of quality', () => {
    const { rules, order } = decided();
    expect([...rules, ...order].filter((name) => /quality|bench|score/.test(name))).toEqual([]);
  });
});
