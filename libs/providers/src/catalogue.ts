import { GatewayError } from '@longhaul/contract';
import { hasLane, ProviderSettings, Settings } from '@longhaul/settings';
import { requireKey } from './credentials';
import { dialectOf, DIALECTS } from './dialects';
import { HttpClient } from './http';
import { Provider } from './provider';

interface Entry {
  readonly settings: ProviderSettings;
  readonly provider: Provider;
}

/** Every configured provider, ready to call. */
export class ProviderCatalogue {
  private readonly entries: ReadonlyMap<string, Entry>;

  /** @throws SettingsError for a dialect that nobody speaks: the boot must not go on. */
  constructor(settings: Pick<Settings, 'providers'>, http: HttpClient, dialects = DIALECTS) {
    this.entries = new Map(
      settings.providers.map((provider) => [
        provider.name,
        { settings: provider, provider: dialectOf(provider, dialects).create(provider, http) },
      ]),
    );
  }

  get names(): readonly string[] {
    return [...this.entries.keys()];
  }

  /** @throws GatewayError provider_not_configured when it is unknown, or its key is missing or cannot be sent */
  get(name: string): Provider {
    const entry = this.entries.get(name);
    if (entry === undefined) {
      throw new GatewayError(
        'provider_not_configured',
        `There is no provider ${name}; known are ${this.names.join(', ')}. Add a [[provider]] block to providers.toml.`,
        { phase: 'before_send', shouldRetry: false },
      );
    }
    if (entry.settings.auth !== 'none') requireKey(entry.settings);
    return entry.provider;
  }

  /** True for a provider that can be called. */
  has(name: string): boolean {
    const entry = this.entries.get(name);
    return entry !== undefined && hasLane(entry.settings);
  }
}
