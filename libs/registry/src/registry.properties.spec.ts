import { Candidate, Decision, GatewayError, Route, RouteRequest, nameOf } from '@longhaul/contract';
import fc from 'fast-check';
import { isNamedByCaller } from './steps';
import { defaultPolicy } from './policy';
import { NAMES, fixtures, needs, open, requests, shuffled } from './registry.arbitraries.fixtures';
import { Fixture, registryOf, stateOf } from './registry.fixtures';
import { FallbackRule, Rule } from './rules';

const RUNS = { numRuns: 300 };
/** Of the runs, so many at least must have come to the point. */
const FEWEST = 10;

type Answer = { readonly route: Route } | { readonly error: GatewayError };
const answerOf = (ask: () => Route): Answer => {
  try {
    return { route: ask() };
  } catch (thrown) {
    return { error: GatewayError.from(thrown) };
  }
};
const namesOf = (candidates: readonly Candidate[]): Set<string> =>
  new Set(candidates.filter(({ eligible }) => eligible).map(({ target }) => nameOf(target)));
const targetsOf = ({ chain }: Decision): string[] => chain.map(nameOf);

/** Holds for every route that is found; false = none was, and nothing was asked. */
function always(
  holds: (route: Route, asked: { readonly fixture: Fixture; readonly request: RouteRequest }) => void,
  asking: fc.Arbitrary<RouteRequest> = requests,
): number {
  let routes = 0;
  fc.assert(
    fc.property(fixtures, asking, needs, (fixture, request, wanted) => {
      const answer = answerOf(() => registryOf(fixture).route(wanted, request));
      if ('error' in answer) {
        expect(['no_route', 'provider_not_configured']).toContain(answer.error.code);
        return;
      }
      routes++;
      holds(answer.route, { fixture, request });
    }),
    RUNS,
  );
  return routes;
}

describe('every route', () => {
  it('is the same for the same question, in whatever order the rows stand', () => {
    const worlds = fixtures.chain((fixture) => fc.tuple(fc.constant(fixture), shuffled(fixture)));
    fc.assert(
      fc.property(worlds, requests, needs, ([fixture, other], request, wanted) => {
        const first = answerOf(() => registryOf(fixture).route(wanted, request));
        expect(answerOf(() => registryOf(other).route(wanted, request))).toEqual(first);
      }),
      RUNS,
    );
  });

  it('is what an explanation tells', () => {
    fc.assert(
      fc.property(fixtures, requests, needs, (fixture, request, wanted) => {
        const registry = registryOf(fixture);
        const answer = answerOf(() => registry.route(wanted, request));
        const { error, ...told } = registry.explain(wanted, { request });
        if ('route' in answer) expect({ told, error }).toEqual({ told: answer.route.decision, error: null });
        else expect([told.chain, error?.message]).toEqual([[], answer.error.message]);
      }),
      RUNS,
    );
  });

  it('has a chain without repeats, within its limits, of models that no rule refused', () => {
    const routes = always(({ chain, decision }) => {
      const targets = chain.map(nameOf);
      expect(new Set(targets).size).toBe(targets.length);
      expect(targets.length).toBeLessThanOrEqual(decision.limits.maxRungs);
      expect(decision.limits.maxRungs).toBeLessThanOrEqual(9);
      for (const target of targets) expect(namesOf(decision.candidates)).toContain(target);
      expect(targetsOf(decision)).toEqual(targets);
    });
    expect(routes).toBeGreaterThan(FEWEST);
  });

  it('has no fallback of the policy that its guard refused', () => {
    always(({ decision }) => {
      const guarded = decision.candidates.filter(({ notAsFallback }) => notAsFallback.length > 0);
      for (const { target } of guarded) expect(targetsOf(decision)).not.toContain(nameOf(target));
    });
  });

  it('holds no explicit_only model that the caller did not name', () => {
    const routes = always(({ decision }, { fixture, request }) => {
      const explicit = new Set(fixture.providers.filter((one) => one.explicitOnly).map(({ name }) => name));
      const said = [request.model ?? '', ...(request.fallbacks ?? [])];
      for (const { provider, model, because } of decision.chain.filter((one) => explicit.has(one.provider))) {
        expect(isNamedByCaller(because)).toBe(true);
        expect(
          request.provider === provider || said.includes(`${provider}/${model}`) || said.includes(model),
        ).toBe(true);
      }
    });
    expect(routes).toBeGreaterThan(FEWEST);
  });

  it('holds nothing explicit_only where the choice is ours', () => {
    always(({ chain }, { fixture }) => {
      const explicit = fixture.providers.filter((one) => one.explicitOnly).map(({ name }) => name);
      for (const { provider } of chain) expect(explicit).not.toContain(provider);
    }, open);
  });

  it('holds no target above a ceiling, nor one without a price under it', () => {
    let judged = 0;
    always(({ decision }, { fixture, request }) => {
      const own = request.routing?.maxCostUsd;
      const ceilings = [fixture.policy?.maxCostNanoUsd ?? null, own === undefined ? null : own * 1e9];
      for (const ceiling of ceilings.filter((each) => each !== null))
        for (const { estimate } of decision.chain) {
          judged++;
          expect(estimate.nanoUsd).not.toBeNull();
          expect(estimate.nanoUsd).toBeLessThanOrEqual(ceiling);
        }
    });
    expect(judged).toBeGreaterThan(FEWEST);
  });

  it('begins with the model that the caller named, unless a fallback of the caller stands in', () => {
    const named = fc.constantFrom(...NAMES).map((model) => ({ model }));
    always(({ chain }, { request }) => expect(nameOf(chain[0])).toBe(request.model), named);
  });

  it("has the caller's fallbacks and no others, in the caller's order", () => {
    const asking = fc.record({
      model: fc.constantFrom('auto', 'tier:fast', ...NAMES),
      fallbacks: fc.array(fc.constantFrom(...NAMES), { maxLength: 5 }),
    });
    always(({ decision }, { request: { fallbacks = [] } }) => {
      const tail = decision.chain.filter(({ because }) => because === 'fallbacks').map(nameOf);
      expect(tail).toEqual([...new Set(fallbacks)].filter((name) => tail.includes(name)));
      expect(decision.chain.length - tail.length).toBeLessThanOrEqual(1);
    }, asking);
  });
});

