import { PolicySettings, ProviderSettings } from '@longhaul/settings';
import type { Catalogue, CatalogueSettings } from './catalogue';
import { CatalogueEntry, fold } from './entry';
import { ListPlace, NamedList, namedLists } from './lists';
import { nearMatches } from './near-matches';
import { ORDERS } from './orders';

/** More than a person mends before trying again. */
export const MOST_FAULTS_SHOWN = 20;

/** What is wrong with the rows taken by themselves: each fault names its rows and the fix. */
export function rowFaults(settings: CatalogueSettings): string[] {
  return [...prefixFaults(settings), ...idFaults(settings), ...aliasFaults(settings)];
}

function prefixFaults({ providers }: CatalogueSettings): string[] {
  const owners = new Map<string, string>();
  return providers.flatMap((provider) => {
    const prefixes = new Set([provider.name, ...provider.prefixes].map(fold));
    return [...prefixes].flatMap((prefix) => {
      const owner = owners.get(prefix);
      owners.set(prefix, provider.name);
      if (owner === undefined) return [];
      return [
        `Providers ${owner} and ${provider.name} both claim the prefix "${prefix}/"; rename one of them.`,
      ];
    });
  });
}

function idFaults({ providers, models }: CatalogueSettings): string[] {
  const names = new Set(providers.map(({ name }) => fold(name)));
  const seen = new Set<string>();
  return models.flatMap((model) => {
    const name = `${model.provider}/${model.id}`;
    const faults: string[] = [];
    if (!names.has(fold(model.provider))) {
      faults.push(
        `Model ${name} belongs to an unknown provider; add a [[provider]] block or remove the row.`,
      );
    }
    if (seen.has(fold(name))) faults.push(`Model ${name} has two rows; remove one of them.`);
    seen.add(fold(name));
    return faults;
  });
}

const isReserved = (alias: string): boolean => alias === 'auto' || alias.startsWith('tier:');

function aliasFaults({ providers, models }: CatalogueSettings): string[] {
  const prefixes = new Set(providers.flatMap((provider) => [provider.name, ...provider.prefixes].map(fold)));
  const owners = new Map<string, string>(
    models.map((model) => [fold(model.id), `${model.provider}/${model.id}`]),
  );
  return models.flatMap((model) =>
    model.aliases.flatMap((alias) => {
      const name = `${model.provider}/${model.id}`;
      const key = fold(alias);
      const owner = owners.get(key);
      owners.set(key, name);
      const [segment = '', ...rest] = key.split('/');
      if (isReserved(key)) return [`Alias "${alias}" of ${name} is a reserved word; choose another.`];
      if (rest.length > 0 && prefixes.has(segment)) {
        return [
          `Alias "${alias}" of ${name} begins with the prefix of a provider, so it could never be reached.`,
        ];
      }
      if (owner === undefined) return [];
      return [`Alias "${alias}" is claimed by ${owner} and by ${name}; an alias belongs to one model.`];
    }),
  );
}

/** What is wrong with names that point at other rows. */
export function linkFaults(catalogue: Catalogue, policy: PolicySettings): string[] {
  return [
    ...catalogue.listed.flatMap((entry) => successorFault(catalogue, entry)),
    ...catalogue.providers.flatMap((provider) => defaultFault(catalogue, provider)),
    ...allListFaults(catalogue, policy),
    ...orderFaults(policy),
  ];
}

function successorFault(catalogue: Catalogue, entry: CatalogueEntry): string[] {
  const { successor, status } = entry.model;
  if (successor === null) return [];
  if (catalogue.namedSuccessor(entry) === null) {
    return [`Successor "${successor}" of ${entry.name} is not in the catalogue; correct it or add its row.`];
  }
  if (status !== 'retired' || catalogue.successorOf(entry) !== null) return [];
  return [`The successors of ${entry.name} lead to no model that is still served; let one of them name one.`];
}

