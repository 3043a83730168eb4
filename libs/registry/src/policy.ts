import { Need } from '@longhaul/contract';
import { Catalogue } from './catalogue';
import { CatalogueEntry } from './entry';
import { RULES, Rule } from './rules';
import { Choice } from './steps';

/**
 * How models are chosen: which rules are asked, in which order, and what is proposed where the caller left the
 * choice to Longhaul. Pure: the same catalogue and need give the same answer. What a policy proposes goes
 * through its rules like everything else, with `chosenBy: 'policy'`.
 */
export interface Policy {
  readonly name: string;
  readonly rules: readonly Rule[];
  /** For `auto`: every model that may be looked at, best first. */
  rank(catalogue: Catalogue, need: Need): readonly Choice[];
  /** What is tried after this first target when the caller gave no `fallbacks`, best first. */
  follow(first: CatalogueEntry, catalogue: Catalogue, need: Need): readonly Choice[];
}

/** Nest injection token of the policy. */
export const POLICY = Symbol('POLICY');

const proposed = (entry: CatalogueEntry, because: Choice['because']): Choice => ({
  entry,
  because,
  chosenBy: 'policy',
  notes: [],
});

/** Providers in their configured order, each with its default model first; then the provider's own fallback order. */
export const defaultPolicy: Policy = {
  name: 'provider-order',
  rules: RULES,
  rank: (catalogue) => catalogue.entries.map((entry) => proposed(entry, 'provider_order')),
  follow: ({ provider }, catalogue) =>
    provider.fallbackOrder
      .map((name) => catalogue.configured(provider, name))
      .filter((entry) => entry !== null)
      .map((entry) => proposed(entry, 'fallback_order')),
};
