import { GatewayError, Need, Price, TIERS, Tier } from '@longhaul/contract';
import { ModelSettings, ProviderSettings } from '@longhaul/settings';
import { Catalogue } from './catalogue';
import { CatalogueEntry, unlistedEntry } from './entry';
import { nearMatches } from './near-matches';
import { ask } from './ask';
import type { Registry } from './registry';
import { quote } from './unknown-model';

/** A catalogue row as lists show it. */
export interface ModelListing {
  /** `<provider>/<model>`: the string that names it. */
  readonly name: string;
  readonly provider: string;
  readonly model: string;
  readonly aliases: readonly string[];
  readonly status: ModelSettings['status'];
  readonly successor: string | null;
  readonly contextWindow: number | null;
  readonly maxOutputTokens: number | null;
  readonly minOutputTokens: number | null;
  readonly capabilities: ModelSettings['capabilities'];
  readonly toolChoices: ModelSettings['toolChoices'];
  readonly temperature: ModelSettings['temperature'];
  readonly price: Price | null;
  readonly free: boolean;
  readonly tags: readonly string[];
  readonly group: string | null;
  /** The tiers whose targets it is among. */
  readonly tiers: readonly Tier[];
  /** The day on which it ends or ended, where it is known. */
  readonly retiresAt: string | null;
  /** What a caller who names it should change before long, or has to change. */
  readonly warning: string | null;
  readonly explicitOnly: boolean;
  /** Why no job can name it, in sentences; null when one can. */
  readonly unavailableBecause: string | null;
}

export interface ProviderListing {
  readonly settings: ProviderSettings;
  /** Why no job can name any of its models; null when one can. */
  readonly unavailableBecause: string | null;
}

/** Asks nothing of a model, so that only what holds for every job speaks against it. */
const SMALLEST_NEED: Need = { type: 'chat', inputTokens: 0, outputTokens: 0, capabilities: [] };

/** What can be named, and whether a job that names it would be taken. Asks the policy's own rules, and no database. */
export class Listings {
  constructor(private readonly registry: Registry) {}

  /** Every listed model, in the order in which `auto` looks at them. */
  models(): ModelListing[] {
    const { entries } = this.catalogue;
    return entries.filter(({ listed }) => listed).map((entry) => this.modelOf(entry));
  }

  /** A listed model by any string that a job may name it with. @throws GatewayError not_found, with near matches */
  model(name: string): ModelListing {
    const { catalogue } = this;
    const asked = name.trim();
    const parts = catalogue.split(asked);
    const found = parts === null ? catalogue.named(asked)[0] : catalogue.find(parts.provider, parts.rest);
    if (found) return this.modelOf(found.entry);
    const near = nearMatches(parts?.rest || asked, catalogue.known);
    throw unlisted(`There is no model ${quote(asked)} in the catalogue.`, near, hintOf(parts));
  }

  /** Every provider, in the order in which `auto` looks at them. */
  providers(): ProviderListing[] {
    return this.catalogue.providers.map((provider) => this.providerOf(provider));
  }

  /** A provider by its name or prefix. @throws GatewayError not_found, with near matches */
  provider(nameOrPrefix: string): ProviderListing {
    const { catalogue } = this;
    const provider = catalogue.provider(nameOrPrefix);
    if (provider !== null) return this.providerOf(provider);
    const known = catalogue.providers.map(({ name, prefixes }) => ({ name, spellings: [name, ...prefixes] }));
    throw unlisted(`There is no provider ${quote(nameOrPrefix)}.`, nearMatches(nameOrPrefix, known));
  }

  private get catalogue(): Catalogue {
    return this.registry.state.catalogue;
  }

  private modelOf(entry: CatalogueEntry): ModelListing {
    const { provider, model } = entry;
    const { aliases, status, successor, contextWindow, maxOutputTokens, minOutputTokens, capabilities } =
      model;
    const { toolChoices, temperature, price, tags, group, retiresAt } = model;
    const { lists } = this.registry.state;
    return {
      name: entry.name,
      provider: provider.name,
      model: model.id,
      ...{ aliases, status, successor, contextWindow, maxOutputTokens, minOutputTokens, capabilities },
      ...{ toolChoices, temperature, price, tags, group, retiresAt },
      free: lists.isFree(entry),
      tiers: TIERS.filter((tier) => lists.tier(tier).some(({ name }) => name === entry.name)),
      warning: this.warning(entry),
      explicitOnly: provider.explicitOnly,
      unavailableBecause: this.refusal(entry),
    };
  }

  private warning(entry: CatalogueEntry): string | null {
    const { rules } = this.registry.state.policy;
    const warnings = rules.map((rule) => rule.warn?.(entry) ?? null).filter((each) => each !== null);
    if (entry.model.status !== 'retired') return warnings.length === 0 ? null : warnings.join(' ');
    const successor = this.catalogue.successorOf(entry);
    return successor === null
      ? `${entry.name} is retired and has no successor.`
      : `${entry.name} is retired; name ${successor.name}, or send routing.allow_substitution.`;
  }

  /** Judged by a model of which nothing is known: what is left to refuse is the provider. */
  private providerOf(provider: ProviderSettings): ProviderListing {
    return { settings: provider, unavailableBecause: this.refusal(unlistedEntry(provider, '')) };
  }

  private refusal(entry: CatalogueEntry): string | null {
    const { state } = this.registry;
    const { policy } = state;
    const question = ask(state, SMALLEST_NEED, { request: {}, assumed: {} });
    const context = { ...question, chosenBy: 'caller' } as const;
    const reasons = policy.rules
      .map((rule) => rule.refuse(entry, SMALLEST_NEED, context))
      .filter((reason) => reason !== null);
    return reasons.length === 0 ? null : reasons.join(' ');
  }
}

function hintOf(parts: ReturnType<Catalogue['split']>): string {
  if (parts === null || !parts.provider.acceptUnlistedModels || parts.rest === '') return '';
  return ` Provider ${parts.provider.name} takes ids that are not listed, so a job may name it all the same.`;
}

function unlisted(sentence: string, near: readonly string[], hint = ''): GatewayError {
  const nearest = near.length === 0 ? '' : ` Nearest: ${near.join(', ')}.`;
  return new GatewayError('not_found', `${sentence}${nearest}${hint}`, {
    shouldRetry: false,
    extra: { near_matches: near },
  });
}
