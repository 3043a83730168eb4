import { Capability } from '@longhaul/contract';
import { Listings, ModelListing } from '@longhaul/registry';
import { HealthView, viewHealth } from './health-view';
import { HealthWatch } from './health-watch';
import { ProviderOverview, ProviderView } from './overview-providers';
import { HintView, hintsFor } from './provider-hints';
import { LiveView, ProviderChecks } from './provider-checks';

export interface CapableModelView {
  readonly model: string;
  readonly status: ModelListing['status'];
  readonly capabilities: readonly Capability[];
  readonly context_window: number | null;
  readonly max_output_tokens: number | null;
  readonly available: boolean;
  /** Null = it was never called, or PostgreSQL is away. */
  readonly health: HealthView | null;
}

export interface CapabilitiesView {
  readonly object: 'provider.capabilities';
  readonly provider: ProviderView;
  readonly hints: readonly HintView[];
  readonly models: readonly CapableModelView[];
  /** Null unless it was asked for. */
  readonly live: LiveView | null;
}

export interface CapabilitiesParts {
  readonly listings: Listings;
  readonly overview: ProviderOverview;
  readonly watch: Pick<HealthWatch, 'of'>;
  readonly checks: ProviderChecks;
}

/** Everything about one provider in one answer. */
export class CapabilitiesOverview {
  constructor(private readonly parts: CapabilitiesParts) {}

  /** @throws GatewayError not_found, store_unavailable */
  async find(name: string, { live }: { readonly live: boolean }): Promise<CapabilitiesView> {
    const { overview, checks } = this.parts;
    const listing = this.parts.listings.provider(name);
    const { name: own } = listing.settings;
    const [provider, answer] = await Promise.all([
      overview.find(own),
      live ? checks.live(own) : Promise.resolve(null),
    ]);
    const codes = [
      ...provider.circuits.map(({ code }) => code),
      ...provider.last_errors.map(({ code }) => code),
      ...(answer?.error ? [answer.error.code] : []),
    ];
    return {
      object: 'provider.capabilities',
      provider,
      hints: hintsFor(listing, codes),
      models: this.modelsOf(own),
      live: answer,
    };
  }

  private modelsOf(provider: string): CapableModelView[] {
    const own = this.parts.listings.models().filter((model) => model.provider === provider);
    return own.map((model) => {
      const health = this.parts.watch.of(model.name);
      return {
        model: model.model,
        status: model.status,
        capabilities: model.capabilities,
        context_window: model.contextWindow,
        max_output_tokens: model.maxOutputTokens,
        available: model.unavailableBecause === null,
        health: health === null ? null : viewHealth(health),
      };
    });
  }
}
