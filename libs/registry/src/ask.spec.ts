import { RouteRequest } from '@longhaul/contract';
import { Assumptions, ask, isAuto, tierNamed } from './ask';
import { Question } from './question';
import { Fixture, WORLD, faultOf, need, stateOf } from './registry.fixtures';

const asked = (request: RouteRequest, policy: Fixture['policy'] = {}, assumed: Assumptions = {}): Question =>
  ask(stateOf({ ...WORLD, policy }), need(), { request, assumed });
const ceiling = (maxCostUsd: number | undefined, maxCostNanoUsd: number | null): number | null =>
  asked({ routing: { maxCostUsd } }, { maxCostNanoUsd }).ceilingNanoUsd;

describe('a question', () => {
  it('takes the profile of the caller, else the configured one', () => {
    expect(asked({}, { profile: 'cost' }).profile).toBe('cost');
    expect(asked({ routing: { profile: 'fast' } }, { profile: 'cost' }).profile).toBe('fast');
  });

  it('takes the lower of the two ceilings', () => {
    expect(ceiling(undefined, null)).toBeNull();
    expect(ceiling(0.5, null)).toBe(500_000_000);
    expect(ceiling(undefined, 7)).toBe(7);
    expect(ceiling(0.5, 7)).toBe(7);
    expect(ceiling(0.5, 900_000_000)).toBe(500_000_000);
    expect(ceiling(0, 7)).toBe(0);
  });

  it('loses no nano-dollar of a ceiling to floating point', () => {
    // 2.01 × 10⁹ is 2009999999.9999998 in a double.
    for (const cents of [201, 203, 1999, 57]) expect(ceiling(cents / 100, null)).toBe(cents * 10_000_000);
  });

  it("prefers the caller's providers, then those for the type of job, each once", () => {
    const preferredProviders = { chat: ['glm', 'moonshot'], audit: ['openai'] };
    expect(asked({}, { preferredProviders }).preferred).toEqual(['glm', 'moonshot']);
    expect(asked({ routing: { prefer: ['openai', 'GLM'] } }, { preferredProviders }).preferred).toEqual([
      ...['openai', 'glm', 'moonshot'],
    ]);
  });

  it('reads the word of a family as its members, and a prefix as its provider', () => {
    expect(asked({ routing: { prefer: ['Kimi'] } }).preferred.toSorted()).toEqual(['kimi', 'moonshot']);
    expect(asked({ routing: { prefer: ['cloud'] } }).preferred).toEqual(['ollama_cloud']);
  });

  it('has a tier only where the caller left the choice to us', () => {
    expect(asked({}).tier).toMatchObject({ tier: 'balanced', cause: 'no_signal' });
    expect(asked({ model: 'AUTO', routing: { signals: { combinedScore: 9 } } }).tier?.tier).toBe('powerful');
    expect(asked({ model: 'tier:fast' }).tier).toMatchObject({ tier: 'fast', cause: 'requested' });
    expect(asked({ model: 'tier:fast', provider: 'glm' }).tier?.tier).toBe('fast');
    expect(asked({ model: 'glm-5', routing: { signals: { combinedScore: 9 } } }).tier).toBeNull();
    expect(asked({ provider: 'glm' }).tier).toBeNull();
  });

  it('is refused when it prefers a provider that there is not', () => {
    const error = faultOf(() => asked({ routing: { prefer: ['glm', 'moonshoot'] } }));
    expect(error.code).toBe('invalid_request');
    expect(error.message).toMatch(/^There is no provider "moonshoot"; there are .*moonshot/);
    expect(error.detail).toMatchObject({
      param: 'routing.prefer',
      faults: [{ pointer: '/routing/prefer/1' }],
      extra: { near_matches: ['moonshot'] },
    });
  });
});

