import { Decision, GatewayError, Route, RouteRequest, nameOf } from '@longhaul/contract';
import fc from 'fast-check';
import { defaultPolicy } from './policy';
import { Fixture, model, need, provider, registryOf } from './registry.fixtures';
import { Rule } from './rules';

const PROVIDERS = ['a', 'b', 'c', 'd'];
const MODELS = ['m1', 'm2', 'm3'];
const names = PROVIDERS.flatMap((name) => MODELS.map((id) => `${name}/${id}`));

const providers = fc.tuple(
  ...PROVIDERS.map((name) =>
    fc
      .record({
        hasKey: fc.boolean(),
        explicitOnly: fc.boolean(),
        maxInflight: fc.constantFrom(0, 10, 10),
        priority: fc.integer({ min: 0, max: 3 }),
        defaultModel: fc.option(fc.constantFrom(...MODELS)),
        fallbackOrder: fc.uniqueArray(fc.constantFrom(...names), { maxLength: 4 }),
      })
      .map(({ hasKey, ...changes }) => provider(name, hasKey ? changes : { ...changes, key: null })),
  ),
);
const models = fc.tuple(
  ...names.map((name) =>
    fc
      .record({ contextWindow: fc.constantFrom(null, 1_000, 10_000), rank: fc.integer({ min: 0, max: 3 }) })
      .map((changes) => model(name, changes)),
  ),
);
const fixtures: fc.Arbitrary<Fixture> = fc.record({
  providers,
  models,
  policy: fc.record({
    providerOrder: fc.shuffledSubarray(PROVIDERS),
    disabledProviders: fc.subarray(PROVIDERS),
  }),
  limits: fc.record({
    maxRungs: fc.integer({ min: 1, max: 12 }),
    maxCallsPerJob: fc.integer({ min: 1, max: 12 }),
  }),
});
const requests: fc.Arbitrary<RouteRequest> = fc.record(
  {
    model: fc.constantFrom('auto', ...names, ...MODELS),
    fallbacks: fc.array(fc.constantFrom(...names), { maxLength: 5 }),
  },
  { requiredKeys: [] },
);
const needs = fc.record({ inputTokens: fc.nat(12_000), outputTokens: fc.nat(2_000) }).map(need);

type Answer = { readonly route: Route } | { readonly error: GatewayError };
const answerOf = (ask: () => Route): Answer => {
  try {
    return { route: ask() };
  } catch (thrown) {
    return { error: GatewayError.from(thrown) };
  }
};
const eligible = ({ candidates }: Decision): Set<string> =>
  new Set(candidates.filter((candidate) => candidate.eligible).map(({ target }) => nameOf(target)));

describe('every route', () => {
  it('is the same for the same question', () => {
    fc.assert(
      fc.property(fixtures, requests, needs, (fixture, request, wanted) => {
        const shuffled = {
          ...fixture,
          providers: [...fixture.providers].reverse(),
          models: [...fixture.models].reverse(),
        };
        const first = answerOf(() => registryOf(fixture).route(wanted, request));
        expect(answerOf(() => registryOf(shuffled).route(wanted, request))).toEqual(first);
      }),
    );
  });

  it('has a chain without repeats, within its limits, of models that no rule refused', () => {
    fc.assert(
      fc.property(fixtures, requests, needs, (fixture, request, wanted) => {
        const answer = answerOf(() => registryOf(fixture).route(wanted, request));
        if ('error' in answer) return;
        const { chain, decision } = answer.route;
        const targets = chain.map(nameOf);
        expect(new Set(targets).size).toBe(targets.length);
        expect(targets.length).toBeLessThanOrEqual(decision.limits.maxRungs);
        expect(decision.limits.maxRungs).toBeLessThanOrEqual(9);
        for (const target of targets) expect(eligible(decision)).toContain(target);
        expect(decision.chain.map(nameOf)).toEqual(targets);
      }),
    );
  });

  it('holds no explicit_only model that the caller did not name', () => {
    fc.assert(
      fc.property(fixtures, requests, needs, (fixture, request, wanted) => {
        const answer = answerOf(() => registryOf(fixture).route(wanted, request));
        if ('error' in answer) return;
        const said = [request.model ?? '', ...(request.fallbacks ?? [])];
        const explicit = new Set(fixture.providers.filter((one) => one.explicitOnly).map(({ name }) => name));
        for (const target of answer.route.chain.filter((one) => explicit.has(one.provider))) {
          expect(said.includes(nameOf(target)) || said.includes(target.model)).toBe(true);
        }
        const ours = answer.route.decision.chain.filter(({ because }) => because.endsWith('_order'));
        for (const rung of ours) expect(explicit).not.toContain(rung.provider);
      }),
    );
  });

  it('begins with the model that the caller named, unless a fallback of the caller stands in', () => {
    fc.assert(
      fc.property(fixtures, fc.constantFrom(...names), needs, (fixture, name, wanted) => {
        const answer = answerOf(() => registryOf(fixture).route(wanted, { model: name }));
        if ('route' in answer) expect(nameOf(answer.route.chain[0])).toBe(name);
        else expect(['no_route', 'provider_not_configured']).toContain(answer.error.code);
      }),
    );
  });

  it('gains no candidate from one refusal more', () => {
    fc.assert(
      fc.property(fixtures, needs, fc.subarray(names), (fixture, wanted, banned) => {
        const ban: Rule = {
          name: 'ban',
          refuse: ({ target }) => (banned.includes(nameOf(target)) ? 'It is banned.' : null),
        };
        const policy = { ...defaultPolicy, rules: [...defaultPolicy.rules, ban] };
        const strict = answerOf(() => registryOf(fixture, { policy }).route(wanted));
        if ('error' in strict) return;
        const loose = answerOf(() => registryOf(fixture).route(wanted));
        if ('error' in loose) throw loose.error;
        for (const target of eligible(strict.route.decision))
          expect(eligible(loose.route.decision)).toContain(target);
        for (const target of strict.route.chain) expect(banned).not.toContain(nameOf(target));
      }),
    );
  });
});
