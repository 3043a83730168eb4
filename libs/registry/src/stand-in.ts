import { HealthPort } from '@longhaul/contract';
import { ORDERS } from './orders';
import { Policy } from './policy';
import { FALLBACK_RULES, FallbackRule, RULES, Rule } from './rules';
import { RegistryState } from './state';

/**
 * The state that decides when a policy has failed: a job must not be lost to a fault in how its model is chosen.
 * It asks the built-in rules and, of the policy's own, those that still answer: what they refuse stays refused.
 */
export const standInFor = (state: RegistryState): RegistryState => ({
  ...state,
  policy: builtInBeside(state.policy),
  health: forgivingHealth(state.health),
});

const builtInBeside = ({ rules, fallbackRules }: Policy): Policy => ({
  name: 'built-in',
  rules: [...RULES, ...rules.filter((rule) => !RULES.includes(rule)).map(forgiving)],
  fallbackRules: [
    ...FALLBACK_RULES,
    ...fallbackRules.filter((rule) => !FALLBACK_RULES.includes(rule)).map(forgivingFallback),
  ],
  orders: () => ORDERS,
});

const forgiving = (rule: Rule): Rule => ({
  name: rule.name,
  refuse: (...asked) => answerOf(() => rule.refuse(...asked)),
  note: (...asked) => answerOf(() => rule.note?.(...asked) ?? null),
  warn: (entry) => answerOf(() => rule.warn?.(entry) ?? null),
});

const forgivingFallback = (rule: FallbackRule): FallbackRule => ({
  name: rule.name,
  refuse: (...asked) => answerOf(() => rule.refuse(...asked)),
});

/** Unknown health bars nothing: the claim asks again and is the authority. */
const forgivingHealth = (health: HealthPort): HealthPort => ({
  refusal: (target) => answerOf(() => health.refusal(target)),
  illness: (target) => answerOf(() => health.illness?.(target) ?? null),
  offers: (target) => answerOf(() => health.offers?.(target) ?? null) ?? false,
});

function answerOf<Answer>(ask: () => Answer | null): Answer | null {
  try {
    return ask();
  } catch {
    return null;
  }
}
