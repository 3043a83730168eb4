import { CatalogueEntry } from './entry';
import { ChosenBy } from './rules';

/** How a model came into the chain; the first rung's step is the decision's `decided_by`. */
export type Step =
  /** `<provider>/<model>`, a bare catalogue id, or `provider` beside `model`. */
  | 'explicit'
  /** A bare alias, or one behind its provider. */
  | 'alias'
  /** A prefix that is not the provider's name, e.g. `cloud/`. */
  | 'prefix'
  /** `provider` without a model. */
  | 'provider_default'
  /** The caller's `fallbacks`. */
  | 'fallbacks'
  /** The provider's configured fallback order. */
  | 'fallback_order'
  /** The order of providers and their models: what `auto` does. */
  | 'provider_order';

/** A model that is proposed for the chain. Rules decide whether it gets there. */
export interface Choice {
  readonly entry: CatalogueEntry;
  /** A Step of ours, or the word of another policy. */
  readonly because: string;
  readonly chosenBy: ChosenBy;
  /** What the caller should know of how the name was read. */
  readonly notes: readonly string[];
}
