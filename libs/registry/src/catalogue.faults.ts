import { ProviderSettings } from '@longhaul/settings';
import type { Catalogue, CatalogueSettings } from './catalogue';
import { CatalogueEntry, entryName, fold } from './entry';

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
export function linkFaults(catalogue: Catalogue): string[] {
  return [
    ...catalogue.listed.flatMap((entry) => successorFault(catalogue, entry)),
    ...catalogue.providers.flatMap((provider) => [
      ...defaultFault(catalogue, provider),
      ...fallbackFaults(catalogue, provider),
    ]),
  ];
}

function successorFault(catalogue: Catalogue, entry: CatalogueEntry): string[] {
  const { successor, status } = entry.model;
  if (successor === null) return [];
  if (catalogue.namedSuccessor(entry) === null) {
    return [
      `Successor "${successor}" of ${entryName(entry)} is not in the catalogue; correct it or add its row.`,
    ];
  }
  if (status !== 'retired' || catalogue.successorOf(entry) !== null) return [];
  return [
    `The successors of ${entryName(entry)} lead to no model that is still served; let one of them name one.`,
  ];
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

function fallbackFaults(catalogue: Catalogue, provider: ProviderSettings): string[] {
  const unknown = provider.fallbackOrder.filter((model) => catalogue.configured(provider, model) === null);
  return unknown.map(
    (model) =>
      `"${model}" in the fallback order of provider ${provider.name} is not in the catalogue; correct or remove it.`,
  );
}

/** Configured names of retired models: they work, and the operator should know which model stands in. */
export function standIns(catalogue: Catalogue): string[] {
  return catalogue.providers.flatMap((provider) => {
    const names = [
      ...(provider.defaultModel === null ? [] : [provider.defaultModel]),
      ...provider.fallbackOrder,
    ];
    return [...new Set(names)].flatMap((name) => {
      const successor = catalogue.configured(provider, name);
      if (successor === null || catalogue.lookUp(provider, name)?.model.status !== 'retired') return [];
      return [
        `"${name}", configured for provider ${provider.name}, is retired; ${entryName(successor)} stands in for it.`,
      ];
    });
  });
}
