import { ArmedCrash, FactorWeights, ModelTraits, Price, Profile, Tier } from '@longhaul/contract';
import type { EffectiveSetting } from './effective';
import type { Overrides } from './overrides';
import { Secret } from './secret';

/** How a key travels. `none` = keyless. */
export const AUTH_KINDS = ['none', 'bearer', 'x_api_key', 'x_goog_api_key', 'api_key_query'] as const;
export type AuthKind = (typeof AUTH_KINDS)[number];

/** What a key may use of its provider, over all processes; null = no limit. */
export interface RateLimits {
  readonly requestsPerMinute: number | null;
  readonly tokensPerMinute: number | null;
  readonly tokensPerDay: number | null;
}

/** One `[[provider]]` block after environment and defaults have been laid over it. */
export interface ProviderSettings {
  readonly name: string;
  readonly dialect: string;
  readonly baseUrl: string;
  readonly auth: AuthKind;
  /** The variables that may hold the key, in order; the first is named in errors. */
  readonly keyVariables: readonly string[];
  /** Null when no key was found, or only a placeholder. */
  readonly key: Secret | null;
  /** Where the key came from: a variable's name or a file's path, never the value. */
  readonly keySource: string | null;
  /** The operator's own, sent with every call; names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly defaultModel: string | null;
  /** Model strings may start with any of these plus `/`; the name itself is always one. */
  readonly prefixes: readonly string[];
  readonly family: string | null;
  readonly connectMs: number;
  readonly firstTokenMs: number;
  readonly idleMs: number;
  readonly totalMs: number;
  /** Repeats on one of its targets. */
  readonly retryAttempts: number;
  readonly retryBackoffMs: number;
  /** In-flight cap over all processes; 0 = provider off. */
  readonly maxInflight: number;
  readonly limits: RateLimits;
  readonly explicitOnly: boolean;
  readonly acceptUnlistedModels: boolean;
  /** The vendor's own service, which loads its models by itself, with their full windows. */
  readonly hosted: boolean;
  /** In seconds: how long a model stays loaded after a call; -1 = for ever, null = as the upstream has it. */
  readonly keepAliveS: number | null;
  /** Place in the default order, lower first. */
  readonly priority: number;
  /** `<NAME>_FALLBACK_ORDER`: model strings tried after a target of this provider. */
  readonly fallbackOrder: readonly string[];
  /** `<NAME>_ALLOWED_MODELS`: ids or aliases; null = all. */
  readonly allowedModels: readonly string[] | null;
  /** `<NAME>_PREFERRED_MODELS`: which of its models to look at first, best first. */
  readonly preferredModels: readonly string[];
  /** `<NAME>_SPEED_MODEL`: what `tier:fast` means inside this provider. */
  readonly speedModel: string | null;
  /** `<NAME>_QUALITY_MODEL`: what `tier:powerful` means inside this provider. */
  readonly qualityModel: string | null;
  /** `<NAME>_ALLOW_EXPENSIVE_THINKING_FALLBACK`; null = as the policy says. */
  readonly allowExpensiveFallback: boolean | null;
  readonly description: string;
}

/** One `[[model]]` row of config/models.toml. */
export interface ModelSettings extends ModelTraits {
  readonly id: string;
  readonly provider: string;
  readonly aliases: readonly string[];
  readonly status: 'active' | 'deprecated' | 'retired';
  /** The day on which the vendor ends or ended it, where it is known. */
  readonly retiresAt: string | null;
  readonly successor: string | null;
  readonly minOutputTokens: number | null;
  /** Place among the models of its provider, lower first; ties go to the id. */
  readonly rank: number;
  /** The row in force when the settings were loaded; null = unpriced. */
  readonly price: Price | null;
  /** Every price row, by rising `effectiveFrom`. */
  readonly prices: readonly Price[];
  /** Costs nothing per call. */
  readonly free: boolean;
  /** `reasoning` and `expensive` keep a model out of fallbacks that policy builds. */
  readonly tags: readonly string[];
  /** Models of several providers that are one and the same share this word. */
  readonly group: string | null;
}

/** Where tiers begin and what goes into a score. */
export interface TierSettings {
  /** Model strings, providers or words of a family, best first. */
  readonly targets: Readonly<Record<Tier, readonly string[]>>;
  /** Where a job goes that says nothing of itself. */
  readonly byDefault: Tier;
  /** Scores below it are `fast`. */
  readonly fastBelow: number;
  /** Scores below it, and not fast, are `balanced`; the rest is `powerful`. */
  readonly balancedBelow: number;
  /** Shares of the score; they sum to 1. */
  readonly agentWeight: number;
  readonly stepWeight: number;
  /** By intent; `default` is always there. Each sums to 1. */
  readonly intentWeights: Readonly<Record<string, FactorWeights>>;
}

/** When the success of a target's calls speaks against it. */
export interface HealthSettings {
  readonly minSamples: number;
  /** A share; 0 = never. */
  readonly minSuccess: number;
  /** A failure counts half as much after it. */
  readonly halfLifeMs: number;
}

