import { HealthPort, Need } from '@longhaul/contract';
import { PolicySettings } from '@longhaul/settings';
import { CatalogueEntry } from '../entry';

/** Who put a model into the chain: the caller, by naming it, or the policy (`auto`, the configured order). */
export type ChosenBy = 'caller' | 'policy';

export interface RuleContext {
  readonly chosenBy: ChosenBy;
  readonly settings: PolicySettings;
  readonly health: HealthPort;
}

/** A reason to leave a model out: one file `<name>.rule.ts`, one line in rules/index.ts. A plain value without state. */
export interface Rule {
  readonly name: string;
  /** Null, or one sentence about this model, ending in a full stop. Never throws, asks no database. */
  refuse(entry: CatalogueEntry, need: Need, context: RuleContext): string | null;
  /** What the caller should know when the model is taken although the rule could not be sure. */
  note?(entry: CatalogueEntry, need: Need): string | null;
}
