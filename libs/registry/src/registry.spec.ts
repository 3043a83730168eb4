import { GatewayError, RouteRequest, nameOf } from '@longhaul/contract';
import { Fixture, WORLD, chainOf, faultOf, model, need, provider, registryOf } from './registry.fixtures';

const refusalOf = (fixture: Fixture, request: RouteRequest, wanted = need()): GatewayError =>
  faultOf(() => registryOf(fixture).route(wanted, request));
const candidatesOf = (error: GatewayError): unknown => error.detail.extra?.['candidates'];

describe('a route for a named model', () => {
  it.each<[string, RouteRequest, string[]]>([
    [
      "goes on in the order configured for its provider, then in the policy's",
      { model: 'moonshot/kimi-k2.6' },
      ['moonshot/kimi-k2.6', 'moonshot/kimi-k2.5', 'glm/glm-5', 'glm/glm-4.5-x'],
    ],
    [
      'names each target once',
      { model: 'kimi-k2.5' },
      ['moonshot/kimi-k2.5', 'glm/glm-5', 'glm/glm-4.5-x', 'openrouter/openai/gpt-oss-120b:free'],
    ],
    [
      "goes on in the policy's order where none is configured",
      { model: 'glm/glm-5' },
      ['glm/glm-5', 'glm/glm-4.5-x', 'openrouter/openai/gpt-oss-120b:free', 'moonshot/kimi-k2.5'],
    ],
    [
      'stays alone when the caller wants no fallbacks',
      { model: 'moonshot/kimi-k2.6', fallbacks: [] },
      ['moonshot/kimi-k2.6'],
    ],
    [
      "takes the caller's fallbacks in the caller's order",
      { model: 'k2', fallbacks: ['glm-5', 'kimi-k2.5', 'glm/glm-5'] },
      ['moonshot/kimi-k2.6', 'glm/glm-5', 'moonshot/kimi-k2.5'],
    ],
    [
      'takes an explicit_only provider that the caller named',
      { provider: 'kimi', fallbacks: ['kimi/kimi-for-coding'] },
      ['kimi/kimi-for-coding'],
    ],
    [
      'takes an explicit_only fallback that the caller named',
      { model: 'glm-5', fallbacks: ['kimi/kimi-for-coding'] },
      ['glm/glm-5', 'kimi/kimi-for-coding'],
    ],
    ['leaves out a fallback without a key', { model: 'glm-5', fallbacks: ['openai/gpt-5.4'] }, ['glm/glm-5']],
  ])('%s', (_, request, chain) => {
    expect(chainOf(WORLD, request)).toEqual(chain);
  });

  it('never takes an explicit_only provider from a configured order', () => {
    const fixture = {
      providers: [
        provider('glm', { fallbackOrder: ['kimi/x', 'glm/b'] }),
        provider('kimi', { explicitOnly: true }),
      ],
      models: [model('glm/a'), model('glm/b'), model('kimi/x')],
    };
    expect(chainOf(fixture, { model: 'glm/a' })).toEqual(['glm/a', 'glm/b']);
    expect(chainOf(fixture, { model: 'kimi/x' })).toEqual(['kimi/x', 'glm/a', 'glm/b']);
  });

  it('keeps what was asked, what decided, and each refused candidate with its reason', () => {
    const request = { model: 'k2', fallbacks: ['openai/gpt-5.4', 'glm/glm-4.5-x'] };
    const { decision } = registryOf(WORLD).route(need(), request);
    expect(decision).toMatchObject({
      requested: { model: 'k2', provider: null, fallbacks: request.fallbacks },
      decidedBy: 'alias',
      policy: 'default',
      tier: null,
      degraded: null,
      chain: [
        { provider: 'moonshot', model: 'kimi-k2.6', because: 'alias', retryAttempts: 1 },
        { provider: 'glm', model: 'glm-4.5-x', because: 'fallbacks', retryAttempts: 1 },
      ],
      notes: [],
      warnings: ['glm/glm-4.5-x is deprecated; its successor is glm-5.'],
      omittedCandidates: 0,
      limits: { maxRungs: 4, maxCalls: 8, retryAttempts: 1, binding: 'chain' },
    });
    expect(decision.candidates[2]).toEqual({
      target: { provider: 'openai', model: 'gpt-5.4' },
      eligible: false,
      refusals: [{ rule: 'key-present', reason: 'Provider openai has no key: OPENAI_API_KEY is not set.' }],
      notAsFallback: [],
      estimate: { inputTokens: 1_000, outputTokens: 1_000, nanoUsd: null },
    });
  });

  it('says that an unlisted id is taken as it is, without window and price', () => {
    const { chain, decision } = registryOf(WORLD).route(need({ capabilities: ['vision'] }), {
      model: 'ollama/mine:7b',
    });
    expect(chain[0]).toMatchObject({ contextWindow: null, maxOutputTokens: null, price: null });
    expect(decision.notes).toEqual([
      'ollama/mine:7b is not in the catalogue: its id is passed on as written, its price is unknown.',
      'Whether ollama/mine:7b has vision is unknown, so it was taken to have it.',
      'The context window of ollama/mine:7b is unknown, so it was taken to fit.',
    ]);
  });

  it('is not refused for an illness that passes', () => {
    const health = { refusal: () => 'The target is cooling.' };
    expect(registryOf(WORLD, { health }).route(need(), { model: 'glm-5' }).chain.map(nameOf)).toEqual([
      'glm/glm-5',
    ]);
  });
});

