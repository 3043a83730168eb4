import { ModelResidence } from '@longhaul/providers';
import { Listings } from '@longhaul/registry';
import { ProviderSettings } from '@longhaul/settings';

/** What became of a model on a server that loads models when it is told. */
export interface LoadedView {
  readonly object: 'provider.model';
  readonly provider: string;
  /** The provider's own id. */
  readonly model: string;
  readonly loaded: boolean;
}

export interface ModelLoadingParts {
  readonly listings: Pick<Listings, 'provider'>;
  readonly residence: Pick<ModelResidence, 'load' | 'unload'>;
}

/** Brings a model into memory before it is needed, and takes it out again. No call is made, and none is booked. */
export class ModelLoading {
  constructor(private readonly parts: ModelLoadingParts) {}

  /** @throws GatewayError not_found */
  provider(name: string): ProviderSettings {
    return this.parts.listings.provider(name).settings;
  }

  /** Resolves when it is there, at most after the provider's clocks. @throws GatewayError invalid_request, or as a call would */
  async load(provider: ProviderSettings, model: string): Promise<LoadedView> {
    await this.parts.residence.load(provider, model, new AbortController().signal);
    return { object: 'provider.model', provider: provider.name, model, loaded: true };
  }

  /** Throws as `load` does. */
  async unload(provider: ProviderSettings, model: string): Promise<LoadedView> {
    await this.parts.residence.unload(provider, model, new AbortController().signal);
    return { object: 'provider.model', provider: provider.name, model, loaded: false };
  }
}
