import { GatewayError, RouteRequest, nameOf } from '@longhaul/contract';
import { Fixture, WORLD, chainOf, faultOf, model, need, provider, registryOf } from './registry.fixtures';

const refusalOf = (fixture: Fixture, request: RouteRequest): GatewayError =>
  faultOf(() => registryOf(fixture).route(need(), request));
const without = (key: { auth?: 'none' } = {}): Parameters<typeof provider>[1] => ({
  key: null,
  keySource: null,
  ...key,
});
const candidatesOf = (error: GatewayError): unknown => error.detail.extra?.['candidates'];

describe('a route for auto', () => {
  it('takes providers in order, then what the first one is configured to fall back to, then the rest', () => {
    const fixture = {
      providers: [
        provider('a', { defaultModel: 'x', fallbackOrder: ['b/y'] }),
        provider('b', { defaultModel: 'x' }),
      ],
      models: [model('a/w', { rank: 1 }), model('a/x'), model('b/x'), model('b/y')],
    };
    const { chain, decision } = registryOf(fixture).route(need(), {});
    expect(chain.map(nameOf)).toEqual(['a/w', 'b/y', 'a/x', 'b/x']);
    expect(decision.decidedBy).toBe('rank');
    expect(decision.chain.map(({ because }) => because)).toEqual([
      'rank',
      'fallback_order',
      'provider_priority',
      'name',
    ]);
  });

  it('passes over explicit_only, retired, keyless and too small models, each with its reason', () => {
    const { chain, decision } = registryOf(WORLD).route(need({ inputTokens: 150_000 }), {
      model: 'auto',
      fallbacks: [],
    });
    expect(chain.map(nameOf)).toEqual(['glm/glm-5']);
    const reasons = new Map(
      decision.candidates.map(({ target, refusals }) => [nameOf(target), refusals.map(({ rule }) => rule)]),
    );
    expect(reasons.get('kimi/kimi-for-coding')).toEqual(['explicit-only', 'fits-context']);
    expect(reasons.get('moonshot/kimi-k2-0905-preview')).toEqual(['model-status', 'fits-context']);
    expect(reasons.get('openai/gpt-5.4')).toEqual(['key-present', 'fits-context']);
    expect(reasons.get('glm/glm-5')).toEqual([]);
  });

  it("goes from the policy's first choice to the caller's fallbacks, explicit_only among them", () => {
    expect(chainOf(WORLD, { fallbacks: ['kimi/kimi-for-coding', 'glm-5'] })).toEqual([
      'glm/glm-5',
      'kimi/kimi-for-coding',
    ]);
  });

  it('asks the health of what it chooses', () => {
    const health = {
      refusal: ({ provider: name }: { provider: string }) => (name === 'glm' ? 'glm is cooling.' : null),
    };
    expect(nameOf(registryOf(WORLD, { health }).route(need()).chain[0])).toBe(
      'openrouter/openai/gpt-oss-120b:free',
    );
  });

  it('names the variables when keys are all that is missing', () => {
    const providers = [
      provider('glm', without()),
      provider('moonshot', without()),
      provider('kimi', { ...without(), explicitOnly: true }),
    ];
    const models = [model('glm/a'), model('glm/b'), model('moonshot/a'), model('kimi/a')];
    const error = refusalOf({ providers, models }, {});
    expect(error.code).toBe('no_route');
    expect(error.message).toBe(
      'None of the 4 models that were looked at can take this job; see `candidates`. ' +
        'A key would help: set one of GLM_API_KEY, MOONSHOT_API_KEY.',
    );
    expect(candidatesOf(error)).toHaveLength(4);
  });

  it('says so when there is no model at all', () => {
    expect(refusalOf({ providers: [], models: [] }, {}).message).toMatch(/add a \[\[model\]\] row/);
  });
});

describe('the limit that binds', () => {
  const models = Array.from({ length: 5 }, (_, index) => model(`glm/m${index}`));
  const bindingOf = (retryAttempts: number, maxRungs: number, maxCallsPerJob: number) => {
    const providers = [provider('glm', { retryAttempts })];
    const { decision } = registryOf({ providers, models, limits: { maxRungs, maxCallsPerJob } }).route(
      need(),
    );
    for (const link of decision.chain) expect(link.retryAttempts).toBe(retryAttempts);
    return [decision.limits.binding, decision.limits.retryAttempts];
  };

  it.each([
    ['the chain, when all that can follow is in it', [1, 5, 10], 'chain'],
    ['the calls, when the last repeat of the last target would be one too many', [1, 5, 9], 'max_calls'],
    ['the calls, when the provider repeats oftener than others', [3, 3, 8], 'max_calls'],
    ['the rungs, when more could have followed', [1, 4, 8], 'max_rungs'],
    ['the calls, when they are what cut the chain', [0, 5, 4], 'max_calls'],
    ['the chain, when nothing is repeated', [0, 9, 5], 'chain'],
  ] as const)('is %s', (_which, [retryAttempts, maxRungs, maxCalls], binding) => {
    // The global number stays what it is, whatever a provider has.
    expect(bindingOf(retryAttempts, maxRungs, maxCalls)).toEqual([binding, 1]);
  });
});

describe('the length of a chain', () => {
  const models = Array.from({ length: 20 }, (_, index) => model(`glm/m${index}`));
  it.each([
    [{ maxRungs: 4, maxCallsPerJob: 8 }, 4],
    [{ maxRungs: 8, maxCallsPerJob: 3 }, 3],
    [{ maxRungs: 50, maxCallsPerJob: 50 }, 9],
  ])('is the smallest of the limits %j', (limits, length) => {
    const { chain, decision } = registryOf({ providers: [provider('glm')], models, limits }).route(need());
    expect(chain).toHaveLength(length);
    expect(decision.limits.maxRungs).toBe(length);
    expect(decision.notes).toContain(
      `The chain was cut to ${length}; ${20 - length} more could have followed.`,
    );
  });
});
