import { GatewayError } from '@longhaul/contract';
import { ModelSettings, ProviderSettings, Settings, hasLane } from '@longhaul/settings';
import { MOST_FAULTS_SHOWN, linkFaults, rowFaults, standIns } from './catalogue.faults';
import { CatalogueEntry, entryOf, fold, unlistedEntry } from './entry';
import { Known, compareNames } from './near-matches';

export type CatalogueSettings = Pick<Settings, 'providers' | 'models' | 'policy'>;

/** A listed model, and whether it was found by its id or by an alias. */
export interface Found {
  readonly entry: CatalogueEntry;
  readonly by: 'id' | 'alias';
}

/**
 * Every model that can be named, and every name for it. Built once from the settings; clashing names stop the
 * boot. `providers` stand in the policy's provider order, then by priority and name; `entries` by provider, rank
 * and id, an unlisted default model before its provider's rows.
 */
export class Catalogue {
  readonly providers: readonly ProviderSettings[];
  readonly entries: readonly CatalogueEntry[];
  /** The rows of the files; `entries` has unlisted default models besides. */
  readonly listed: readonly CatalogueEntry[];
  /** Models that a mistyped name is compared with. */
  readonly known: readonly Known[];
  /** Where a bare name that nobody knows would go. */
  readonly bareModelProvider: string;
  /** Sentences for the boot log: names of the configuration that a successor stands in for. */
  readonly warnings: readonly string[];
  private readonly byPrefix = new Map<string, ProviderSettings>();
  private readonly places = new Map<ProviderSettings, number>();
  private readonly byName = new Map<string, Found[]>();

  constructor(settings: CatalogueSettings) {
    refuseFaults(rowFaults(settings));
    this.bareModelProvider = settings.policy.bareModelProvider;
    this.providers = inProviderOrder(settings);
    for (const [place, provider] of this.providers.entries()) {
      this.places.set(provider, place);
      for (const prefix of [provider.name, ...provider.prefixes]) this.byPrefix.set(fold(prefix), provider);
    }
    this.listed = this.providers.flatMap((provider) => rowsOf(provider, settings.models));
    for (const entry of this.listed) this.index(entry);
    this.entries = this.providers.flatMap((provider) => this.inOrder(provider));
    this.known = this.entries.filter(({ model }) => model.status !== 'retired').map(spellingsOf);
    refuseFaults(linkFaults(this, settings.policy));
    this.warnings = standIns(this, settings.policy);
  }

  /** The provider with this name or prefix. */
  provider(nameOrPrefix: string): ProviderSettings | null {
    return this.byPrefix.get(fold(nameOrPrefix)) ?? null;
  }

  /** The providers that a word of the configuration means: a family's members, or the one of this name. */
  members(word: string): readonly ProviderSettings[] {
    const inFamily = this.providers.filter(({ family }) => family !== null && fold(family) === fold(word));
    if (inFamily.length > 0) return inFamily;
    const named = this.byPrefix.get(fold(word));
    return named === undefined ? [] : [named];
  }

  /** Place in the order of providers, from 0. */
  placeOf(provider: ProviderSettings): number {
    return this.places.get(provider) ?? this.places.size;
  }

  /** `<prefix>/<rest>` when the first segment is a provider's; the rest is never split again. */
  split(
    name: string,
  ): { readonly provider: ProviderSettings; readonly prefix: string; readonly rest: string } | null {
    const slash = name.indexOf('/');
    if (slash < 0) return null;
    const prefix = name.slice(0, slash);
    const provider = this.provider(prefix);
    return provider === null ? null : { provider, prefix, rest: name.slice(slash + 1) };
  }

  /** A listed model of one provider, by id or alias. */
  find(provider: ProviderSettings, idOrAlias: string): Found | null {
    const found = this.byName.get(fold(idOrAlias)) ?? [];
    return found.find(({ entry }) => entry.provider === provider) ?? null;
  }

  /** Listed models with this id or alias, the one to take first: able to run before explicit_only, keyless and retired. */
  named(idOrAlias: string): readonly Found[] {
    const found = [...(this.byName.get(fold(idOrAlias)) ?? [])];
    const burdens = ({ entry }: Found): number =>
      (entry.provider.explicitOnly ? 4 : 0) +
      (hasLane(entry.provider) ? 0 : 2) +
      (entry.model.status === 'retired' ? 1 : 0);
    return found.sort((left, right) => burdens(left) - burdens(right));
  }

  /** What stands in for a retired model: its successor, or that one's, or null. */
  successorOf(entry: CatalogueEntry): CatalogueEntry | null {
    const seen = new Set<CatalogueEntry>();
    let current: CatalogueEntry | null = entry;
    while (current !== null && current.model.status === 'retired') {
      if (seen.has(current)) return null;
      seen.add(current);
      current = this.namedSuccessor(current);
    }
    return current;
  }

