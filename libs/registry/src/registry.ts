import {
  Candidate,
  Decision,
  ErrorCode,
  GatewayError,
  Need,
  Route,
  RouteRequest,
  Target,
  nameOf,
} from '@longhaul/contract';
import { Assumptions, ask } from './ask';
import { Chain } from './chain';
import type { Catalogue } from './catalogue';
import { CatalogueEntry, unlistedEntry } from './entry';
import { Explanation } from './explanation';
import { noRoute } from './no-route';
import { Policy } from './policy';
import { Routing } from './routing';
import { standInFor } from './stand-in';
import { RegistryState } from './state';

/** What a question may say besides the need. */
export interface Hypothesis {
  readonly request?: RouteRequest;
  readonly assumed?: Assumptions;
}

/** What a question itself can be answered with; any other fault is the policy's. */
const ANSWERS: readonly ErrorCode[] = ['model_not_found', 'invalid_request', 'no_route'];
const MOST_REASON_CHARACTERS = 200;

/** A target of a stored chain. */
export interface StoredTarget {
  readonly target: Target;
  /** The caller asked for it, so that explicit_only does not speak against it. */
  readonly isNamed: boolean;
}

/** What a decision of earlier said besides. */
export interface Ceiling {
  /** The caller's `routing.max_cost_usd`. */
  readonly maxCostUsd?: number;
  /** The first target of the chain, which a fallback is measured by. */
  readonly first?: Target;
}

interface Reviewed {
  readonly need: Need;
  readonly request: RouteRequest;
  readonly assumed: Assumptions;
  readonly first: Target | null;
}

/** Chooses models. Works on a snapshot, asks no database, and keeps every reason. */
export class Registry {
  constructor(private current: RegistryState) {}

  get state(): RegistryState {
    return this.current;
  }

  /** From now on every question is answered out of this state. Decisions that were made stay as they are. */
  exchange(state: RegistryState): void {
    this.current = state;
  }

  /**
   * The ranked targets for a need, with the whole decision.
   * Throws `model_not_found` for a name that is unknown or retired, `invalid_request` for an unknown provider,
   * `provider_not_configured` when nothing but a key is missing, `no_route` when every model was refused.
   */
  route(need: Need, request: RouteRequest = {}): Route {
    const routing = this.routing(need, { request });
    const [first, ...others] = routing.rungs;
    if (first === undefined) throw noRoute(routing);
    return {
      chain: [first.target, ...others.map(({ target }) => target)],
      decision: { decidedBy: first.because, ...routing.reasons() },
    };
  }

  /**
   * What `route` would decide. That no target is left is an answer here, not a throw.
   * Throws `model_not_found`, `invalid_request` and, where the router is off, `no_route` as `route` does.
   */
  explain(need: Need, hypothesis: Hypothesis = {}): Explanation {
    const routing = this.routing(need, hypothesis);
    const [first] = routing.rungs;
    return {
      decidedBy: first?.because ?? null,
      ...routing.reasons(),
      error: first === undefined ? noRoute(routing) : null,
    };
  }

  /**
   * Asks the rules anew about targets that a decision of earlier has named: at a hand-over the world may have changed.
   * The caller's own ceiling still holds.
   */
  review(need: Need, targets: readonly StoredTarget[], { maxCostUsd, first }: Ceiling = {}): Candidate[] {
    const routing = maxCostUsd === undefined ? {} : { maxCostUsd };
    const asked = { need, request: { routing }, assumed: {}, first: first ?? null };
    try {
      return reviewOf(this.current, asked, targets);
    } catch {
      return reviewOf(standInFor(this.current), asked, targets);
    }
  }

  private routing(need: Need, { request = {}, assumed = {} }: Hypothesis): Routing {
    const state = this.current;
    const asked = { need, request, assumed };
    try {
      return new Routing(state, { ...asked, degraded: null });
    } catch (thrown) {
      if (thrown instanceof GatewayError && ANSWERS.includes(thrown.code)) throw thrown;
      return new Routing(standInFor(state), { ...asked, degraded: degradedBy(state.policy, thrown) });
    }
  }
}

function reviewOf(state: RegistryState, asked: Reviewed, targets: readonly StoredTarget[]): Candidate[] {
  const { catalogue, policy } = state;
  const { need } = asked;
  // What is ill for now is left to the claim, which asks at the last moment: it holds the job, or moves it on.
  const chain = new Chain(policy, { ...ask(state, need, asked), forgivesIllness: true }, 0);
  const first = asked.first === null ? null : entryIn(catalogue, asked.first);
  return targets.map(({ target, isNamed }) => {
    const provider = catalogue.provider(target.provider);
    if (provider === null) return unknownNow(target, need, 'provider-known');
    const found = catalogue.find(provider, target.model)?.entry;
    if (found === undefined && !provider.acceptUnlistedModels) return unknownNow(target, need, 'model-known');
    return chain.candidateOf(
      found ?? unlistedEntry(provider, target.model),
      isNamed ? 'caller' : 'policy',
      first,
    );
  });
}

function entryIn(catalogue: Catalogue, { provider: name, model }: Target): CatalogueEntry | null {
  const provider = catalogue.provider(name);
  return provider === null
    ? null
    : (catalogue.find(provider, model)?.entry ?? unlistedEntry(provider, model));
}

function unknownNow(target: Target, { inputTokens, outputTokens }: Need, rule: string): Candidate {
  const { provider, model } = target;
  const what = rule === 'provider-known' ? `provider ${provider}` : `model ${nameOf(target)}`;
  return {
    target: { provider, model },
    eligible: false,
    refusals: [{ rule, reason: `There is no ${what} in the configuration any more.` }],
    notAsFallback: [],
    estimate: { inputTokens, outputTokens, nanoUsd: null },
  };
}

function degradedBy({ name }: Policy, thrown: unknown): Decision['degraded'] {
  const what = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : 'it threw no error object';
  return {
    reason: `The policy "${name}" failed (${what.slice(0, MOST_REASON_CHARACTERS)}); the built-in one decided.`,
  };
}
