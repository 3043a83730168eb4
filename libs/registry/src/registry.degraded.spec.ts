import { GatewayError, RouteRequest, nameOf } from '@longhaul/contract';
import { Fixture, WORLD, faultOf, need, registryOf } from './registry.fixtures';
import { Order } from './orders';
import { Policy, defaultPolicy } from './policy';
import { FallbackRule, Rule } from './rules';

const fail = (): never => {
  throw new TypeError('undefined is not a price');
};
const brokenRule: Rule = { name: 'broken', refuse: fail };
const brokenOrder: Order = { name: 'broken', meaning: 'Nothing.', place: fail };
const brokenGuard: FallbackRule = { name: 'broken', refuse: fail };
const banGlm: Rule = {
  name: 'ban-glm',
  refuse: ({ provider }) => (provider.name === 'glm' ? 'glm is banned.' : null),
};
const policyWith = (changes: Partial<Policy>): Policy => ({ ...defaultPolicy, name: 'mine', ...changes });
const BROKEN: [string, Policy][] = [
  ['a rule', policyWith({ rules: [...defaultPolicy.rules, brokenRule] })],
  [
    'a note of a rule',
    policyWith({ rules: [...defaultPolicy.rules, { ...banGlm, refuse: () => null, note: fail }] }),
  ],
  [
    'a warning of a rule',
    policyWith({ rules: [...defaultPolicy.rules, { ...banGlm, refuse: () => null, warn: fail }] }),
  ],
  ['a rule of fallbacks', policyWith({ fallbackRules: [brokenGuard] })],
  ['a ranking step', policyWith({ orders: () => [brokenOrder] })],
  ['the choice of steps', policyWith({ orders: fail })],
];
const routeWith = (policy: Policy, request: RouteRequest = {}, fixture: Fixture = WORLD) =>
  registryOf(fixture, { policy }).route(need(), request);

describe('a policy that fails', () => {
  it.each(BROKEN)(
    'E8: in %s loses no job: the built-in one decides, and the decision says so',
    (_, policy) => {
      const { decision } = routeWith(policy);
      expect(decision.degraded).toEqual({
        reason: 'The policy "mine" failed (TypeError: undefined is not a price); the built-in one decided.',
      });
      expect(decision.policy).toBe('built-in');
      expect(decision.chain).toEqual(registryOf(WORLD).route(need()).decision.chain);
    },
  );

  it.each(BROKEN)('E8: in %s loses no job whose model is named', (_, policy) => {
    expect(nameOf(routeWith(policy, { model: 'k2' }).chain[0])).toBe('moonshot/kimi-k2.6');
    expect(routeWith(policy, { model: 'k2', fallbacks: [] }).chain.map(nameOf)).toEqual([
      'moonshot/kimi-k2.6',
    ]);
  });

  it.each(BROKEN)('E8: in %s is told by an explanation too', (_, policy) => {
    const told = registryOf(WORLD, { policy }).explain(need());
    expect([told.error, told.degraded?.reason]).toEqual([null, expect.stringContaining('"mine" failed')]);
  });

  it('keeps the tier that was asked for', () => {
    const { decision } = routeWith(policyWith({ orders: fail }), { model: 'tier:powerful' });
    expect(decision.tier?.tier).toBe('powerful');
  });

  it('does not tell a whole novel, nor fail over what is thrown', () => {
    const long = policyWith({
      orders: () => {
        throw new Error('x'.repeat(9_999));
      },
    });
    expect(routeWith(long).decision.degraded!.reason.length).toBeLessThan(300);
    const odd = policyWith({
      orders: () => {
        throw 'a word';
      },
    });
    expect(routeWith(odd).decision.degraded!.reason).toContain('(it threw no error object)');
  });

  it('is not what an unknown name is: that stays the answer to the caller', () => {
    const policy = policyWith({ orders: fail });
    expect(faultOf(() => routeWith(policy, { model: 'glm-6000' })).code).toBe('model_not_found');
    expect(faultOf(() => routeWith(policy, { provider: 'nobody' })).code).toBe('invalid_request');
    const off = { ...WORLD, policy: { routerEnabled: false } };
    expect(faultOf(() => routeWith(policy, {}, off)).code).toBe('no_route');
  });

  it('is what an error of ours is that a rule throws', () => {
    const refuse = (): never => {
      throw new GatewayError('store_unavailable', 'A rule must ask no database.');
    };
    expect(routeWith(policyWith({ rules: [{ name: 'asking', refuse }] })).decision.degraded).not.toBeNull();
  });
});

