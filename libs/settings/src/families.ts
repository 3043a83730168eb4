import { EnvironmentReader, Found } from './environment-reader';
import { LoadNotes } from './load-notes';
import { ProviderBlock } from './provider-blocks';
import { FamilyModels } from './provider-settings';
import { variablesFor } from './provider-options';
import { ModelSettings } from './settings';

type Member = Pick<ProviderBlock, 'name' | 'family' | 'priority'>;

const byPriority = (left: Member, right: Member): number =>
  left.priority - right.priority || left.name.localeCompare(right.name, 'en');

/** The providers that a word means: a family's members by priority, or the one of that name; empty = unknown. */
export function providersMeantBy(word: string, providers: readonly Member[]): readonly string[] {
  const lower = word.toLowerCase();
  const members = providers.filter((provider) => provider.family === lower);
  const meant = members.length > 0 ? members : providers.filter((provider) => provider.name === lower);
  return [...meant].sort(byPriority).map((provider) => provider.name);
}

/** All names, by priority and then by name. */
export const inPriorityOrder = (providers: readonly Member[]): readonly string[] =>
  [...providers].sort(byPriority).map((provider) => provider.name);

/**
 * `<FAMILY>_DEFAULT_MODEL`: it holds for the members that list the model. Where none does, the first member gets
 * it with a warning, since a model id of one account system means nothing to another.
 */
export function familyModels(
  from: { readonly blocks: readonly ProviderBlock[]; readonly models: readonly ModelSettings[] },
  env: EnvironmentReader,
  notes: LoadNotes,
): FamilyModels {
  const meant = new Map<string, Found<string>>();
  for (const family of new Set(from.blocks.flatMap((block) => block.family ?? []))) {
    const stated = env.text(...variablesFor('default_model', family));
    if (stated === null) continue;
    const members = providersMeantBy(family, from.blocks);
    const listing = members.filter((name) => lists(from.models, name, stated.value));
    const takers = listing.length > 0 ? listing : members.slice(0, 1);
    if (listing.length === 0) {
      notes.warn(
        `${stated.variable} names a model that no provider of the family "${family}" lists; ${takers.join()} gets it.`,
      );
    }
    for (const name of takers) meant.set(name, stated);
  }
  return (provider) => meant.get(provider) ?? null;
}

const lists = (models: readonly ModelSettings[], provider: string, word: string): boolean =>
  models.some((model) => model.provider === provider && (model.id === word || model.aliases.includes(word)));
