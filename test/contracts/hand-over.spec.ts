import { Decision } from '@longhaul/contract';
import { JobRow } from '@longhaul/records';
import { model, need, provider, registryOf, samplePrice } from '../../libs/registry/src/registry.fixtures';
import { HandOvers } from '../../libs/jobs/src/hand-over';

const PROVIDERS = [
  provider('one', { acceptUnlistedModels: true }),
  provider('two', { acceptUnlistedModels: true, maxInflight: 0 }),
  provider('three', { acceptUnlistedModels: true, explicitOnly: true }),
];
const registry = registryOf({ providers: PROVIDERS, models: [] });
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

const jobOn = (chain: readonly (readonly [provider: string, because: string])[], position = 0): JobRow => {
  const targets = chain.map(([name]) => ({ provider: name, model: 'm', contextWindow: null }));
  const links = chain.map(([name, because]) => ({ provider: name, model: 'm', because }));
  const decision = { chain: links, need: need(), requested: {} } as unknown as Decision;
  const here = targets[position];
  return {
    ...{ id: 'job_1', position, chain: targets, decision, attempts: 2 },
    ...{ provider: here?.provider, targetModel: 'm' },
  } as unknown as JobRow;
};

describe('the rest of a chain at a hand-over', () => {
  it('is closed where a rule refuses it by now: a provider that is off, one that is gone', () => {
    const job = jobOn([
      ['one', 'explicit'],
      ['two', 'fallbacks'],
      ['gone', 'fallbacks'],
      ['one', 'fallbacks'],
    ]);
    const { closed, candidates } = new HandOvers(registry, silent).review(job);
    expect([...closed]).toEqual([1, 2]);
    expect(candidates.map(({ refusals }) => refusals.map(({ rule }) => rule))).toEqual([
      ['provider-on'],
      ['provider-known'],
      [],
    ]);
  });

  it('is closed where the row of a listed model is gone, and above the caller’s own ceiling', () => {
    const listing = registryOf({
      providers: [provider('one'), provider('two')],
      models: [model('one/m', { price: samplePrice() }), model('two/x')],
    });
    const job = jobOn([
      ['one', 'explicit'],
      ['two', 'fallbacks'],
      ['one', 'fallbacks'],
    ]);
    const rulesFor = (routing: object): string[][] => {
      const requested = { routing } as Decision['requested'];
      const asked = { ...job, decision: { ...job.decision, requested } };
      const { candidates } = new HandOvers(listing, silent).review(asked);
      return candidates.map(({ refusals }) => refusals.map(({ rule }) => rule));
    };
    expect(rulesFor({})).toEqual([['model-known'], []]);
    expect(rulesFor({ maxCostUsd: 0.0001 })).toEqual([['model-known'], ['cost-ceiling']]);
  });

  it('is closed for what has become too dear a fallback, unless the caller named it', () => {
    const dear = { ...samplePrice()!, inputPerMTok: 900, outputPerMTok: 900 };
    const priced = registryOf({
      providers: [provider('one'), provider('two')],
      models: [model('one/m', { price: samplePrice() }), model('two/m', { price: dear })],
    });
    const closedFor = (because: string): number =>
      new HandOvers(priced, silent).review(
        jobOn([
          ['one', 'explicit'],
          ['two', because],
        ]),
      ).closed.size;
    expect([closedFor('rank'), closedFor('fallbacks')]).toEqual([1, 0]);
  });

  it('keeps an explicit_only target that the caller named, and only that', () => {
    const named = jobOn([
      ['one', 'explicit'],
      ['three', 'fallbacks'],
    ]);
    const built = jobOn([
      ['one', 'explicit'],
      ['three', 'rank'],
    ]);
    const handOvers = new HandOvers(registry, silent);
    expect([handOvers.review(named).closed.size, handOvers.review(built).closed.size]).toEqual([0, 1]);
  });

  it('is left as it was when the policy fails', () => {
    const errors: string[] = [];
    const failing = {
      state: registry.state,
      review: () => {
        throw new TypeError('no');
      },
    };
    const log = { ...silent, error: (message: string) => void errors.push(message) };
    const { closed } = new HandOvers(failing, log).review(
      jobOn([
        ['one', 'explicit'],
        ['two', 'rank'],
      ]),
    );
    expect(closed.size).toBe(0);
    expect(errors).toEqual(['The policy failed over the chain of job job_1; no target of it is left out.']);
  });

  it('is kept with where the job came from and went to', () => {
    const job = jobOn([
      ['one', 'explicit'],
      ['two', 'fallbacks'],
    ]);
    const handOvers = new HandOvers(registry, silent);
    const later = handOvers.review(job);
    expect(handOvers.record(job, { code: 'timeout', to: 1, later })).toMatchObject({
      from: { provider: 'one', model: 'm' },
      to: { provider: 'two', model: 'm' },
      ...{ code: 'timeout', afterCalls: 2, config: registry.state.config },
      candidates: later.candidates,
    });
    expect(handOvers.record(job, { code: 'timeout', to: null, later }).to).toBeNull();
  });
});
