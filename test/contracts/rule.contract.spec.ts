import { CAPABILITIES } from '@longhaul/contract';
import { RULES, Rule, RuleContext } from '@longhaul/registry';
import { entryOf, unlistedEntry } from '../../libs/registry/src/entry';
import {
  WORLD,
  catalogueOf,
  model,
  need,
  policySettings,
  provider,
  questionOf,
} from '../../libs/registry/src/registry.fixtures';

const HEALTHS = [() => null, () => 'The target is cooling for 30 s.'];
const POLICIES = [
  policySettings(),
  policySettings({ allowedProviders: [] }),
  policySettings({ disabledProviders: WORLD.providers.map(({ name }) => name) }),
];
const CEILINGS = [null, 1_000_000];
/** One of them leaves but one of its models. */
const PICKY = WORLD.providers.map((each) =>
  each.name === 'moonshot' ? { ...each, allowedModels: ['kimi-k2.6'] } : each,
);
const CONTEXTS: RuleContext[] = (['caller', 'policy'] as const).flatMap((chosenBy) =>
  HEALTHS.flatMap((refusal) =>
    POLICIES.flatMap((policy) =>
      CEILINGS.map((ceilingNanoUsd) => ({
        ...questionOf({ ...WORLD, providers: PICKY, policy }, { ceilingNanoUsd, health: { refusal } }),
        chosenBy,
      })),
    ),
  ),
);
const NEEDS = [
  need({ inputTokens: 0, outputTokens: 0 }),
  need({ inputTokens: Number.MAX_SAFE_INTEGER, capabilities: CAPABILITIES }),
];
const bare = provider('bare', {
  ...{ key: null, keyVariables: [], maxInflight: 0, explicitOnly: true },
  limits: { requestsPerMinute: 1, tokensPerMinute: 1, tokensPerDay: 1 },
});
const ENTRIES = [
  ...catalogueOf(WORLD).entries,
  entryOf(bare, model('bare/x', { contextWindow: null, status: 'retired' })),
  unlistedEntry(bare, 'anything'),
];

const QUESTIONS = ENTRIES.flatMap((entry) =>
  NEEDS.flatMap((wanted) => CONTEXTS.map((context) => ({ entry, wanted, context }))),
);
const refusalsOf = (rule: Rule): (string | null)[] =>
  QUESTIONS.map(({ entry, wanted, context }) => rule.refuse(entry, wanted, context));
/** One sentence or several, each begun with a capital or a model's name, the last ended with a full stop. */
const isSentence = (text: string): boolean =>
  /^\S.*\S\.$/.test(text) && !text.includes('\n') && !text.includes('undefined');

describe('the rules', () => {
  it('have names of their own, fit for a file', () => {
    const names = RULES.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
  });
});

describe.each(RULES.map((rule) => [rule.name, rule] as const))('the rule %s', (_, rule) => {
  it('refuses with a sentence, and refuses something', () => {
    const reasons = refusalsOf(rule).filter((reason) => reason !== null);
    expect(reasons.length).toBeGreaterThan(0);
    for (const reason of reasons) expect([reason, isSentence(reason)]).toEqual([reason, true]);
  });

  it('lets something pass', () => {
    expect(refusalsOf(rule)).toContain(null);
  });

  it('notes in sentences, and only of models that it lets pass', () => {
    for (const { entry, wanted, context } of QUESTIONS) {
      const note = rule.note?.(entry, wanted) ?? null;
      if (note === null) continue;
      expect([note, isSentence(note)]).toEqual([note, true]);
      expect(rule.refuse(entry, wanted, context)).toBeNull();
    }
  });

  it('gives the same answer to the same question', () => {
    expect(refusalsOf(rule)).toEqual(refusalsOf(rule));
  });

  it('never shows a key', () => {
    expect(JSON.stringify(refusalsOf(rule))).not.toContain('sk-fixture');
  });
});
