import { ErrorCode, GatewayError } from '@longhaul/contract';
import { Allowance, FreeCalls, PUBLIC_LISTS } from '@longhaul/providers';
import { Listings, ProviderListing } from '@longhaul/registry';
import { PreflightView } from './preflight-chat';
import { hasLane, ProviderSettings } from '@longhaul/settings';

export interface AllowanceView {
  readonly of: string;
  readonly used: number | null;
  readonly limit: number | null;
  readonly remaining: number | null;
  readonly unit: string;
  readonly resets_at: string | null;
}

/** What a provider itself said, over free endpoints alone. */
export interface CheckView {
  readonly object: 'provider.ping';
  readonly provider: string;
  /** Null = it was not asked: it has no key. */
  readonly reachable: boolean | null;
  /** Null = it cannot be told: it was not asked, needs no key, or lists its models to anybody. */
  readonly authorised: boolean | null;
  readonly latency_ms: number | null;
  /** Of docs/errors.md. */
  readonly error: { readonly code: ErrorCode; readonly message: string } | null;
  /** What is left on the key's account; null where the provider does not tell. */
  readonly account: readonly AllowanceView[] | null;
  /** Unix seconds; an answer is kept for a few seconds. */
  readonly asked_at: number;
}

/** The answer to a ping. */
export interface PingView extends CheckView {
  /** Null = ROUTER_PREFLIGHT_CHAT is off, or what is free has failed already. */
  readonly chat: PreflightView | null;
}

/** The catalogue against the provider's own list. */
export interface LiveView extends CheckView {
  readonly models: {
    readonly listed: number;
    /** In our catalogue and not retired, and the provider does not list it. */
    readonly missing: readonly string[];
    /** The provider lists it and our catalogue does not know it; the first hundred. */
    readonly unknown: readonly string[];
    /** The provider lists it, and our catalogue calls it retired. */
    readonly retired: readonly string[];
  } | null;
}

interface Checked {
  readonly ping: CheckView;
  readonly ids: readonly string[] | null;
}

export interface ProviderChecksParts {
  readonly listings: Pick<Listings, 'provider' | 'models'>;
  readonly calls: Pick<FreeCalls, 'models' | 'account'>;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** The wall clock. */
  readonly nowMs: () => number;
}

export interface ProviderChecksOptions {
  readonly timeoutMs: number;
  /** Whoever asks again within it gets the same answer, so that nobody hammers a provider through us. */
  readonly keptMs: number;
}

export const CHECK_TIMES: ProviderChecksOptions = { timeoutMs: 4500, keptMs: 10_000 };
const MOST_UNKNOWN = 100;

/** Asks providers about themselves, on demand, and never a model. */
export class ProviderChecks {
  private readonly kept = new Map<string, { readonly atMs: number; readonly checked: Promise<Checked> }>();

  constructor(
    private readonly parts: ProviderChecksParts,
    private readonly options: ProviderChecksOptions,
  ) {}

  /** @throws GatewayError not_found */
  async ping(name: string): Promise<CheckView> {
    return (await this.checked(this.parts.listings.provider(name))).ping;
  }

  /** @throws GatewayError not_found */
  async live(name: string): Promise<LiveView> {
    const listing = this.parts.listings.provider(name);
    const { ping, ids } = await this.checked(listing);
    return { ...ping, models: ids === null ? null : this.compared(listing.settings.name, ids) };
  }

  private checked({ settings }: ProviderListing): Promise<Checked> {
    const nowMs = this.parts.now();
    const known = this.kept.get(settings.name);
    if (known !== undefined && nowMs - known.atMs < this.options.keptMs) return known.checked;
    const checked = hasLane(settings) ? this.check(settings) : Promise.resolve(this.unasked(settings));
    this.kept.set(settings.name, { atMs: nowMs, checked });
    return checked;
  }

