import { nameOf } from '@longhaul/contract';
import { defaultPolicy } from './policy';
import { faultOf, model, need, provider, registryOf, stateOf } from './registry.fixtures';
import {
  GLM,
  GLM_PREFERRED_MODELS,
  KIMI,
  KIMI_PREFERRED_MODELS,
  SEEDS,
  Setup,
  decided,
  seedsWith,
} from './seeds.fixtures';

const PREFERRED: Setup = {
  providers: {
    moonshot: { preferredModels: KIMI_PREFERRED_MODELS },
    glm: { preferredModels: GLM_PREFERRED_MODELS },
  },
};
const preferredWith = (moonshot: object, policy: Setup['policy'] = {}): Setup => ({
  providers: { ...PREFERRED.providers, moonshot: { preferredModels: KIMI_PREFERRED_MODELS, ...moonshot } },
  policy,
});
const chosen = (...asked: Parameters<typeof decided>): string => nameOf(decided(...asked).chain[0]!);
const chain = (...asked: Parameters<typeof decided>): string[] => decided(...asked).chain.map(nameOf);
const { catalogue } = stateOf(SEEDS);
const namesOf = (name: string) => {
  const rows = catalogue.listed.filter(({ provider: { name: owner } }) => owner === name);
  return { ids: rows.length, aliases: rows.flatMap(({ model: { aliases } }) => aliases).length };
};
const without = (...names: string[]): Record<string, object> =>
  Object.fromEntries(names.map((name) => [name, { key: null }]));

describe('seed 001: the registry', () => {
  it('B8: has 18 names of Kimi and 6 of GLM, ids and aliases counted apart', () => {
    expect([namesOf('moonshot'), namesOf('glm')]).toEqual([
      { ids: 14, aliases: 4 },
      { ids: 5, aliases: 1 },
    ]);
    expect([KIMI, GLM].map((rows) => rows.flat().length)).toEqual([18, 6]);
  });

  it('B9, B10: knows every name that the seed names, by id or alias, and which it is', () => {
    const named = [
      ...KIMI_PREFERRED_MODELS,
      ...GLM_PREFERRED_MODELS,
      'kimi-latest-128k',
      'glm-4.5-air',
      'glm-4.5v',
      'glm-4.5-x',
    ];
    for (const name of named) expect([name, catalogue.named(name)]).toEqual([name, [expect.anything()]]);
    expect(catalogue.named('glm-4.5-x')).toMatchObject([
      { by: 'alias', entry: { model: { id: 'glm-4.5-air' } } },
    ]);
  });

  it('B2, B3: is one state out of one set of settings, with one policy that has a name', () => {
    expect(decided()).toMatchObject({ policy: 'default', config: stateOf(SEEDS).config });
  });

  it('B7: takes no provider and no model twice', () => {
    const twice = [...SEEDS.providers, provider('GLM')];
    expect(faultOf(() => stateOf({ ...SEEDS, providers: twice })).code).toBe('config_rejected');
    const models = [...SEEDS.models, model('glm/GLM-4.5')];
    expect(faultOf(() => stateOf({ ...SEEDS, models })).message).toMatch(/two rows/);
  });

  it('B6: answers which rules are asked and which steps rank, in order', () => {
    const { rules, order } = decided();
    expect(rules).toEqual(defaultPolicy.rules.map(({ name }) => name));
    expect(order).toEqual([
      ...[
        'preferred_providers',
        'provider_priority',
        'provider_preference',
        'free_first',
        'cost',
        'tier',
        'rank',
      ],
      'name',
    ]);
  });

  it('B29: says what is missing when no provider is configured', () => {
    const providers = Object.fromEntries(
      SEEDS.providers.map(({ name }) => [name, { key: null, auth: 'bearer' as const }]),
    );
    const error = faultOf(() => registryOf(seedsWith({ providers })).route(need()));
    expect(error.code).toBe('no_route');
    expect(error.message).toMatch(
      /A key would help: set one of MOONSHOT_API_KEY, GLM_API_KEY, CUSTOM_API_KEY/,
    );
  });
});

