import { ERRORS, GatewayError, RouteRequest, nameOf } from '@longhaul/contract';
import {
  Fixture,
  chainOf,
  faultOf,
  model,
  need,
  provider,
  registryOf,
  tierSettings,
} from './registry.fixtures';

const FIXTURE: Fixture = {
  providers: [
    provider('moonshot', { speedModel: 'k2-turbo', qualityModel: 'k2-thinking', defaultModel: 'k2' }),
    provider('openai', { defaultModel: 'mini' }),
    provider('glm', { defaultModel: 'glm-5' }),
    provider('keyless', { key: null }),
    provider('open', {
      acceptUnlistedModels: true,
      speedModel: 'vendor/fast:free',
      defaultModel: 'vendor/own',
    }),
  ],
  models: [
    ...['moonshot/k2', 'moonshot/k2-turbo', 'moonshot/k2-thinking', 'openai/mini'].map((name) => model(name)),
    ...['openai/large', 'glm/glm-5', 'keyless/x', 'keyless/y'].map((name) => model(name)),
  ],
  policy: {
    providerOrder: ['glm', 'moonshot', 'openai'],
    tiers: tierSettings({
      targets: {
        fast: ['keyless/x', 'openai/mini'],
        balanced: ['moonshot/k2', 'openai/mini'],
        powerful: ['openai/large'],
      },
    }),
  },
};
const withTargets = (targets: Partial<Record<'fast' | 'balanced' | 'powerful', string[]>>): Fixture => {
  const all = { fast: [], balanced: [], powerful: [], ...targets };
  return { ...FIXTURE, policy: { ...FIXTURE.policy, tiers: tierSettings({ targets: all }) } };
};
const decisionOf = (request: RouteRequest, fixture = FIXTURE) =>
  registryOf(fixture).route(need(), request).decision;
const refusalOf = (request: RouteRequest, fixture = FIXTURE): GatewayError =>
  faultOf(() => registryOf(fixture).route(need(), request));