  private unasked(settings: ProviderSettings): Checked {
    const variable = settings.keyVariables.join(' or ');
    const message = `Provider ${settings.name} has no key and was not asked: set ${variable}.`;
    const error = { code: 'provider_not_configured', message } as const;
    const ping = this.viewOf(settings, { reachable: null, authorised: null, latencyMs: null, error });
    return { ping: { ...ping, account: null }, ids: null };
  }

  /** Both questions at once; the account tells more of the key than a list that anybody gets. */
  private async check(settings: ProviderSettings): Promise<Checked> {
    const { calls, now } = this.parts;
    const { timeoutMs } = this.options;
    const startedMs = now();
    let latencyMs: number | null = null;
    const timed = <Answer>(answer: Promise<Answer>): Promise<Answer | GatewayError> =>
      answer
        .catch((thrown: unknown) => GatewayError.from(thrown))
        .finally(() => (latencyMs ??= Math.round(now() - startedMs)));
    const [list, account] = await Promise.all([
      timed(calls.models(settings, timeoutMs)),
      timed(calls.account(settings, timeoutMs)),
    ]);
    const failure = [account, list].find((answer) => answer instanceof GatewayError) ?? null;
    const facts = {
      reachable: isReached(list) || (account !== null && isReached(account)),
      authorised: authorisedBy(settings, list, account),
      latencyMs,
      error: failure === null ? null : { code: failure.code, message: failure.message },
    };
    const told = account instanceof GatewayError || account === null ? null : account.map(viewAllowance);
    const ids = list instanceof GatewayError ? null : list;
    return { ping: { ...this.viewOf(settings, facts), account: told }, ids };
  }

  private viewOf({ name }: ProviderSettings, { latencyMs, ...facts }: Facts): Omit<CheckView, 'account'> {
    const asked_at = Math.floor(this.parts.nowMs() / 1000);
    return { object: 'provider.ping', provider: name, ...facts, latency_ms: latencyMs, asked_at };
  }

  private compared(provider: string, ids: readonly string[]): NonNullable<LiveView['models']> {
    const own = this.parts.listings.models().filter((model) => model.provider === provider);
    // Gemini lists `models/<id>`, Ollama a name without a tag as `<name>:latest`.
    const listed = new Set(
      ids.flatMap((id) => [id, id.replace(/^models\//, ''), id.replace(/:latest$/, '')]),
    );
    const known = new Set(own.flatMap(({ model, aliases }) => [model, ...aliases]));
    const isKnown = (id: string): boolean =>
      known.has(id) || known.has(id.replace(/^models\//, '')) || known.has(id.replace(/:latest$/, ''));
    return {
      listed: ids.length,
      missing: own
        .filter(({ model, status }) => status !== 'retired' && !listed.has(model))
        .map(({ model }) => model),
      unknown: ids.filter((id) => !isKnown(id)).slice(0, MOST_UNKNOWN),
      retired: own
        .filter(({ model, status }) => status === 'retired' && listed.has(model))
        .map(({ model }) => model),
    };
  }
}

interface Facts {
  readonly reachable: boolean | null;
  readonly authorised: boolean | null;
  readonly latencyMs: number | null;
  readonly error: CheckView['error'];
}

type Answer = readonly unknown[] | null | GatewayError;

/** Whoever answers, whatever it says, is there. */
const isReached = (answer: Answer): boolean =>
  answer instanceof GatewayError ? answer.detail.upstreamStatus !== undefined : true;

function authorisedBy({ name, auth }: ProviderSettings, list: Answer, account: Answer): boolean | null {
  const answers = [account, list];
  if (answers.some((answer) => answer instanceof GatewayError && answer.code === 'auth_failed')) return false;
  if (auth === 'none') return null;
  if (account !== null && !(account instanceof GatewayError)) return true;
  return list === null || list instanceof GatewayError || PUBLIC_LISTS.includes(name) ? null : true;
}

const viewAllowance = ({ of, used, limit, remaining, unit, resetsAt }: Allowance): AllowanceView => ({
  ...{ of, used, limit, remaining, unit },
  resets_at: resetsAt,
});