describe('seed 001: which model is chosen', () => {
  it('B1, B25: without a preferred list the first ranked model is, and the decision says that it was the rank', () => {
    const decision = decided(
      {},
      { policy: { tiers: stateOf({ providers: [], models: [] }).settings.policy.tiers } },
    );
    expect(nameOf(decision.chain[0]!)).toBe('moonshot/kimi-k2-0905-preview');
    expect(decision.decidedBy).toBe('rank');
  });

  it('B25: and where the tier has a say before the rank, the decision says that it was the tier', () => {
    expect(decided()).toMatchObject({ decidedBy: 'tier', tier: { tier: 'balanced', cause: 'no_signal' } });
  });

  it("B21, B23: with the seed's list 0905 is, then turbo, then 0711, then the others", () => {
    const decision = decided({}, PREFERRED);
    expect(decision.decidedBy).toBe('provider_preference');
    expect(decision.chain.slice(0, 5).map((link) => [link.model, link.because])).toEqual([
      ['kimi-k2-0905-preview', 'provider_preference'],
      ['kimi-k2-turbo-preview', 'provider_preference'],
      ['kimi-k2-0711-preview', 'provider_preference'],
      ['moonshot-v1-8k', 'rank'],
      ['moonshot-v1-32k', 'rank'],
    ]);
  });

  it('B23: the next of the list is where the first cannot be, and others only where none of it can', () => {
    const closed = (count: number): string => {
      const openCircuits = KIMI_PREFERRED_MODELS.slice(0, count).map((id) => `moonshot/${id}`);
      return nameOf(
        registryOf(seedsWith(PREFERRED)).explain(need(), { assumed: { openCircuits } }).chain[0]!,
      );
    };
    expect([0, 1, 2, 3].map(closed)).toEqual([
      ...KIMI_PREFERRED_MODELS.map((id) => `moonshot/${id}`),
      'moonshot/moonshot-v1-8k',
    ]);
  });

  it('B10, B18: kimi-latest-128k never stands before what is preferred', () => {
    const names = chain({}, { ...PREFERRED, policy: { allowedProviders: ['moonshot'] } });
    expect(names).not.toContain('moonshot/kimi-latest-128k');
    expect(chosen({ model: 'kimi-latest-128k' }, PREFERRED)).toBe('moonshot/kimi-latest-128k');
  });

  it('B20: of a preferred list the first that is allowed is', () => {
    const allowedModels = ['kimi-k2-turbo', 'kimi-latest-128k'];
    expect(chosen({}, preferredWith({ allowedModels }))).toBe('moonshot/kimi-k2-turbo-preview');
    expect(chosen({}, preferredWith({ allowedModels: ['kimi-latest-128k'] }))).toBe(
      'moonshot/kimi-latest-128k',
    );
  });

  it('B20: a list may name aliases, and one that names nothing stops the boot', () => {
    const aliases = { providers: { moonshot: { preferredModels: ['kimi-k2-turbo'] } } };
    expect(chosen({}, aliases)).toBe('moonshot/kimi-k2-turbo-preview');
    const unknown = { providers: { moonshot: { preferredModels: ['kimi-k2-0950-preview'] } } };
    expect(faultOf(() => decided({}, unknown)).message).toMatch(
      /"kimi-k2-0950-preview" in MOONSHOT_PREFERRED_MODELS is not in the catalogue \(near: moonshot\/kimi-k2-0905-preview/,
    );
  });

  it("B22: GLM's list is asked once Kimi is not there", () => {
    const noKimi = { ...PREFERRED, providers: { ...PREFERRED.providers, ...without('moonshot') } };
    expect(chain({}, noKimi).slice(0, 3)).toEqual(GLM_PREFERRED_MODELS.map((id) => `glm/${id}`));
  });

  it('B11, B14: Kimi stands before GLM before custom before OpenRouter, then the rest by their priority', () => {
    const first = (...gone: string[]): string => chosen({}, { providers: without(...gone) }).split('/')[0]!;
    expect(first()).toBe('moonshot');
    expect(first('moonshot')).toBe('glm');
    expect(first('moonshot', 'glm')).toBe('custom');
    expect(first('moonshot', 'glm', 'custom')).toBe('openrouter');
    expect(first('moonshot', 'glm', 'custom', 'openrouter')).toBe('anthropic');
  });

  it('B11: the order of providers is for what policy chooses, not for what the caller names', () => {
    expect(chosen({ model: 'glm-4.5-flash' }, PREFERRED)).toBe('glm/glm-4.5-flash');
  });

  it('B19: aliases are never chosen, and the same question has the same answer', () => {
    const ids = new Set(SEEDS.models.map(({ id }) => id));
    const { candidates } = decided();
    expect(
      candidates
        .filter(({ target, eligible }) => eligible && !ids.has(target.model))
        .map(({ target }) => nameOf(target)),
    ).toEqual(['ollama/qwen3.5:latest']);
    expect(decided()).toEqual(decided());
  });

  it('B15, B20: restrictions come before every preference', () => {
    const decision = decided({}, preferredWith({ allowedModels: ['kimi-k2-0711-preview'] }));
    const refused = decision.candidates.find(({ target }) => target.model === 'kimi-k2-0905-preview');
    expect(nameOf(decision.chain[0]!)).toBe('moonshot/kimi-k2-0711-preview');
    expect(refused?.refusals.map(({ rule }) => rule)).toEqual(['allowed-model']);
  });

  it('B16, B17: cost, and free models, come after the order of providers', () => {
    expect(chosen({}, { policy: { costAware: true, freeFirst: true } })).toBe(
      'moonshot/kimi-k2-0905-preview',
    );
    const glmOnly = { allowedProviders: ['glm'] };
    expect(decided({}, { policy: { ...glmOnly, freeFirst: true } })).toMatchObject({
      decidedBy: 'free_first',
    });
    expect(chosen({}, { policy: { ...glmOnly, costAware: true } })).toBe('glm/glm-4.5-flash');
    expect(chosen({}, { policy: { ...glmOnly, freeFirst: true, costAware: true } })).toBe(
      'glm/glm-4.5-flash',
    );
  });
});
