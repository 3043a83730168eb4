import { createHash } from 'node:crypto';
import { Tier } from '@longhaul/contract';
import { BuiltConfig, LiveConfig } from '@longhaul/jobs';
import { Listings, ordersOf, RegistryState } from '@longhaul/registry';
import { PolicySettings, ProviderSettings } from '@longhaul/settings';
import { ModelView, viewModel } from '../registry/model-view';

export interface SnapshotProvider {
  readonly name: string;
  readonly family: string | null;
  readonly on: boolean;
  readonly key_present: boolean;
  readonly explicit_only: boolean;
  readonly base_url: string;
  readonly dialect: string;
  readonly max_in_flight: number;
  readonly accepts_unlisted_models: boolean;
  readonly default_model: string | null;
  readonly fallback_order: readonly string[];
  readonly counts: { readonly models: number; readonly aliases: number };
}

export interface SnapshotRestrictions {
  /** Null = all. */
  readonly allowed_providers: readonly string[] | null;
  readonly disabled_providers: readonly string[];
  /** By provider; one without a list may use all its models. */
  readonly allowed_models: Readonly<Record<string, readonly string[]>>;
  /** Null = no ceiling. */
  readonly max_cost_per_request_usd: number | null;
}

export interface SnapshotPreferences {
  /** By provider. */
  readonly models: Readonly<Record<string, readonly string[]>>;
  /** By type of job. */
  readonly providers: Readonly<Record<string, readonly string[]>>;
  readonly default_models: readonly string[];
  readonly free_models: readonly string[];
}

export interface SnapshotTiers {
  readonly targets: Readonly<Record<Tier, readonly string[]>>;
  readonly default: Tier;
  readonly fast_below: number;
  readonly balanced_below: number;
  readonly agent_weight: number;
  readonly step_weight: number;
}

/** All that a choice is made from. */
export interface RegistrySnapshot {
  readonly object: 'registry.snapshot';
  /** Unix seconds. */
  readonly generated_at: number;
  readonly version: number;
  readonly hash: string;
  /** Over the model rows alone. */
  readonly catalogue_version: string;
  readonly policy: string;
  readonly profile: string;
  readonly router_enabled: boolean;
  /** In the order in which they are asked. */
  readonly rules: readonly string[];
  readonly fallback_rules: readonly string[];
  /** The strongest first. */
  readonly ranking: readonly string[];
  readonly priority: readonly string[];
  readonly providers: readonly SnapshotProvider[];
  readonly models: readonly ModelView[];
  /** Alias to model. */
  readonly aliases: Readonly<Record<string, string>>;
  readonly restrictions: SnapshotRestrictions;
  readonly preferences: SnapshotPreferences;
  readonly tiers: SnapshotTiers;
  readonly counts: { readonly providers: number; readonly models: number; readonly aliases: number };
}

const HASH_CHARACTERS = 16;
const NANO_PER_USD = 1_000_000_000;

/** Makes snapshots of what is in force. */
export class RegistrySnapshots {
  constructor(
    private readonly live: Pick<LiveConfig, 'current'>,
    private readonly listings: Pick<Listings, 'models'>,
    private readonly nowMs: () => number,
  ) {}

  now(): RegistrySnapshot {
    const { version, state } = this.live.current;
    const models = this.listings.models().map(viewModel);
    const { policy } = state.settings;
    return {
      object: 'registry.snapshot',
      generated_at: Math.floor(this.nowMs() / 1000),
      version,
      hash: state.config.hash,
      catalogue_version: catalogueVersion(this.live.current),
      ...howItChooses(state),
      priority: state.catalogue.providers.map(({ name }) => name),
      providers: state.catalogue.providers.map((provider) => viewProvider(provider, models)),
      models,
      aliases: aliasesOf(models),
      restrictions: restrictionsOf(state),
      preferences: preferencesOf(state),
      tiers: tiersOf(policy),
      counts: {
        providers: state.catalogue.providers.length,
        models: models.length,
        aliases: sum(models.map(({ aliases }) => aliases.length)),
      },
    };
  }
}

function howItChooses({
  policy,
  settings,
}: RegistryState): Pick<
  RegistrySnapshot,
  'policy' | 'profile' | 'router_enabled' | 'rules' | 'fallback_rules' | 'ranking'
> {
  const { profile, order, routerEnabled } = settings.policy;
  return {
    policy: policy.name,
    profile,
    router_enabled: routerEnabled,
    rules: policy.rules.map(({ name }) => name),
    fallback_rules: policy.fallbackRules.map(({ name }) => name),
    ranking: order ?? ordersOf(profile).map(({ name }) => name),
  };
}

function viewProvider(provider: ProviderSettings, models: readonly ModelView[]): SnapshotProvider {
  const own = models.filter((model) => model.provider === provider.name);
  return {
    name: provider.name,
    family: provider.family,
    on: provider.maxInflight > 0,
    key_present: provider.key !== null,
    explicit_only: provider.explicitOnly,
    base_url: provider.baseUrl,
    dialect: provider.dialect,
    max_in_flight: provider.maxInflight,
    accepts_unlisted_models: provider.acceptUnlistedModels,
    default_model: provider.defaultModel,
    fallback_order: provider.fallbackOrder,
    counts: { models: own.length, aliases: sum(own.map(({ aliases }) => aliases.length)) },
  };
}

function restrictionsOf({ settings, catalogue }: RegistryState): SnapshotRestrictions {
  const { allowedProviders, disabledProviders, maxCostNanoUsd } = settings.policy;
  const cut = catalogue.providers.flatMap(({ name, allowedModels }) =>
    allowedModels === null ? [] : [[name, allowedModels] as const],
  );
  return {
    allowed_providers: allowedProviders,
    disabled_providers: disabledProviders,
    allowed_models: Object.fromEntries(cut),
    max_cost_per_request_usd: maxCostNanoUsd === null ? null : maxCostNanoUsd / NANO_PER_USD,
  };
}

function preferencesOf({ settings, catalogue }: RegistryState): SnapshotPreferences {
  const { preferredProviders, defaultModels, freeModels } = settings.policy;
  const preferring = catalogue.providers.filter(({ preferredModels }) => preferredModels.length > 0);
  return {
    models: Object.fromEntries(preferring.map(({ name, preferredModels }) => [name, preferredModels])),
    providers: preferredProviders,
    default_models: defaultModels,
    free_models: freeModels,
  };
}

const tiersOf = ({ tiers }: PolicySettings): SnapshotTiers => ({
  targets: tiers.targets,
  default: tiers.byDefault,
  fast_below: tiers.fastBelow,
  balanced_below: tiers.balancedBelow,
  agent_weight: tiers.agentWeight,
  step_weight: tiers.stepWeight,
});

const aliasesOf = (models: readonly ModelView[]): Record<string, string> =>
  Object.fromEntries(models.flatMap(({ id, aliases }) => aliases.map((alias) => [alias, id])));

const catalogueVersion = ({ state }: BuiltConfig): string =>
  createHash('sha256').update(JSON.stringify(state.settings.models)).digest('hex').slice(0, HASH_CHARACTERS);

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