describe('an assumption', () => {
  const illness = (openCircuits: readonly string[], provider: string, model: string): string | null =>
    asked({}, {}, { openCircuits }).health.illness?.({ provider, model }) ?? null;

  it('of an open circuit is an illness of a whole provider, or of one of its models', () => {
    expect(illness(['GLM'], 'glm', 'glm-5')).toBe('The circuit of glm/glm-5 is assumed to be open.');
    expect(illness(['glm/GLM-5'], 'glm', 'glm-5')).toContain('assumed');
    expect(illness(['glm/glm-5'], 'glm', 'glm-4.5-x')).toBeNull();
    expect(illness(['glm'], 'openai', 'gpt-5.4')).toBeNull();
  });

  it.each([
    ['an alias', 'k2', 'moonshot', 'kimi-k2.6'],
    ['an alias behind its provider', 'Moonshot/K2', 'moonshot', 'kimi-k2.6'],
    ['a bare id', 'GLM-5', 'glm', 'glm-5'],
    ['another prefix of the provider', 'cloud/gpt-oss:120b', 'ollama_cloud', 'gpt-oss:120b'],
    ['that prefix alone', 'cloud', 'ollama_cloud', 'anything'],
    ['the word of a family', 'kimi', 'moonshot', 'kimi-k2.6'],
    ['an unlisted id where such are taken', 'openrouter/some/model', 'openrouter', 'some/model'],
  ])('of an open circuit is named as a model is named: %s', (...[, word, provider, model]) => {
    expect(illness([word], provider, model)).toContain('assumed to be open');
  });

  it('of an open circuit that names nothing is refused with what is near', () => {
    for (const word of ['glm-55', 'glm/glm-55', 'openrouter/', 'nobody', 'tier:fast', 'auto', '']) {
      const error = faultOf(() => asked({}, {}, { openCircuits: [word] }));
      expect([word, error.code]).toEqual([word, 'invalid_request']);
    }
    expect(faultOf(() => asked({}, {}, { openCircuits: ['glm-55'] })).message).toMatch(
      /^There is no provider and no model "glm-55"\. Nearest: .*glm\/glm-5/,
    );
  });

  it('leaves what health says of the others', () => {
    const health = { refusal: () => 'It cools.', illness: () => 'It coughs.' };
    const question = ask(stateOf(WORLD, { health }), need(), {
      request: {},
      assumed: { openCircuits: ['glm'] },
    });
    const target = { provider: 'openai', model: 'x' };
    expect(question.health.refusal(target)).toBe('It cools.');
    expect(question.health.illness?.(target)).toBe('It coughs.');
  });

  it('of a missing key is kept by provider, a family as its members', () => {
    expect([...asked({}, {}, { missingKeys: ['kimi', 'Glm'] }).missingKeys].sort()).toEqual([
      ...['glm', 'kimi', 'moonshot'],
    ]);
  });

  it.each<[Assumptions, string, string]>([
    [{ missingKeys: ['glm/glm-5'] }, 'assume.missing_keys', '/assume/missing_keys/0'],
    [{ openCircuits: ['glm', 'nobody/x'] }, 'assume.open_circuits', '/assume/open_circuits/1'],
  ])('of a provider that there is not is refused with its place: %j', (assumed, param, pointer) => {
    expect(faultOf(() => asked({}, {}, assumed))).toMatchObject({
      code: 'invalid_request',
      detail: { param, faults: [{ pointer }] },
    });
  });
});

describe('the words of a model string', () => {
  it.each([undefined, '', ' ', 'auto', ' Auto '])('%p leaves the choice to the policy', (word) => {
    expect(isAuto(word)).toBe(true);
  });

  it.each(['glm-5', 'tier:fast', 'auto-router'])('%p does not', (word) => {
    expect(isAuto(word)).toBe(false);
  });

  it('name a tier in any case, and one that there is not is refused with those that there are', () => {
    const state = stateOf(WORLD);
    expect(tierNamed(state, ' TIER:Powerful ')).toBe('powerful');
    expect(tierNamed(state, 'glm-5')).toBeNull();
    expect(tierNamed(state, undefined)).toBeNull();
    const error = faultOf(() => tierNamed(state, 'tier:huge'));
    expect([error.code, error.message]).toEqual([
      'model_not_found',
      'There is no tier "huge"; there are fast, balanced, powerful.',
    ]);
  });
});