describe('what refuses, holds while a policy fails', () => {
  const policy = policyWith({ orders: fail, rules: [] });
  const eligible = (fixture: Fixture, broken = policy): string[] =>
    routeWith(broken, {}, fixture).decision.candidates.flatMap(({ eligible: is, target }) =>
      is ? [nameOf(target)] : [],
    );

  it('explicit_only, keys, statuses and windows', () => {
    const names = eligible(WORLD);
    for (const refused of ['kimi/kimi-for-coding', 'openai/gpt-5.4', 'moonshot/kimi-gone'])
      expect(names).not.toContain(refused);
    expect(names).toContain('glm/glm-5');
  });

  it('the allowed providers, and a ceiling', () => {
    expect(
      eligible({ ...WORLD, policy: { allowedProviders: ['moonshot'] } }).every((name) =>
        name.startsWith('moonshot/'),
      ),
    ).toBe(true);
    expect(eligible({ ...WORLD, policy: { maxCostNanoUsd: 1_000_000_000 } })).toEqual(['moonshot/kimi-k2.6']);
  });

  it('a rule of the policy that still answers, beside one that does not', () => {
    const broken = policyWith({ rules: [brokenRule, banGlm] });
    const { chain, decision } = routeWith(broken);
    expect(chain.map(({ provider }) => provider)).not.toContain('glm');
    expect(decision.rules).toEqual(expect.arrayContaining(['allowed-provider', 'ban-glm']));
    const refused = decision.candidates.find(({ target }) => nameOf(target) === 'glm/glm-5');
    expect(refused?.refusals).toEqual([{ rule: 'ban-glm', reason: 'glm is banned.' }]);
  });

  it('a guard of fallbacks that still answers', () => {
    const guard: FallbackRule = {
      name: 'no-glm-after',
      refuse: ({ provider }) => (provider.name === 'glm' ? 'Not glm.' : null),
    };
    const { chain } = routeWith(policyWith({ fallbackRules: [guard, brokenGuard] }), { model: 'k2' });
    expect(chain.map(({ provider }) => provider)).not.toContain('glm');
  });
});

describe('health that cannot be asked', () => {
  const health = { refusal: fail };

  it('loses no job', () => {
    const { decision } = registryOf(WORLD, { health }).route(need());
    expect(nameOf(decision.chain[0]!)).toBe('glm/glm-5');
    expect(decision.degraded?.reason).toContain('undefined is not a price');
  });

  it('does not take away what an explanation assumes', () => {
    const told = registryOf(WORLD, { health }).explain(need(), { assumed: { openCircuits: ['glm'] } });
    expect(told.chain[0]?.provider).toBe('openrouter');
  });

  it('still says which models its providers offer', () => {
    const offering = { refusal: fail, offers: ({ model }: { model: string }) => model === 'mine:7b' };
    const told = registryOf(WORLD, { health: offering }).explain(need(), { request: { model: 'mine:7b' } });
    expect(told.decidedBy).toBe('bare_model');
  });
});

describe('a review of stored targets', () => {
  const target = {
    ...{ provider: 'glm', model: 'glm-5', contextWindow: null, maxOutputTokens: null },
    minOutputTokens: null,
    price: null,
  };

  it('is answered while a policy fails', () => {
    const registry = registryOf(WORLD, { policy: policyWith({ rules: [brokenRule, banGlm] }) });
    expect(registry.review(need(), [{ target, isNamed: false }])).toMatchObject([
      { eligible: false, refusals: [{ rule: 'ban-glm' }] },
    ]);
  });

  it('asks anew: what was chosen may be refused now, and what the caller named is not for its health', () => {
    const registry = registryOf(WORLD, { health: { refusal: () => 'It cools.' } });
    const [ours, named] = registry.review(need(), [
      { target, isNamed: false },
      { target, isNamed: true },
    ]);
    expect(ours).toMatchObject({ eligible: false, refusals: [{ rule: 'healthy', reason: 'It cools.' }] });
    expect(named).toMatchObject({ eligible: true });
  });

  it('refuses a target whose provider is gone', () => {
    const gone = { ...target, provider: 'bygone' };
    expect(registryOf(WORLD).review(need(), [{ target: gone, isNamed: true }])).toMatchObject([
      {
        eligible: false,
        refusals: [
          { rule: 'provider-known', reason: 'There is no provider bygone in the configuration any more.' },
        ],
      },
    ]);
  });
});
