import { Decision, nameOf } from '@longhaul/contract';
import { Fixture, chainOf, model, need, provider, registryOf } from './registry.fixtures';

const price = (perMTok: number) => {
  return { inputPerMTok: perMTok, outputPerMTok: perMTok, effectiveFrom: '2026-01-01', source: 'fixture' };
};
/** One model at three providers, others beside it. */
const FIXTURE: Fixture = {
  providers: [
    provider('a', { fallbackOrder: ['small', 'b/other'] }),
    provider('b'),
    provider('c', { explicitOnly: true }),
    provider('d'),
  ],
  models: [
    model('a/k2', { group: 'k2', price: price(1) }),
    model('a/small', { contextWindow: 5_000, price: price(1) }),
    model('a/thinker', { tags: ['reasoning'], price: price(1) }),
    model('b/other', { price: price(1) }),
    model('b/k2', { group: 'k2', price: price(1) }),
    model('c/k2', { group: 'k2' }),
    model('d/k2-instruct', { group: 'k2', price: price(1) }),
    model('d/dear', { price: price(4) }),
  ],
  policy: { providerOrder: ['a', 'd', 'b', 'c'] },
  limits: { maxRungs: 9, maxCallsPerJob: 9 },
};
const decisionOf = (request: Parameters<typeof chainOf>[1], fixture = FIXTURE, wanted = need()): Decision =>
  registryOf(fixture).route(wanted, request).decision;
const steps = ({ chain }: Decision): string[][] => chain.map((link) => [nameOf(link), link.because]);

describe('the chain of a named model', () => {
  it('A16, D3: is the model, its fallback order, the same model elsewhere, then what the policy has left', () => {
    expect(steps(decisionOf({ model: 'a/k2' }))).toEqual([
      ['a/k2', 'explicit'],
      ['a/small', 'fallback_order'],
      ['b/other', 'fallback_order'],
      ['d/k2-instruct', 'same_model'],
      ['b/k2', 'same_model'],
    ]);
  });

  it('goes on in the order of the policy where there is no fallback order and no equal', () => {
    expect(steps(decisionOf({ model: 'b/other' }))).toEqual([
      ['b/other', 'explicit'],
      ['a/k2', 'name'],
      ['a/small', 'name'],
      ['d/k2-instruct', 'provider_priority'],
      ['b/k2', 'name'],
    ]);
  });

  it('E35: leaves out what is too small for the job', () => {
    expect(chainOf(FIXTURE, { model: 'a/k2' }, need({ inputTokens: 50_000 }))).not.toContain('a/small');
  });

  it('D16: has no explicit_only equal', () => {
    expect(chainOf(FIXTURE, { model: 'a/k2' })).not.toContain('c/k2');
  });

  it('has equals and all when an explicit_only model is named', () => {
    expect(chainOf(FIXTURE, { model: 'c/k2' }).slice(0, 4)).toEqual([
      'c/k2',
      'a/k2',
      'd/k2-instruct',
      'b/k2',
    ]);
  });

  it('A17: has nothing that thinks and nothing dear, and the candidates say why', () => {
    const decision = decisionOf({ model: 'a/k2' });
    const guarded = decision.candidates.filter(({ notAsFallback }) => notAsFallback.length > 0);
    expect(
      guarded.map(({ target, eligible, notAsFallback }) => [nameOf(target), eligible, notAsFallback]),
    ).toEqual([
      [
        'a/thinker',
        true,
        [
          {
            rule: 'expensive-fallback',
            reason:
              'a/thinker is tagged reasoning, so it is no fallback for a/k2 (ALLOW_EXPENSIVE_THINKING_FALLBACK).',
          },
        ],
      ],
      ['d/dear', true, [expect.objectContaining({ rule: 'expensive-fallback' })]],
    ]);
  });

  it('A17: has them where they are allowed, and where the caller names them', () => {
    const open = { ...FIXTURE, policy: { ...FIXTURE.policy, allowExpensiveFallback: true } };
    expect(chainOf(open, { model: 'a/k2' })).toEqual(expect.arrayContaining(['a/thinker', 'd/dear']));
    expect(chainOf(FIXTURE, { model: 'a/thinker', fallbacks: ['d/dear'] })).toEqual(['a/thinker', 'd/dear']);
    expect(chainOf(FIXTURE, { model: 'a/k2', fallbacks: ['a/thinker'] })).toEqual(['a/k2', 'a/thinker']);
  });

  it('only counts the models of its tail that were refused', () => {
    const decision = decisionOf({ model: 'b/other' });
    expect(decision.candidates.map(({ target }) => nameOf(target))).not.toContain('c/k2');
    expect(decision.omittedCandidates).toBe(1);
    expect(decision.candidates.every(({ eligible }) => eligible)).toBe(true);
  });

  it('counts no model twice: a default that was refused is shown, and no longer only counted', () => {
    const decision = decisionOf(
      { model: 'b/other' },
      { ...FIXTURE, policy: { ...FIXTURE.policy, defaultModels: ['c/k2'] } },
    );
    expect(decision.candidates.map(({ target }) => nameOf(target))).toContain('c/k2');
    expect(decision.omittedCandidates).toBe(0);
  });

  it('takes an unlisted id of a fallback order whose provider has such ids', () => {
    const providers = [provider('open', { acceptUnlistedModels: true, fallbackOrder: ['vendor/x:free'] })];
    const fixture = { providers, models: [model('open/first')] };
    expect(chainOf(fixture, { model: 'open/first' })).toEqual(['open/first', 'open/vendor/x:free']);
  });

  it('takes successors from a fallback order that names retired models', () => {
    const providers = [provider('a', { fallbackOrder: ['old', 'new'] })];
    const models = [model('a/one'), model('a/new'), model('a/old', { status: 'retired', successor: 'new' })];
    expect(chainOf({ providers, models }, { model: 'a/one' })).toEqual(['a/one', 'a/new']);
  });
});

