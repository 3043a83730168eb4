import { nameOf } from '@longhaul/contract';
import { HealthBoard } from './health-board';
import {
  Fixture,
  WORLD,
  faultOf,
  model,
  need,
  provider,
  registryOf,
  tierSettings,
} from './registry.fixtures';
import { Registry } from './registry';

const COOLS = 'glm/glm-5 may not be called before 2026-11-21T12:00:00Z (overloaded).';

/** A world in which these are ill: a provider, or `<provider>/<model>`. */
const ailing = (illnesses: Readonly<Record<string, string>>, world: Fixture = WORLD): Registry => {
  const health = new HealthBoard();
  health.ail(new Map(Object.entries(illnesses)));
  return registryOf(world, { health });
};

const TWO: Fixture = {
  providers: [provider('one'), provider('two')],
  models: [model('one/a'), model('two/b')],
  policy: { providerOrder: ['one', 'two'] },
};
const SENTENCES = { 'one/a': 'one/a coughs.', two: 'Provider two sneezes.' };

const namesOf = (registry: Registry, request: Parameters<Registry['route']>[1] = {}): string[] =>
  registry.route(need(), request).chain.map(nameOf);

describe('a target that is ill for now', () => {
  it('is passed over by the policy with its sentence, and is back when it is well', () => {
    const health = new HealthBoard();
    const registry = registryOf({ ...WORLD, limits: { maxRungs: 1 } }, { health });
    expect(namesOf(registry)).toEqual(['glm/glm-5']);
    health.ail(new Map([['glm/glm-5', COOLS]]));
    const { chain, decision } = registry.route(need());
    expect(chain.map(nameOf)).not.toContain('glm/glm-5');
    expect(decision.candidates.find(({ target }) => target.model === 'glm-5')).toMatchObject({
      eligible: false,
      refusals: [{ rule: 'healthy', reason: COOLS }],
    });
    health.ail(new Map());
    expect(namesOf(registry)).toEqual(['glm/glm-5']);
  });

  it('stands behind all that is well where the chain has room, and the decision says why', () => {
    const { chain, decision } = ailing({ 'one/a': 'one/a coughs.' }, TWO).route(need());
    expect(chain.map(nameOf)).toEqual(['two/b', 'one/a']);
    expect(decision.notes).toContain('one/a coughs.');
    expect(decision.candidates).toMatchObject([{ eligible: true }, { eligible: true }]);
  });

  it('is still better than no answer: where nothing is well, the order of the policy holds', () => {
    const { chain, decision } = ailing(SENTENCES, TWO).route(need());
    expect(chain.map(nameOf)).toEqual(['one/a', 'two/b']);
    expect(decision.notes).toEqual(['one/a coughs.', 'Provider two sneezes.']);
  });

  it('gives way to nothing that other rules refuse', () => {
    const keyless = { ...TWO, providers: [provider('one'), provider('two', { key: null })] };
    expect(namesOf(ailing(SENTENCES, keyless))).toEqual(['one/a']);
    const none = { ...TWO, providers: [provider('one', { key: null }), provider('two', { key: null })] };
    expect(faultOf(() => ailing(SENTENCES, none).route(need())).code).toBe('no_route');
  });

  it('gives its place in a tier to the next target of the tier, and keeps it when all are ill', () => {
    const targets = { fast: ['one/a', 'two/b'], balanced: [], powerful: [] };
    const tiers = { ...TWO, policy: { ...TWO.policy, tiers: tierSettings({ targets }) } };
    const fast = { model: 'tier:fast' };
    expect(namesOf(ailing({ 'one/a': 'one/a coughs.' }, tiers), fast)).toEqual(['two/b', 'one/a']);
    const { chain, decision } = ailing(SENTENCES, tiers).route(need(), fast);
    expect(chain.map(nameOf)).toEqual(['one/a', 'two/b']);
    expect(decision.notes).toEqual(['one/a coughs.', 'Provider two sneezes.']);
  });

  it('that the caller named is taken, with a note; the fallbacks of the policy are those that are well first', () => {
    const named = { model: 'one/a' };
    const { chain, decision } = ailing(SENTENCES, TWO).route(need(), named);
    expect(chain.map(nameOf)).toEqual(['one/a', 'two/b']);
    expect(decision.notes).toContain('one/a coughs.');
    expect(namesOf(ailing(SENTENCES, TWO), { ...named, fallbacks: [] })).toEqual(['one/a']);
    expect(namesOf(ailing(SENTENCES, TWO), { ...named, fallbacks: ['two/b'] })).toEqual(['one/a', 'two/b']);
  });

  it('does not stand in the way of a fallback that the caller named', () => {
    expect(namesOf(ailing({ 'one/a': 'one/a coughs.' }, TWO), { fallbacks: ['one/a'] })).toEqual([
      ...['two/b', 'one/a'],
    ]);
  });

  it('is no reason to leave out a later target when a job is handed over: the claim decides', () => {
    const { chain } = registryOf(TWO).route(need());
    const later = chain.map((target) => ({ target, isNamed: false }));
    expect(ailing(SENTENCES, TWO).review(need(), later)).toMatchObject([
      { eligible: true },
      { eligible: true },
    ]);
  });

  it('is what `assume` makes of an open circuit', () => {
    const told = registryOf(TWO).explain(need(), { assumed: { openCircuits: ['one'] } });
    expect(told.chain.map(nameOf)).toEqual(['two/b', 'one/a']);
    expect(told.notes).toContain('The circuit of one/a is assumed to be open.');
  });
});
