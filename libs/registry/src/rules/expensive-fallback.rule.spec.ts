import { PolicySettings } from '@longhaul/settings';
import { Fixture, entryNamed, model, need, provider, questionOf } from '../registry.fixtures';
import { expensiveFallback } from './expensive-fallback.rule';

const price = (inputPerMTok: number) => {
  return { inputPerMTok, outputPerMTok: inputPerMTok, effectiveFrom: '2026-01-01', source: 'fixture' };
};
const worldWith = (policy: Partial<PolicySettings> = {}): Fixture => ({
  providers: [
    provider('glm'),
    provider('open', { allowExpensiveFallback: true }),
    provider('shut', { allowExpensiveFallback: false }),
  ],
  models: [
    ...['glm', 'open', 'shut'].flatMap((name) => [
      model(`${name}/one`, { price: price(1) }),
      model(`${name}/three`, { price: price(3) }),
      model(`${name}/four`, { price: price(4) }),
      model(`${name}/thinking`, { price: price(1), tags: ['reasoning'] }),
      model(`${name}/dear`, { tags: ['expensive'] }),
      model(`${name}/gift`, { price: price(0) }),
      model(`${name}/unpriced`),
    ]),
  ],
  policy,
});
const said = (name: string, first: string, policy: Partial<PolicySettings> = {}): string | null => {
  const question = questionOf(worldWith(policy), { need: need() });
  const [entry, before] = [name, first].map((each) => entryNamed(question.catalogue, each));
  return expensiveFallback.refuse(entry!, before!, { ...question, chosenBy: 'policy' });
};
const because = (name: string, why: string): string =>
  `${name} ${why}, so it is no fallback for glm/one (ALLOW_EXPENSIVE_THINKING_FALLBACK).`;

describe('what policy falls back to', () => {
  it.each<[string, string, string | null]>([
    ['A17: is nothing that thinks', 'glm/thinking', because('glm/thinking', 'is tagged reasoning')],
    ['A17: is nothing that is marked as expensive', 'glm/dear', because('glm/dear', 'is tagged expensive')],
    [
      'A17: is nothing dearer than the factor',
      'glm/four',
      because('glm/four', 'costs more than 3 times as much'),
    ],
    ['may be just as dear as the factor', 'glm/three', null],
    ['may be without a price: a ceiling is what speaks against that', 'glm/unpriced', null],
    ['may cost nothing', 'glm/gift', null],
  ])('%s', (_, name, sentence) => {
    expect(said(name, 'glm/one')).toBe(sentence);
  });

  it('may think where the first target thinks, and be expensive where that one is', () => {
    expect(said('shut/thinking', 'glm/thinking')).toBeNull();
    expect(said('shut/dear', 'glm/dear')).toBeNull();
    expect(said('glm/dear', 'glm/thinking')).toContain('is tagged expensive');
  });

  it.each(['glm/gift', 'glm/unpriced'])('has nothing to be compared with after %s', (first) => {
    expect(said('glm/four', first)).toBeNull();
  });

  it('goes by the factor that is set', () => {
    expect(said('glm/four', 'glm/one', { expensiveFactor: 4 })).toBeNull();
    expect(said('glm/three', 'glm/one', { expensiveFactor: 2.5 })).toContain(
      'costs more than 2.5 times as much',
    );
  });

  it('A17: may be anything where the policy allows it, unless the provider of the fallback does not', () => {
    const policy = { allowExpensiveFallback: true };
    for (const name of ['glm/thinking', 'glm/dear', 'glm/four', 'open/four'])
      expect(said(name, 'glm/one', policy)).toBeNull();
    expect(said('shut/thinking', 'glm/one', policy)).toContain('is tagged reasoning');
  });

  it('A17: may be anything of a provider that allows it', () => {
    expect(said('open/thinking', 'glm/one')).toBeNull();
    expect(said('open/four', 'glm/one')).toBeNull();
  });
});