describe('a tier', () => {
  it.each<[RouteRequest, string, string[]]>([
    [{ model: 'tier:balanced' }, 'requested', ['moonshot/k2', 'openai/mini']],
    [{ model: 'tier:powerful' }, 'requested', ['openai/large']],
    [
      { model: 'auto', routing: { signals: { combinedScore: 5 } } },
      'signals',
      ['moonshot/k2', 'openai/mini'],
    ],
    [{ routing: { profile: 'powerful' } }, 'profile', ['openai/large']],
  ])('E7: of %j (%s) is its targets in the order of the table', (request, cause, targets) => {
    const decision = decisionOf(request);
    expect(decision.tier?.cause).toBe(cause);
    expect(decision.decidedBy).toBe('tier');
    expect(decision.chain.slice(0, targets.length).map(nameOf)).toEqual(targets);
  });

  it('goes on after its targets in the order of the policy', () => {
    expect(chainOf(FIXTURE, { model: 'tier:balanced' })).toEqual([
      ...['moonshot/k2', 'openai/mini', 'glm/glm-5', 'moonshot/k2-thinking'],
    ]);
  });

  it('E15: whose target has no key goes on to the next one, and says so', () => {
    const decision = decisionOf({ model: 'tier:fast' });
    expect(nameOf(decision.chain[0]!)).toBe('openai/mini');
    expect(decision.notes).toContain('The tier fast went on to its next target: keyless/x was refused.');
    const refused = decision.candidates.find(({ target }) => nameOf(target) === 'keyless/x');
    expect(refused?.refusals).toEqual([
      { rule: 'key-present', reason: 'Provider keyless has no key: KEYLESS_API_KEY is not set.' },
    ]);
  });

  it('E15: whose targets all lack their key is answered with variable and tier', () => {
    const error = refusalOf({ model: 'tier:fast' }, withTargets({ fast: ['keyless/x', 'keyless/y'] }));
    expect([error.code, ERRORS[error.code].status]).toEqual(['provider_not_configured', 503]);
    expect(error.message).toBe(
      'No target of the tier fast has a key. Provider keyless has no key: KEYLESS_API_KEY is not set. ' +
        'Set KEYLESS_API_KEY and start Longhaul again, or name another model.',
    );
    expect(error.detail.shouldRetry).toBe(false);
  });

  it('that has nothing left for another reason has no route', () => {
    const off = withTargets({ fast: ['glm/glm-5'] });
    const error = refusalOf(
      { model: 'tier:fast' },
      { ...off, policy: { ...off.policy, disabledProviders: ['glm'] } },
    );
    expect(error.code).toBe('no_route');
    expect(error.message).toContain('None of the 1 models of the tier fast that were looked at');
  });

  it('that lacks a key at one target and more at another has no route, and the key is advised all the same', () => {
    const { policy, ...fixture } = withTargets({ fast: ['keyless/x', 'glm/glm-5'] });
    const error = refusalOf(
      { model: 'tier:fast' },
      { ...fixture, policy: { ...policy, disabledProviders: ['glm'] } },
    );
    expect(error.code).toBe('no_route');
    expect(error.message).toMatch(/A key would help: set KEYLESS_API_KEY\.$/);
  });

  it('B12: that has nothing left goes to the default models, and says so', () => {
    const { policy, ...fixture } = withTargets({ fast: ['keyless/x', 'keyless/y'] });
    const decision = decisionOf(
      { model: 'tier:fast' },
      { ...fixture, policy: { ...policy, defaultModels: ['openai/mini'] } },
    );
    expect([decision.decidedBy, nameOf(decision.chain[0]!)]).toEqual(['default_model', 'openai/mini']);
    expect(decision.notes).toContain('The tier fast has no target left: keyless/x, keyless/y were refused.');
  });

  it('without targets is the order of the policy', () => {
    const decision = decisionOf({ model: 'tier:fast' }, withTargets({}));
    expect([decision.decidedBy, nameOf(decision.chain[0]!)]).toEqual(['provider_priority', 'glm/glm-5']);
  });

  it('A8: begins with the providers that the caller prefers, and has no others than its targets before the policy', () => {
    const request = { model: 'tier:balanced', routing: { prefer: ['openai'] } };
    expect(chainOf(FIXTURE, request).slice(0, 2)).toEqual(['openai/mini', 'moonshot/k2']);
    expect(chainOf(FIXTURE, { ...request, routing: { prefer: ['glm'] } })[0]).toBe('moonshot/k2');
  });

  it('by default is one step of the ranking, so the priority of providers holds', () => {
    const decision = decisionOf({});
    expect(decision.tier).toMatchObject({ tier: 'balanced', cause: 'no_signal' });
    expect([decision.decidedBy, nameOf(decision.chain[0]!)]).toEqual(['provider_priority', 'glm/glm-5']);
    const onlyMoonshot = {
      ...FIXTURE,
      providers: FIXTURE.providers.map((each) =>
        each.name === 'moonshot' ? each : { ...each, maxInflight: 0 },
      ),
    };
    expect([decisionOf({}, onlyMoonshot).decidedBy, chainOf(onlyMoonshot, {})[0]]).toEqual([
      'tier',
      'moonshot/k2',
    ]);
  });

  it('is no candidate of a provider that is explicit_only', () => {
    const fixture = { ...withTargets({ fast: ['moonshot', 'openai/mini'] }) };
    const providers = fixture.providers.map((each) =>
      each.name === 'moonshot' ? { ...each, explicitOnly: true } : each,
    );
    expect(chainOf({ ...fixture, providers }, { model: 'tier:fast' })[0]).toBe('openai/mini');
  });
});

describe('a tier inside a provider', () => {
  it.each<[string, string, string, string[]]>([
    ['A5', 'moonshot', 'fast', ['moonshot/k2-turbo', 'provider_tier']],
    ['A3', 'moonshot', 'powerful', ['moonshot/k2-thinking', 'provider_tier']],
    ['A4', 'moonshot', 'balanced', ['moonshot/k2', 'provider_tier']],
    ['A2', 'openai', 'fast', ['openai/mini', 'provider_tier']],
    ['A2', 'open', 'fast', ['open/vendor/fast:free', 'provider_tier']],
    ['A4', 'glm', 'fast', ['glm/glm-5', 'provider_default']],
  ])('%s: %s and tier:%s is %j', (_, ...[name, tier, expected]) => {
    const decision = decisionOf({ provider: name, model: `tier:${tier}`, fallbacks: [] });
    expect([nameOf(decision.chain[0]!), decision.decidedBy]).toEqual(expected);
    expect(decision.tier).toMatchObject({ tier, cause: 'requested' });
  });

  it('that the provider has none for is its default model, and the decision says so', () => {
    expect(decisionOf({ provider: 'glm', model: 'tier:fast' }).notes).toContain(
      'Provider glm has no fast model of its own.',
    );
  });
});

describe('a budget that is left', () => {
  const asked = (budgetRemaining: number): string[] => [
    ...decisionOf({ model: 'glm-5', fallbacks: [], routing: { signals: { budgetRemaining } } }).notes,
  ];

  it('is worth a note when one call may take more', () => {
    expect(asked(2_000)).toEqual([]);
    expect(asked(1_999)).toEqual(['One call may take 2000 tokens, and budget_remaining is 1999.']);
  });
});
