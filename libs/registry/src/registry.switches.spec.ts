import { ERRORS, GatewayError, RouteRequest, nameOf } from '@longhaul/contract';
import { Fixture, WORLD, chainOf, faultOf, model, need, provider, registryOf } from './registry.fixtures';

const refusalOf = (request: RouteRequest, fixture: Fixture): GatewayError =>
  faultOf(() => registryOf(fixture).route(need(), request));

describe('while the router is off', () => {
  const off: Fixture = { ...WORLD, policy: { ...WORLD.policy, routerEnabled: false } };

  it.each<[RouteRequest, RegExp]>([
    [{}, /the job names no model/],
    [{ model: 'auto', routing: { signals: { combinedScore: 5 } } }, /the job names no model/],
    [{ model: 'tier:fast' }, /the job asks for "tier:fast"/],
    [{ model: 'auto', fallbacks: ['glm-5'] }, /the job names no model/],
    [{ provider: 'glm', model: 'tier:fast' }, /the job asks for "tier:fast"/],
  ])('A6: a job that leaves the choice to us is refused: %j', (request, message) => {
    const error = refusalOf(request, off);
    expect([error.code, ERRORS[error.code].status]).toEqual(['no_route', 422]);
    expect(error.message).toMatch(message);
    expect(error.message).toMatch(/ROUTER_ENABLED=false.*Name a model as <provider>\/<model>\.$/);
    expect(faultOf(() => registryOf(off).explain(need(), { request })).message).toBe(error.message);
  });

  it.each<[RouteRequest, string[]]>([
    [{ model: 'k2' }, ['moonshot/kimi-k2.6']],
    [{ provider: 'glm', model: 'glm-4.5-x' }, ['glm/glm-4.5-x']],
    [{ provider: 'glm' }, ['glm/glm-5']],
    [{ model: 'k2', fallbacks: ['glm-5'] }, ['moonshot/kimi-k2.6', 'glm/glm-5']],
  ])('A6: what the caller names runs, and policy adds nothing: %j', (request, chain) => {
    expect(chainOf(off, request)).toEqual(chain);
  });
});

describe('a retired model', () => {
  const named = { model: 'kimi-k2-0905-preview' };
  const allowed = { routing: { allowSubstitution: true } };

  it.each([named, { provider: 'moonshot', ...named }, { model: 'moonshot/kimi-k2-0905-preview' }])(
    'A25: is refused with its successor: %j',
    (request) => {
      const error = refusalOf(request, WORLD);
      expect([error.code, error.detail.extra?.['successor']]).toEqual([
        'model_not_found',
        'moonshot/kimi-k2.6',
      ]);
      expect(error.message).toContain('allow_substitution');
      expect(refusalOf({ ...request, routing: { allowSubstitution: false } }, WORLD).code).toBe(
        'model_not_found',
      );
    },
  );

  it.each([named, { provider: 'moonshot', ...named }, { model: 'moonshot/kimi-k2-0905-preview' }])(
    'A25: gives its successor where that is allowed, with a warning: %j',
    (request) => {
      const { decision } = registryOf(WORLD).route(need(), { ...request, ...allowed });
      expect([nameOf(decision.chain[0]!), decision.decidedBy]).toEqual(['moonshot/kimi-k2.6', 'successor']);
      expect(decision.warnings).toContain(
        'moonshot/kimi-k2-0905-preview is retired; its successor moonshot/kimi-k2.6 stands in for it.',
      );
    },
  );

  it('in the fallbacks gives its successor too', () => {
    const request = { model: 'glm-5', fallbacks: ['kimi-k2-0905-preview'] };
    expect(refusalOf(request, WORLD).detail.param).toBe('fallbacks');
    expect(chainOf(WORLD, { ...request, ...allowed })).toEqual(['glm/glm-5', 'moonshot/kimi-k2.6']);
  });

  it('without a successor is refused all the same', () => {
    expect(refusalOf({ model: 'kimi-gone', ...allowed }, WORLD).message).toMatch(
      /has no successor; name another/,
    );
  });

  it('gives the successor of its successor, where that one is retired too', () => {
    const models = [
      model('a/one', { status: 'retired', successor: 'two' }),
      model('a/two', { status: 'retired', successor: 'three' }),
      model('a/three', { status: 'deprecated', successor: 'four' }),
      model('a/four'),
    ];
    const { decision } = registryOf({ providers: [provider('a')], models }).route(need(), {
      ...{ model: 'one', fallbacks: [] },
      ...allowed,
    });
    expect(decision.chain.map(nameOf)).toEqual(['a/three']);
    expect(decision.warnings).toEqual([
      'a/one is retired; its successor a/three stands in for it.',
      'a/three is deprecated; its successor is four.',
    ]);
  });

  it('is no reason to replace an unknown name', () => {
    expect(refusalOf({ model: 'kimi-k2-9999', ...allowed }, WORLD).code).toBe('model_not_found');
  });
});

describe('a ranking that is configured', () => {
  const fixture: Fixture = {
    providers: [provider('a'), provider('b')],
    models: [model('a/x', { rank: 2 }), model('b/y', { rank: 1 })],
    policy: { providerOrder: ['a', 'b'] },
  };

  it('is the one of ROUTING_ORDER, and the decision shows it', () => {
    const ranked = { ...fixture, policy: { ...fixture.policy, order: ['rank', 'provider_priority'] } };
    const { decision } = registryOf(ranked).route(need());
    expect([nameOf(decision.chain[0]!), decision.decidedBy]).toEqual(['b/y', 'rank']);
    expect(decision.order).toEqual(['rank', 'provider_priority', 'name']);
  });

  it('A7: is the one of the profile otherwise, of the job before that of the settings', () => {
    const orderOf = (request: RouteRequest, profile: 'cost' | 'fast'): readonly string[] =>
      registryOf({ ...fixture, policy: { profile } })
        .route(need(), request)
        .decision.order.slice(1, 3);
    expect(orderOf({}, 'fast')).toEqual(['provider_priority', 'provider_preference']);
    expect(orderOf({}, 'cost')).toEqual(['free_first', 'cost']);
    expect(orderOf({ routing: { profile: 'cost' } }, 'fast')).toEqual(['free_first', 'cost']);
    expect(orderOf({ routing: { profile: 'balanced' } }, 'cost')).toEqual([
      'provider_priority',
      'provider_preference',
    ]);
  });
});

describe('what the operator or a successor names at another provider', () => {
  const providers = [provider('a'), provider('b', { explicitOnly: true }), provider('c')];
  const models = [
    model('a/x'),
    model('b/y'),
    model('c/z'),
    model('a/to-b', { status: 'retired', successor: 'b/y' }),
    model('a/to-c', { status: 'retired', successor: 'c/z' }),
  ];
  const allowed = { routing: { allowSubstitution: true } };

  it('stands in for a retired model, but never at an explicit_only provider', () => {
    expect(chainOf({ providers, models }, { model: 'a/to-c', fallbacks: [], ...allowed })).toEqual(['c/z']);
    expect(refusalOf({ model: 'a/to-b', ...allowed }, { providers, models }).code).toBe('model_not_found');
  });

  it('stands in for nothing when the job names the provider', () => {
    const request = { provider: 'a', model: 'to-c', ...allowed };
    expect(refusalOf(request, { providers, models }).code).toBe('model_not_found');
  });
});