describe('a named model that a rule refuses', () => {
  it('for want of a key is answered with the variable, and no repeat is advised', () => {
    const error = refusalOf(WORLD, { model: 'cloud/gpt-oss:120b' });
    expect(error.code).toBe('provider_not_configured');
    expect(error.message).toBe(
      'Provider ollama_cloud has no key: OLLAMA_CLOUD_KEY (or OLLAMA_API_KEY) is not set. ' +
        'Set OLLAMA_CLOUD_KEY and start Longhaul again, or name another model. See https://docs.ollama.com/cloud.',
    );
    expect(error.detail).toMatchObject({ param: 'model', shouldRetry: false });
  });

  it.each<[string, Fixture, RegExp]>([
    [
      'because its provider is off',
      {
        ...WORLD,
        providers: [provider('glm', { maxInflight: 0, fallbackOrder: ['glm/b'] })],
        models: [model('glm/glm-5'), model('glm/b')],
      },
      /^glm\/glm-5 cannot take this job\. Provider glm is off: its in-flight cap is 0\.$/,
    ],
    [
      'because its provider is disabled',
      { ...WORLD, policy: { disabledProviders: ['GLM'] } },
      /DISABLED_PROVIDERS/,
    ],
    [
      'because its provider is not allowed',
      { ...WORLD, policy: { allowedProviders: ['kimi'] } },
      /not in ALLOWED_PROVIDERS/,
    ],
  ])('%s has no route, and nobody else takes the job', (_, fixture, message) => {
    const error = refusalOf(fixture, { model: 'glm/glm-5' });
    expect(error.code).toBe('no_route');
    expect(error.message).toMatch(message);
    expect(candidatesOf(error)).toHaveLength(1);
  });

  it('for its window has no route, with both numbers', () => {
    const error = refusalOf(WORLD, { model: 'kimi-k2.6' }, need({ inputTokens: 99_000, outputTokens: 10 }));
    expect(error.code).toBe('no_route');
    // The output counts as 1,500: a reasoning model gets at least that much.
    expect(error.message).toMatch(
      /needs about 100500 tokens, and the window of moonshot\/kimi-k2\.6 is 100000\./,
    );
  });

  it("is stood in for by the caller's own fallback only, and the decision says so", () => {
    const { chain, decision } = registryOf(WORLD).route(need(), {
      model: 'openai/gpt-5.4',
      fallbacks: ['glm-5'],
    });
    expect(chain.map(nameOf)).toEqual(['glm/glm-5']);
    expect(decision.decidedBy).toBe('fallbacks');
    expect(decision.notes[0]).toBe(
      "openai/gpt-5.4 was asked for and refused; glm/glm-5 is the caller's fallback.",
    );
  });
});
