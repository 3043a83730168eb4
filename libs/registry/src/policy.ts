import { Order, orderNamed, ordersOf } from './orders';
import { Question } from './question';
import { FALLBACK_RULES, FallbackRule, RULES, Rule } from './rules';

/**
 * How models are chosen: which rules refuse them, and which steps rank what is left. Pure: the same catalogue and
 * the same question give the same answer. It cannot put a model into a chain that its own rules refuse.
 */
export interface Policy {
  /** Stands in every decision. */
  readonly name: string;
  readonly rules: readonly Rule[];
  /** Asked besides about fallbacks that the caller did not name. */
  readonly fallbackRules: readonly FallbackRule[];
  /** The ranking steps for a question, the strongest first. */
  orders(question: Question): readonly Order[];
}

/** Nest injection token of the policy. */
export const POLICY = Symbol('POLICY');

/** The rules and steps of docs/routing.md: ROUTING_ORDER, else what the profile puts first. */
export const defaultPolicy: Policy = {
  name: 'default',
  rules: RULES,
  fallbackRules: FALLBACK_RULES,
  orders: ({ settings, profile }) =>
    settings.order?.map(orderNamed).filter((order) => order !== null) ?? ordersOf(profile),
};