  /** The very model that a row names as its successor, whatever its status. */
  namedSuccessor({ provider, model }: CatalogueEntry): CatalogueEntry | null {
    return model.successor === null ? null : this.lookUp(provider, model.successor);
  }

  /**
   * A model string of the configuration, read from inside `provider`. A retired one gives its successor: the
   * operator's list must not fail jobs when a vendor retires an id. One that nobody lists is the provider's own,
   * where it takes such ids.
   */
  configured(provider: ProviderSettings, name: string): CatalogueEntry | null {
    const entry = this.lookUp(provider, name);
    if (entry !== null) return this.successorOf(entry);
    return provider.acceptUnlistedModels && name.trim() !== '' ? unlistedEntry(provider, name.trim()) : null;
  }

  /** The same from outside any provider; the word of a family means the member that has the model. */
  configuredAnywhere(name: string): CatalogueEntry | null {
    const entry = this.lookUpAnywhere(name);
    return entry === null ? null : this.successorOf(entry);
  }

  /** The provider's default model, or null when it has none of its own. */
  defaultOf(provider: ProviderSettings): CatalogueEntry | null {
    if (provider.defaultModel === null) return null;
    const entry = this.configured(provider, provider.defaultModel);
    // One variable sets the default of a whole family; it is the default of that member which lists it.
    return entry?.provider === provider ? entry : null;
  }

  /** A model string of the configuration as it is written, retired or not. */
  lookUp(provider: ProviderSettings, name: string): CatalogueEntry | null {
    return this.find(provider, name)?.entry ?? this.lookUpAnywhere(name);
  }

  lookUpAnywhere(name: string): CatalogueEntry | null {
    const parts = this.split(name);
    if (parts === null) return this.named(name)[0]?.entry ?? null;
    const members = new Set([...this.members(parts.prefix), parts.provider]);
    for (const member of members) {
      const found = this.find(member, parts.rest);
      if (found !== null) return found.entry;
    }
    return parts.provider.acceptUnlistedModels && parts.rest !== ''
      ? unlistedEntry(parts.provider, parts.rest)
      : null;
  }

  /** The same model at other providers: what shares its `group`. */
  equals(entry: CatalogueEntry): readonly CatalogueEntry[] {
    const { group } = entry.model;
    if (group === null) return [];
    return this.listed.filter((other) => other.model.group === group && other.name !== entry.name);
  }

  private index(entry: CatalogueEntry): void {
    const add = (name: string, by: Found['by']): void => {
      const found = this.byName.get(fold(name)) ?? [];
      this.byName.set(fold(name), [...found, { entry, by }]);
    };
    add(entry.model.id, 'id');
    for (const alias of entry.model.aliases) add(alias, 'alias');
  }

  private inOrder(provider: ProviderSettings): CatalogueEntry[] {
    const rows = this.listed.filter((entry) => entry.provider === provider);
    const first = this.defaultOf(provider);
    return first === null || first.listed ? rows : [first, ...rows];
  }
}

function refuseFaults(all: readonly string[]): void {
  if (all.length === 0) return;
  const more = all.length - MOST_FAULTS_SHOWN;
  const faults = [...all.slice(0, MOST_FAULTS_SHOWN), ...(more > 0 ? [`… and ${String(more)} more.`] : [])];
  const lines = faults.map((fault) => `- ${fault}`).join('\n');
  throw new GatewayError('config_rejected', `The catalogue cannot be used:\n${lines}`, { extra: { faults } });
}

function inProviderOrder({ providers, policy }: CatalogueSettings): ProviderSettings[] {
  const order = policy.providerOrder.map(fold);
  const place = ({ name }: ProviderSettings): number => {
    const index = order.indexOf(fold(name));
    return index < 0 ? order.length : index;
  };
  return [...providers].sort(
    (left, right) =>
      place(left) - place(right) || left.priority - right.priority || compareNames(left.name, right.name),
  );
}

function rowsOf(provider: ProviderSettings, models: readonly ModelSettings[]): CatalogueEntry[] {
  return models
    .filter((model) => fold(model.provider) === fold(provider.name))
    .sort((left, right) => left.rank - right.rank || compareNames(left.id, right.id))
    .map((model) => entryOf(provider, model));
}

function spellingsOf(entry: CatalogueEntry): Known {
  const { id, aliases } = entry.model;
  const name = entry.name;
  // `openai/gpt-oss-120b` of a reseller is also looked for by its last part.
  return { name, spellings: [...new Set([id, name, id.slice(id.lastIndexOf('/') + 1), ...aliases])] };
}