/** config/policy.toml under its environment. */
export interface PolicySettings {
  /** Null = all. */
  readonly allowedProviders: readonly string[] | null;
  readonly disabledProviders: readonly string[];
  /** Providers in the order in which `auto` looks at them; the rest follow by `priority`, then name. */
  readonly providerOrder: readonly string[];
  /** Where a bare, unknown model name goes. */
  readonly bareModelProvider: string;
  /** False = only models that a caller names. */
  readonly routerEnabled: boolean;
  /** Whether a ping may run a chat that is paid for. */
  readonly preflightChat: boolean;
  readonly profile: Profile;
  /** The ranking steps, the strongest first; null = as the profile says. */
  readonly order: readonly string[] | null;
  readonly costAware: boolean;
  readonly freeFirst: boolean;
  /** Model strings that count as free besides those which the catalogue marks. */
  readonly freeModels: readonly string[];
  /** For one call; null = no ceiling. */
  readonly maxCostNanoUsd: number | null;
  /** `DEFAULT_MODELS` and then `DEFAULT_MODEL`: what is tried when nothing else is left. */
  readonly defaultModels: readonly string[];
  /** By job type: providers that go before the order of providers. */
  readonly preferredProviders: Readonly<Record<string, readonly string[]>>;
  readonly allowExpensiveFallback: boolean;
  /** A fallback dearer than this many times the first target counts as expensive. */
  readonly expensiveFactor: number;
  readonly health: HealthSettings;
  readonly tiers: TierSettings;
}

export interface ClockSettings {
  readonly leaseMs: number;
  readonly reconcileMs: number;
  readonly reringMs: number;
  readonly laneHoldMs: number;
  /** What "per minute" means in a provider's limits. */
  readonly rateWindowMs: number;
  readonly drainMs: number;
  /** 0 = the watchdog sleeps. */
  readonly watchdogMs: number;
  /** 0 = no lane counts as stuck. */
  readonly stuckAfterMs: number;
  readonly retryBackoffMs: number;
  /** So much waiting is worth one step of priority; 0 = none. */
  readonly priorityAgeingMs: number;
  readonly chatDeadlineMs: number;
  readonly auditDeadlineMs: number;
  readonly chatWaitMs: number;
}

export interface LimitSettings {
  readonly maxInflightTotal: number;
  /** Unclaimed tickets kept in a lane; null = the lane's cap. */
  readonly laneDepth: number | null;
  /** Repeats on one target. */
  readonly retryAttempts: number;
  readonly maxRungs: number;
  readonly maxCallsPerJob: number;
  readonly bodyLimitBytes: number;
}

export interface HttpSettings {
  readonly host: string;
  readonly port: number;
  /** Where a worker serves health and metrics, to whoever reaches it: they ask for no key. */
  readonly workerHost: string;
  /** Health port of a worker; 0 = a free one, which is logged. */
  readonly workerPort: number;
  readonly apiKeysFile: string | null;
}

/** How long what has ended is kept; null = for ever. */
export interface RetentionSettings {
  readonly jobMs: number | null;
  readonly tombstoneMs: number | null;
}

/** Where a value came from. */
export type Origin = 'override' | 'environment' | 'file' | 'built-in';

/** All settings, frozen: what the process was started with, and what was overridden since. */
export interface Settings {
  readonly dataDir: string;
  /** Of 32 bytes, as base64: the first seals what lies in the spool, each of them opens; none = it lies there as it is. */
  readonly spoolKeys: readonly Secret[];
  readonly databaseUrl: string | null;
  readonly redisUrl: string | null;
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  readonly http: HttpSettings;
  readonly clocks: ClockSettings;
  readonly limits: LimitSettings;
  readonly retention: RetentionSettings;
  /** `WORKER_LANES`; null = every lane. */
  readonly workerLanes: readonly string[] | null;
  readonly providers: readonly ProviderSettings[];
  readonly models: readonly ModelSettings[];
  readonly policy: PolicySettings;
  /** Setting name to origin, e.g. `MAX_INFLIGHT_GLM` → `environment`. */
  readonly origins: Readonly<Record<string, Origin>>;
  /** `LONGHAUL_IGNORE_OVERRIDES`: files and environment alone, whatever the database holds. */
  readonly ignoreOverrides: boolean;
  /** What was laid over files and environment. */
  readonly overrides: Overrides;
  /** Every setting with its value and origin, by name. Holds no secret. */
  readonly effective: readonly EffectiveSetting[];
  /** Where this process is to crash, for the fault bench; null = nowhere. */
  readonly crashPoint: ArmedCrash | null;
  /** Sentences for the boot log: placeholders taken as missing, swapped keys, unmatched entries. */
  readonly warnings: readonly string[];
}

/** A provider has a lane when it could be called: keyless, or its key is there. */
export const hasLane = (provider: ProviderSettings): boolean =>
  provider.auth === 'none' || provider.key !== null;

/** Reads the files again, and the same environment, under these overrides. @throws SettingsError */
export type SettingsLoader = (overrides: Overrides) => Settings;

/** Nest injection token of the frozen settings. */
export const SETTINGS = Symbol('SETTINGS');

/** Nest injection token of the SettingsLoader. */
export const SETTINGS_LOADER = Symbol('SETTINGS_LOADER');
