import { GatewayError, RouteRequest } from '@longhaul/contract';
import { WORLD, need, registryOf } from './registry.fixtures';

const registry = registryOf(WORLD);
const JOB = need({ inputTokens: 10_000, outputTokens: 1_000 });

describe('an explanation', () => {
  it.each<RouteRequest>([
    {},
    { model: 'k2' },
    { model: 'glm-5', fallbacks: ['k2', 'openai/gpt-5.4'] },
    { provider: 'glm' },
  ])('tells of %j what route decides', (request) => {
    const { decision } = registry.route(JOB, request);
    expect(registry.explain(JOB, { request })).toMatchObject({ ...decision, error: null });
  });

  it('estimates one call at its upper end, with the budget that the model will be given', () => {
    const { candidates } = registry.explain(JOB, { request: { model: 'k2' } });
    // 10,000 tokens at 0.95 and, raised to the least that this model needs, 1,500 at 4 USD per million.
    expect(candidates[0]?.estimate).toEqual({
      inputTokens: 10_000,
      outputTokens: 1_500,
      nanoUsd: 15_500_000,
    });
  });

  it('leaves the cost of a model without a price open', () => {
    expect(registry.explain(JOB, { request: { model: 'glm-5' } }).candidates[0]?.estimate.nanoUsd).toBeNull();
  });

  it('answers also when no target is left, with the error that a job would get', () => {
    const told = registry.explain(JOB, { request: { model: 'openai/gpt-5.4' } });
    expect(told).toMatchObject({ decidedBy: null, chain: [], notes: [], candidates: [{ eligible: false }] });
    expect(told.error?.code).toBe('provider_not_configured');
    const tooMuch = registry.explain(need({ inputTokens: 300_000 }), { request: { model: 'k2' } });
    expect([tooMuch.error?.code, tooMuch.candidates.length]).toEqual(['no_route', 1]);
  });

  it('throws for a model that is not known, as route does', () => {
    expect(() => registry.explain(JOB, { request: { model: 'glm-6000' } })).toThrow(GatewayError);
  });
});