describe("the caller's fallbacks", () => {
  it('are the whole tail', () => {
    expect(steps(decisionOf({ model: 'a/k2', fallbacks: ['b/k2'] }))).toEqual([
      ['a/k2', 'explicit'],
      ['b/k2', 'fallbacks'],
    ]);
  });

  it.each([{ model: 'a/k2', fallbacks: [] }, { fallbacks: [] }, { model: 'tier:fast', fallbacks: [] }])(
    'that are none leave the first target alone: %j',
    (request) => {
      expect(chainOf(FIXTURE, request)).toEqual(['a/k2']);
    },
  );

  it('stand in for a policy that finds nothing', () => {
    const shut = {
      ...FIXTURE,
      providers: FIXTURE.providers.map((each) => ({ ...each, explicitOnly: true })),
    };
    const decision = decisionOf({ fallbacks: ['b/k2'] }, shut);
    expect([decision.decidedBy, steps(decision)]).toEqual(['fallbacks', [['b/k2', 'fallbacks']]]);
  });
});

describe('the candidates of a decision', () => {
  const many: Fixture = {
    providers: [provider('a')],
    models: Array.from({ length: 150 }, (_, index) => model(`a/m${String(index).padStart(3, '0')}`)),
  };

  it('are a hundred at most, the chain first, and the rest are counted', () => {
    const decision = decisionOf({}, many);
    expect([decision.candidates.length, decision.omittedCandidates]).toEqual([100, 50]);
    expect(decision.candidates.slice(0, 4).map(({ target }) => nameOf(target))).toEqual(
      decision.chain.map(nameOf),
    );
  });

  it('hold no prompt and no key', () => {
    expect(JSON.stringify(decisionOf({}))).not.toContain('sk-fixture');
  });

  it('have an estimate each, and so has each target of the chain', () => {
    const decision = decisionOf({ model: 'a/k2' });
    const estimate = { inputTokens: 1_000, outputTokens: 1_000, nanoUsd: 2_000_000 };
    expect([decision.candidates[0]?.estimate, decision.chain[0]?.estimate]).toEqual([estimate, estimate]);
  });
});