function defaultFault(catalogue: Catalogue, provider: ProviderSettings): string[] {
  const { name, defaultModel, family } = provider;
  if (defaultModel === null || provider.acceptUnlistedModels) return [];
  const owner = catalogue.configured(provider, defaultModel)?.provider;
  if (owner === provider || (owner !== undefined && owner.family !== null && owner.family === family))
    return [];
  return [
    `default_model "${defaultModel}" of provider ${name} is none of its models; correct it or add its row.`,
  ];
}

function allListFaults(catalogue: Catalogue, policy: PolicySettings): string[] {
  const faults: string[] = [];
  for (const list of namedLists(catalogue.providers, policy)) {
    faults.push(...listFaults(catalogue, list, MOST_FAULTS_SHOWN - faults.length));
  }
  return faults;
}

/** @param room how many more will be shown */
function listFaults(catalogue: Catalogue, { variable, provider, names }: NamedList, room: number): string[] {
  let left = room;
  const seen = new Set<string>();
  return names.flatMap((name) => {
    const isTwice = seen.has(fold(name));
    seen.add(fold(name));
    if (isTwice) return [`"${name}" stands twice in ${variable}; remove one of the two.`];
    if (isKnown(catalogue, { variable, provider, name })) return [];
    left--;
    return [unknownInList(catalogue, { variable, provider, name }, left >= 0)];
  });
}

function unknownInList(
  catalogue: Catalogue,
  { variable, provider, name }: NamedInList,
  isShown: boolean,
): string {
  const elsewhere = provider === null ? null : catalogue.lookUpAnywhere(name);
  if (elsewhere !== null) {
    return `"${name}" in ${variable} is a model of provider ${elsewhere.provider.name}; name models of ${provider?.name ?? ''} alone.`;
  }
  // To find what is near takes a millisecond, and a refused list may have hundreds of words.
  const near = isShown ? nearMatches(name, catalogue.known) : [];
  const meant = near.length === 0 ? '' : ` (near: ${near.join(', ')})`;
  return `"${name}" in ${variable} is not in the catalogue${meant}; correct or remove it.`;
}

interface NamedInList extends ListPlace {
  readonly name: string;
}

function isKnown(catalogue: Catalogue, { variable, provider, name }: NamedInList): boolean {
  if (provider === null) {
    const isTier = variable.startsWith('TIER_') && catalogue.members(name).length > 0;
    return isTier || catalogue.configuredAnywhere(name) !== null;
  }
  const entry = catalogue.configured(provider, name);
  if (variable.endsWith('_FALLBACK_ORDER')) return provider.acceptUnlistedModels || entry !== null;
  return isOwn(catalogue, provider, name);
}

/** A list of a provider's own models; a row of it that is retired may have its successor elsewhere. */
function isOwn(catalogue: Catalogue, provider: ProviderSettings, name: string): boolean {
  const written = catalogue.lookUp(provider, name);
  return written === null ? provider.acceptUnlistedModels : written.provider === provider;
}

function orderFaults({ order }: PolicySettings): string[] {
  const known = ORDERS.map(({ name }) => name);
  return (order ?? []).flatMap((name, index, all) => {
    if (all.indexOf(name) < index) return [`"${name}" stands twice in ROUTING_ORDER; remove one of the two.`];
    if (known.includes(name)) return [];
    return [`ROUTING_ORDER names "${name}", which is no ranking step; there are ${known.join(', ')}.`];
  });
}

/** Configured names of retired models: they work, and the operator should know which model stands in. */
export function standIns(catalogue: Catalogue, policy: PolicySettings): string[] {
  const defaults = catalogue.providers.map((provider) => ({
    variable: `${provider.name.toUpperCase()}_DEFAULT_MODEL`,
    provider,
    names: provider.defaultModel === null ? [] : [provider.defaultModel],
  }));
  return [...defaults, ...namedLists(catalogue.providers, policy)].flatMap(({ variable, provider, names }) =>
    [...new Set(names)].flatMap((name) => {
      const written = provider === null ? catalogue.lookUpAnywhere(name) : catalogue.lookUp(provider, name);
      const successor = written === null ? null : catalogue.successorOf(written);
      if (written?.model.status !== 'retired' || successor === null) return [];
      return [`"${name}" in ${variable} is retired; ${successor.name} stands in for it.`];
    }),
  );
}
