import { Need, PROFILES, RouteRequest } from '@longhaul/contract';
import { ModelSettings } from '@longhaul/settings';
import fc from 'fast-check';
import { Fixture, model, need, provider, tierSettings } from './registry.fixtures';

/** Arbitrary worlds and questions, small enough that clashes, ties and empty chains are common. */
export const PROVIDERS = ['a', 'b', 'c', 'd'];
export const MODELS = ['m1', 'm2', 'm3'];
export const NAMES = PROVIDERS.flatMap((name) => MODELS.map((id) => `${name}/${id}`));

const someOf = (words: readonly string[], maxLength: number) =>
  fc.uniqueArray(fc.constantFrom(...words), { maxLength });

const providers = fc.tuple(
  ...PROVIDERS.map((name) =>
    fc
      .record({
        hasKey: fc.constantFrom(true, true, true, false),
        explicitOnly: fc.constantFrom(false, false, false, true),
        maxInflight: fc.constantFrom(10, 10, 10, 10, 10, 10, 0),
        priority: fc.integer({ min: 0, max: 3 }),
        defaultModel: fc.option(fc.constantFrom(...MODELS)),
        fallbackOrder: someOf(NAMES, 4),
        preferredModels: someOf(MODELS, 3),
        allowedModels: fc.constantFrom(null, null, null, ['m1'], ['m2', 'm3'], []),
        speedModel: fc.option(fc.constantFrom(...MODELS)),
        allowExpensiveFallback: fc.constantFrom(null, true, false),
      })
      .map(({ hasKey, ...changes }) => provider(name, hasKey ? changes : { ...changes, key: null })),
  ),
);

const prices = fc.option(
  fc.constantFrom(0, 1, 2, 8).map((perMTok) => ({
    ...{ inputPerMTok: perMTok, outputPerMTok: perMTok, effectiveFrom: '2026-01-01', source: 'fixture' },
  })),
  { freq: 3 },
);
const rows: fc.Arbitrary<Partial<ModelSettings>> = fc.record({
  contextWindow: fc.constantFrom(null, 1_000, 10_000, 100_000, 100_000),
  rank: fc.integer({ min: 0, max: 3 }),
  price: prices,
  free: fc.boolean(),
  tags: fc.constantFrom([], [], ['reasoning'], ['expensive']),
  group: fc.constantFrom(null, 'x', 'y'),
  status: fc.constantFrom('active', 'active', 'active', 'deprecated'),
});

const policies = fc.record({
  providerOrder: fc.shuffledSubarray(PROVIDERS),
  disabledProviders: someOf(PROVIDERS, 1),
  profile: fc.constantFrom(...PROFILES),
  costAware: fc.boolean(),
  freeFirst: fc.boolean(),
  freeModels: someOf(NAMES, 2),
  maxCostNanoUsd: fc.constantFrom(null, null, null, null, 0, 3_000_000, 20_000_000),
  defaultModels: someOf(NAMES, 2),
  allowExpensiveFallback: fc.boolean(),
  preferredProviders: fc.record({ chat: someOf(PROVIDERS, 2) }),
  tiers: fc
    .record({
      fast: someOf([...NAMES, ...PROVIDERS], 3),
      balanced: someOf([...NAMES, ...PROVIDERS], 3),
      powerful: someOf([...NAMES, ...PROVIDERS], 3),
    })
    .map((targets) => tierSettings({ targets })),
});

export const fixtures: fc.Arbitrary<Fixture> = fc.record({
  providers,
  models: fc.tuple(...NAMES.map((name) => rows.map((changes) => model(name, changes)))),
  policy: policies,
  limits: fc.record({
    maxRungs: fc.integer({ min: 1, max: 12 }),
    maxCallsPerJob: fc.integer({ min: 1, max: 12 }),
  }),
});

/** The same rows in another order. */
export const shuffled = ({ providers: blocks, models, ...fixture }: Fixture): fc.Arbitrary<Fixture> =>
  fc.record({
    ...{ providers: whole(blocks), models: whole(models) },
    ...{ policy: fc.constant(fixture.policy ?? {}), limits: fc.constant(fixture.limits ?? {}) },
  });

const whole = <Row>(list: readonly Row[]): fc.Arbitrary<Row[]> =>
  fc.shuffledSubarray([...list], { minLength: list.length, maxLength: list.length });

const routing = fc.record(
  {
    profile: fc.constantFrom(...PROFILES),
    maxCostUsd: fc.constantFrom(undefined, undefined, undefined, 0, 0.002, 0.01),
    prefer: someOf(PROVIDERS, 2),
    signals: fc.record(
      { combinedScore: fc.double({ min: 0, max: 10, noNaN: true }), previousFailures: fc.nat(3) },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
);

/** Questions that leave the choice to the policy. */
export const open: fc.Arbitrary<RouteRequest> = fc.record(
  { model: fc.constantFrom('auto', 'tier:fast', 'tier:balanced', 'tier:powerful'), routing },
  { requiredKeys: [] },
);

export const requests: fc.Arbitrary<RouteRequest> = fc.oneof(
  open,
  fc.record(
    {
      model: fc.constantFrom('auto', 'tier:fast', ...NAMES, ...MODELS),
      fallbacks: fc.array(fc.constantFrom(...NAMES), { maxLength: 5 }),
      routing,
    },
    { requiredKeys: [] },
  ),
  fc.record(
    {
      provider: fc.constantFrom(...PROVIDERS),
      model: fc.constantFrom('auto', 'tier:fast', ...MODELS),
      routing,
    },
    { requiredKeys: ['provider'] },
  ),
);

export const needs: fc.Arbitrary<Need> = fc
  .record({ inputTokens: fc.nat(3_000), outputTokens: fc.nat(500) })
  .map(need);
