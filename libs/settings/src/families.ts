import { Found } from './environment-reader';
import { LoadNotes } from './load-notes';
import { nearest } from './nearest';
import { ProviderBlock } from './provider-blocks';
import { FamilyKey } from './provider-options';
import { ModelSettings } from './settings';
import { fromFound, refuse } from './valued';

export type Member = Pick<ProviderBlock, 'name' | 'family' | 'priority'>;

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
 * Deals out what is said to a family: each member gets what it lists itself, retired rows included, since a model
 * id of one account system means nothing to another.
 */
export class FamilyShares {
  constructor(
    private readonly blocks: readonly ProviderBlock[],
    private readonly models: readonly ModelSettings[],
    private readonly notes: LoadNotes,
  ) {}

  /** The words of a family's list that are this member's. */
  list(key: FamilyKey, found: Found<readonly string[]>, member: ProviderBlock): readonly string[] {
    return found.value.filter((word) => this.takers(key, { ...found, value: word }, member).includes(member));
  }

  /** Whether a family's one model is this member's. */
  isFor(key: FamilyKey, found: Found<string>, member: ProviderBlock): boolean {
    return this.takers(key, found, member).includes(member);
  }

  private takers(key: FamilyKey, found: Found<string>, { family }: ProviderBlock): readonly ProviderBlock[] {
    const members = this.blocks.filter((block) => block.family === family);
    // With a prefix a fallback is the same target wherever it is named.
    const listing = members.filter((block) => this.lists(block, found.value, key !== 'fallback_order'));
    if (listing.length > 0) return listing;
    // Another provider's model, or none: whoever reads the chain of each member judges it.
    if (key === 'fallback_order') return members;
    if (key === 'default_model') return this.firstOf(members, found);
    const open = members.filter((block) => block.acceptUnlistedModels);
    return open.length > 0 ? open : this.refuseUnlisted(found, members);
  }

  private firstOf(members: readonly ProviderBlock[], found: Found<string>): readonly ProviderBlock[] {
    const [first] = [...members].sort(byPriority);
    if (first === undefined) return [];
    this.notes.warn(
      `${found.variable} names a model that no provider of the family "${first.family ?? ''}" lists; ${first.name} gets it.`,
    );
    return [first];
  }

  private refuseUnlisted(found: Found<string>, members: readonly ProviderBlock[]): never {
    const names = members.map(({ name }) => name);
    const ids = this.models
      .filter(({ provider }) => names.includes(provider))
      .flatMap(({ id, aliases }) => [id, ...aliases]);
    const near = nearest(found.value, ids);
    return refuse(
      fromFound(found),
      `names "${found.value}", which none of ${names.join(', ')} lists`,
      near === null ? 'Correct it, or add its row to models.toml' : `Did you mean "${near}"?`,
    );
  }

  private lists(block: ProviderBlock, word: string, mayHavePrefix: boolean): boolean {
    const lower = word.toLowerCase();
    const prefix = mayHavePrefix ? block.prefixes.find((each) => lower.startsWith(`${each}/`)) : undefined;
    const name = prefix === undefined ? lower : lower.slice(prefix.length + 1);
    return this.models.some(
      ({ provider, id, aliases }) =>
        provider === block.name && [id, ...aliases].some((each) => each.toLowerCase() === name),
    );
  }
}
