import { CatalogueEntry } from './entry';
import { ChosenBy } from './rules';

/** How a model came into the chain; the first rung's step is the decision's `decided_by`. Ranking steps have the names of their Orders. */
export type Step =
  /** `<provider>/<model>`, a bare catalogue id, or `provider` beside `model`. */
  | 'explicit'
  /** A bare alias, or one behind its provider. */
  | 'alias'
  /** A prefix that is not the provider's name, e.g. `cloud/`. */
  | 'prefix'
  /** A bare name that only the list of BARE_MODEL_PROVIDER has. */
  | 'bare_model'
  /** A retired model was named, and `allow_substitution` lets its successor stand in. */
  | 'successor'
  /** `provider` without a model. */
  | 'provider_default'
  /** `provider` with `tier:…`: the provider's model for it. */
  | 'provider_tier'
  /** A target of the job's tier. */
  | 'tier'
  /** The caller's `fallbacks`. */
  | 'fallbacks'
  /** The provider's configured fallback order. */
  | 'fallback_order'
  /** The same model at another provider. */
  | 'same_model'
  /** DEFAULT_MODELS and DEFAULT_MODEL. */
  | 'default_model';

const BY_CALLER: readonly Step[] = [
  'explicit',
  'alias',
  'prefix',
  'bare_model',
  'successor',
  'provider_default',
  'provider_tier',
  'fallbacks',
];

/** Whether a target of a stored chain stands there because the caller asked for it. */
export const isNamedByCaller = (because: string): boolean => BY_CALLER.some((step) => step === because);

/** A model that is proposed for the chain. Rules decide whether it gets there. */
export interface Choice {
  readonly entry: CatalogueEntry;
  /** A Step, or the name of a ranking step. */
  readonly because: string;
  readonly chosenBy: ChosenBy;
  /** What the caller should know of how the name was read. */
  readonly notes: readonly string[];
  /** What the caller should change before long. */
  readonly warnings?: readonly string[];
}

/** What the policy proposes; its rules are asked about it like about everything else. */
export const proposed = (entry: CatalogueEntry, because: string): Choice => ({
  entry,
  because,
  chosenBy: 'policy',
  notes: [],
});
