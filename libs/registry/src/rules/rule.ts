import { Need } from '@longhaul/contract';
import { CatalogueEntry } from '../entry';
import { Question } from '../question';

/** Who put a model into the chain: the caller, by naming it, or the policy (`auto`, a tier, a configured order). */
export type ChosenBy = 'caller' | 'policy';

export interface RuleContext extends Question {
  readonly chosenBy: ChosenBy;
}

/** A reason to leave a model out: one file `<name>.rule.ts`, one line in rules/index.ts. A plain value without state. */
export interface Rule {
  readonly name: string;
  /** Null, or one sentence about this model, ending in a full stop. Never throws, asks no database. */
  refuse(entry: CatalogueEntry, need: Need, context: RuleContext): string | null;
  /** What the caller should know when the model is taken although the rule could not be sure. */
  note?(entry: CatalogueEntry, need: Need): string | null;
  /** What the caller should change before long. */
  warn?(entry: CatalogueEntry): string | null;
}

/** A reason not to fall back to a model from this first target. The caller's own `fallbacks` are not asked about. */
export interface FallbackRule {
  readonly name: string;
  refuse(entry: CatalogueEntry, first: CatalogueEntry, context: RuleContext): string | null;
}