describe('the first target of auto', () => {
  const auto = fc.constant<RouteRequest>({ fallbacks: [] });

  it('is of the preferred provider, then of the provider that stands first, of those that may run at all', () => {
    always(({ chain, decision }, { fixture }) => {
      const { catalogue } = stateOf(fixture);
      const preferred = fixture.policy?.preferredProviders?.['chat'] ?? [];
      const may = new Set([...namesOf(decision.candidates)].map((name) => name.split('/')[0]!));
      const byPriority = catalogue.providers.map(({ name }) => name);
      const order = fixture.policy?.profile === 'cost' ? preferred : [...preferred, ...byPriority];
      const first = order.find((name) => may.has(name));
      if (first !== undefined) expect(chain[0].provider).toBe(first);
    }, auto);
  });

  it('is the first of its preferred models that may run, where one may', () => {
    let judged = 0;
    always(({ chain, decision }, { fixture }) => {
      if (fixture.policy?.profile === 'cost') return;
      const own = fixture.providers.find(({ name }) => name === chain[0].provider)!;
      const first = own.preferredModels.find((id) => namesOf(decision.candidates).has(`${own.name}/${id}`));
      if (first === undefined) return;
      judged++;
      expect(chain[0].model).toBe(first);
    }, auto);
    expect(judged).toBeGreaterThan(FEWEST);
  });

  it('costs no more than any other that may run, in the profile cost, among its equals of the earlier steps', () => {
    always(({ decision }, { fixture }) => {
      if (fixture.policy?.profile !== 'cost') return;
      const { lists, catalogue } = stateOf(fixture);
      const preferred = fixture.policy.preferredProviders?.['chat'] ?? [];
      const place = ({ target }: Candidate): string => {
        const index = preferred.indexOf(target.provider);
        const entry = catalogue.find(catalogue.provider(target.provider)!, target.model)!.entry;
        return `${String(index)} ${String(lists.isFree(entry))}`;
      };
      const [first, ...others] = decision.candidates.filter(({ eligible }) => eligible);
      const costOf = ({ estimate }: Candidate): number => estimate.nanoUsd ?? Infinity;
      for (const other of others.filter((each) => place(each) === place(first!)))
        expect(costOf(first!)).toBeLessThanOrEqual(costOf(other));
    }, auto);
  });
});

describe('one refusal more', () => {
  const banned = fc.subarray(NAMES);
  const REASON = 'It is banned.';

  it('adds no candidate, no eligible target and none to the chain that is banned', () => {
    fc.assert(
      fc.property(fixtures, requests, needs, banned, (...[fixture, request, wanted, names]) => {
        const ban: Rule = { name: 'ban', refuse: ({ name }) => (names.includes(name) ? REASON : null) };
        const policy = { ...defaultPolicy, rules: [...defaultPolicy.rules, ban] };
        const strict = registryOf(fixture, { policy }).explain(wanted, { request });
        const loose = registryOf(fixture).explain(wanted, { request });
        const seen = ({ candidates, omittedCandidates }: typeof strict): number =>
          candidates.length + omittedCandidates;
        expect(seen(strict)).toBeLessThanOrEqual(seen(loose));
        for (const name of namesOf(strict.candidates)) {
          expect(names).not.toContain(name);
          expect(namesOf(loose.candidates)).toContain(name);
        }
        for (const target of strict.chain) expect(names).not.toContain(nameOf(target));
      }),
      RUNS,
    );
  });

  it('leaves every eligible model of auto that it does not name, and no other', () => {
    fc.assert(
      fc.property(fixtures, needs, banned, (fixture, wanted, names) => {
        const ban: Rule = { name: 'ban', refuse: ({ name }) => (names.includes(name) ? REASON : null) };
        const policy = { ...defaultPolicy, rules: [...defaultPolicy.rules, ban] };
        const [strict, loose] = [registryOf(fixture, { policy }), registryOf(fixture)].map((registry) =>
          namesOf(registry.explain(wanted).candidates),
        );
        expect([...strict!].sort()).toEqual([...loose!].filter((name) => !names.includes(name)).sort());
      }),
      RUNS,
    );
  });

  it('of a fallback guard takes nothing in but what was cut off, and changes no first target', () => {
    fc.assert(
      fc.property(fixtures, requests, needs, banned, (...[fixture, request, wanted, names]) => {
        const guard: FallbackRule = {
          name: 'ban',
          refuse: ({ name }) => (names.includes(name) ? REASON : null),
        };
        const policy = { ...defaultPolicy, fallbackRules: [...defaultPolicy.fallbackRules, guard] };
        const strict = registryOf(fixture, { policy }).explain(wanted, { request });
        const loose = registryOf(fixture).explain(wanted, { request });
        expect(strict.chain[0]).toEqual(loose.chain[0]);
        for (const { provider, model, because } of strict.chain.slice(1))
          expect(names.includes(`${provider}/${model}`) && !isNamedByCaller(because)).toBe(false);
      }),
      RUNS,
    );
  });
});
