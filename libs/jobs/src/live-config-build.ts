import { GatewayError, HealthPort } from '@longhaul/contract';
import { buildState, Policy, RegistryState } from '@longhaul/registry';
import { Overrides, ProviderSettings, Settings, SettingsError, SettingsLoader } from '@longhaul/settings';

/** A configuration that has passed every check. */
export interface BuiltConfig {
  readonly version: number;
  readonly overrides: Overrides;
  /** As files, environment and overrides say now. */
  readonly settings: Settings;
  /** What choices are made from: the same, but with the connections of the boot. */
  readonly state: RegistryState;
}

export interface BuildParts {
  readonly load: SettingsLoader;
  /** Without overrides: what this process has opened its lanes and connections with. */
  readonly boot: Settings;
  readonly policy: Policy;
  readonly health: HealthPort;
}

/** Makes a whole configuration of a set of overrides, or none. */
export class ConfigBuilder {
  constructor(private readonly parts: BuildParts) {}

  /** Reads the files anew. @throws GatewayError config_rejected whose `faults` name place and fix */
  build(overrides: Overrides, version: number): BuiltConfig {
    const { load, boot, policy, health } = this.parts;
    try {
      const settings = load(overrides);
      const state = buildState(withConnectionsOf(boot, settings), { policy, health, version });
      return { version, overrides, settings, state };
    } catch (thrown) {
      throw rejected(thrown);
    }
  }
}

function rejected(thrown: unknown): unknown {
  if (thrown instanceof SettingsError) {
    return new GatewayError('config_rejected', thrown.message, { extra: { faults: [thrown.message] } });
  }
  return thrown;
}

/**
 * Lanes, keys and connections stand from the boot to the end of a process. A provider that the files have gained since
 * is known, so that lists may name it, but off, since no worker has its lane; one that they have lost is chosen no more.
 * What a decision says of retries and calls is what the running parts go by.
 */
function withConnectionsOf(boot: Settings, now: Settings): Settings {
  const providers = now.providers.map((provider) => {
    const opened = boot.providers.find(({ name }) => name === provider.name);
    return opened === undefined ? { ...provider, maxInflight: 0 } : connectedAs(opened, provider, now);
  });
  const { retryAttempts, maxCallsPerJob } = boot.limits;
  return { ...now, providers, limits: { ...now.limits, retryAttempts, maxCallsPerJob } };
}

function connectedAs(
  opened: ProviderSettings,
  provider: ProviderSettings,
  { origins }: Settings,
): ProviderSettings {
  const { dialect, baseUrl, auth, key, keySource, keyVariables, maxInflight } = opened;
  const { retryAttempts, retryBackoffMs } = opened;
  const isCapOverridden = origins[capVariable(opened.name)] === 'override';
  return {
    ...provider,
    ...{ dialect, baseUrl, auth, key, keySource, keyVariables, retryAttempts, retryBackoffMs },
    maxInflight: isCapOverridden ? provider.maxInflight : maxInflight,
  };
}

export const capVariable = (provider: string): string => `MAX_INFLIGHT_${provider.toUpperCase()}`;
