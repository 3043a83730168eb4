import { Circuit, LaneError, LaneFigures, LaneLimits, Records } from '@longhaul/records';
import { Listings, ProviderListing } from '@longhaul/registry';
import { AuthKind, ProviderSettings } from '@longhaul/settings';
import { CircuitView, viewCircuits, viewCooling } from './overview-cooling';
import { LimitsView, viewLimits } from './overview-limits';

export interface ProviderView {
  readonly id: string;
  readonly object: 'provider';
  readonly description: string;
  readonly family: string | null;
  readonly dialect: string;
  readonly base_url: string;
  readonly auth: AuthKind;
  readonly key: {
    readonly present: boolean;
    readonly variables: readonly string[];
    /** The variable that held it, or `file`; never the value. */
    readonly source: string | null;
  };
  /** Its effective cap is above 0. */
  readonly on: boolean;
  readonly available: boolean;
  readonly unavailable_because: string | null;
  readonly cap: number;
  readonly in_flight: number;
  readonly waiting: number;
  readonly scheduled: number;
  readonly explicit_only: boolean;
  readonly accepts_unlisted_models: boolean;
  readonly default_model: string | null;
  readonly timeouts: Readonly<Record<`${'connect' | 'first_token' | 'idle' | 'total'}_s`, number>>;
  /** What its key may use, and what of it is taken; null before a process has declared its lane. */
  readonly limits: LimitsView | null;
  /** Those that are not closed. */
  readonly circuits: readonly CircuitView[];
  readonly cooling: readonly { readonly scope: string; readonly until: number; readonly code: string }[];
  readonly last_error: { readonly code: string; readonly at: number } | null;
  /** The latest first; no more than five. */
  readonly last_errors: readonly { readonly model: string; readonly code: string; readonly at: number }[];
}

interface Figures {
  readonly lanes: readonly LaneFigures[];
  readonly circuits: readonly Circuit[];
  readonly limits: readonly LaneLimits[];
  readonly errors: readonly LaneError[];
}

/** The configured providers beside how their lanes are. */
export class ProviderOverview {
  constructor(
    private readonly listings: Listings,
    private readonly records: Pick<Records, 'figures' | 'health'>,
  ) {}

  /** In the order in which `auto` looks at them. @throws GatewayError store_unavailable */
  async list(): Promise<ProviderView[]> {
    const figures = await this.figures();
    return this.listings.providers().map((listing) => viewProvider(listing, figures));
  }

  /** @throws GatewayError not_found, store_unavailable */
  async find(name: string): Promise<ProviderView> {
    const listing = this.listings.provider(name);
    return viewProvider(listing, await this.figures());
  }

  private async figures(): Promise<Figures> {
    const { figures, health } = this.records;
    const [lanes, limits, { circuits }, errors] = await Promise.all([
      figures.lanes(),
      figures.limits(),
      health.circuits(),
      figures.lastErrors(),
    ]);
    return { lanes, limits, circuits, errors };
  }
}

function viewProvider(
  { settings, unavailableBecause }: ProviderListing,
  { lanes, limits, circuits, errors }: Figures,
): ProviderView {
  const { name, keyVariables } = settings;
  const lane = lanes.find((row) => row.lane === name);
  const failed = errors
    .filter((row) => row.lane === name)
    .map(({ model, code, at }) => ({ model, code, at: Math.floor(at.getTime() / 1000) }));
  const [error] = failed;
  const cap = lane?.cap ?? settings.maxInflight;
  return {
    id: name,
    object: 'provider',
    description: settings.description,
    family: settings.family,
    dialect: settings.dialect,
    base_url: publicUrl(settings.baseUrl),
    auth: settings.auth,
    key: { present: settings.key !== null, variables: keyVariables, source: sourceOf(settings) },
    on: cap > 0,
    available: unavailableBecause === null && cap > 0,
    unavailable_because:
      unavailableBecause ?? (cap > 0 ? null : `Provider ${name} is off: its in-flight cap is 0.`),
    cap,
    in_flight: lane?.inFlight ?? 0,
    waiting: lane?.waiting ?? 0,
    scheduled: lane?.scheduled ?? 0,
    explicit_only: settings.explicitOnly,
    accepts_unlisted_models: settings.acceptUnlistedModels,
    default_model: settings.defaultModel,
    timeouts: timeoutsOf(settings),
    limits: viewLimits(name, limits),
    circuits: viewCircuits(name, circuits),
    cooling: viewCooling(name, circuits),
    last_error: error === undefined ? null : { code: error.code, at: error.at },
    last_errors: failed,
  };
}

const timeoutsOf = (settings: ProviderSettings): ProviderView['timeouts'] => ({
  connect_s: settings.connectMs / 1000,
  first_token_s: settings.firstTokenMs / 1000,
  idle_s: settings.idleMs / 1000,
  total_s: settings.totalMs / 1000,
});

/** The settings refuse a URL with user, password or query; whoever loosens that must not show them here. */
function publicUrl(baseUrl: string): string {
  const url = new URL(baseUrl);
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

/** A file's path tells where secrets lie on the host, so only that it was a file. */
function sourceOf({ key, keySource, keyVariables }: ProviderSettings): string | null {
  if (key === null || keySource === null) return null;
  return keyVariables.includes(keySource) ? keySource : 'file';
}
