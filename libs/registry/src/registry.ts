import { Decision, HealthPort, Need, Route, RouteRequest, nameOf } from '@longhaul/contract';
import { Settings } from '@longhaul/settings';
import { Catalogue } from './catalogue';
import { Chain, Rung } from './chain';
import { entryName } from './entry';
import { Explanation, estimateOf } from './explanation';
import { noRoute } from './no-route';
import { Policy } from './policy';
import { resolveFallbacks, resolveRequest } from './resolve';
import { Choice } from './steps';

/** No chain is longer, whatever `MAX_RUNGS` says. */
const HARD_MAX_RUNGS = 9;

/** Health before there is any: refuses nothing. */
export const EVERYTHING_WELL: HealthPort = { refusal: () => null };

export interface RegistryParts {
  readonly catalogue: Catalogue;
  readonly policy: Policy;
  readonly settings: Pick<Settings, 'policy' | 'limits'>;
  readonly health: HealthPort;
}

/** Chooses models. Works on a snapshot, asks no database, and keeps every reason. */
export class Registry {
  constructor(private readonly parts: RegistryParts) {}

  /**
   * The ranked targets for a need, with the whole decision.
   * Throws `model_not_found` for a name that is unknown or retired, `invalid_request` for an unknown provider,
   * `provider_not_configured` when the named model only lacks its key, `no_route` when every model was refused.
   */
  route(need: Need, request: RouteRequest = {}): Route {
    const { wanted, chain } = this.build(need, request);
    const [first, ...others] = chain.rungs.slice(0, this.maxRungs());
    if (first === undefined) throw noRoute(wanted, chain);
    return {
      chain: [first.target, ...others.map(({ target }) => target)],
      decision: {
        decidedBy: first.because,
        ...this.reasons({ need, request, wanted, chain, rungs: [first, ...others] }),
      },
    };
  }

  /**
   * What `route` would decide, with an estimate for each model. That no target is left is an answer here, not a throw.
   * Throws `model_not_found` and `invalid_request` as `route` does.
   */
  explain(need: Need, request: RouteRequest = {}): Explanation {
    const { wanted, chain } = this.build(need, request);
    const rungs = chain.rungs.slice(0, this.maxRungs());
    return {
      decidedBy: rungs[0]?.because ?? null,
      ...this.reasons({ need, request, wanted, chain, rungs }),
      looked: chain.looked.map((verdict) => ({ ...verdict, estimate: estimateOf(verdict.entry, need) })),
      error: rungs.length === 0 ? noRoute(wanted, chain) : null,
    };
  }

  private build(need: Need, request: RouteRequest): { wanted: Choice | null; chain: Chain } {
    const { catalogue, policy, settings, health } = this.parts;
    const wanted = resolveRequest(catalogue, request);
    const fallbacks = request.fallbacks === undefined ? null : resolveFallbacks(catalogue, request.fallbacks);
    const chain = new Chain({ need, rules: policy.rules, settings: settings.policy, health });
    if (wanted === null) this.buildAuto(chain, need, fallbacks);
    else this.buildNamed(chain, need, { wanted, fallbacks });
    return { wanted, chain };
  }

  /** The caller named a model. When a rule refuses it, only the caller's own `fallbacks` may stand in for it. */
  private buildNamed(
    chain: Chain,
    need: Need,
    { wanted, fallbacks }: { wanted: Choice; fallbacks: readonly Choice[] | null },
  ): void {
    const isTaken = chain.offer(wanted);
    for (const choice of fallbacks ?? []) chain.offer(choice);
    if (fallbacks === null && isTaken) this.follow(chain, need, wanted);
  }

  private buildAuto(chain: Chain, need: Need, fallbacks: readonly Choice[] | null): void {
    // Before the fallbacks: a model that only the caller may choose must not become the policy's first choice.
    const ranked = this.parts.policy.rank(this.parts.catalogue, need);
    const eligible = ranked.filter((choice) => chain.judge(choice));
    const first = eligible[0];
    if (first !== undefined) chain.offer(first);
    for (const choice of fallbacks ?? []) chain.offer(choice);
    if (fallbacks !== null || first === undefined) return;
    this.follow(chain, need, first);
    for (const choice of eligible) chain.offer(choice);
  }

  private follow(chain: Chain, need: Need, first: Choice): void {
    const { catalogue, policy } = this.parts;
    for (const choice of policy.follow(first.entry, catalogue, need)) chain.offer(choice);
  }

  private maxRungs(): number {
    const { maxRungs, maxCallsPerJob } = this.parts.settings.limits;
    return Math.max(1, Math.min(maxRungs, maxCallsPerJob, HARD_MAX_RUNGS));
  }

  private reasons({ need, request, wanted, chain, rungs }: Outcome): Omit<Decision, 'decidedBy'> {
    const { retryAttempts, maxCallsPerJob } = this.parts.settings.limits;
    return {
      requested: {
        model: request.model ?? 'auto',
        provider: request.provider ?? null,
        fallbacks: request.fallbacks ?? null,
      },
      policy: this.parts.policy.name,
      need,
      chain: rungs.map(({ target, because }) => ({
        provider: target.provider,
        model: target.model,
        because,
      })),
      candidates: chain.candidates,
      notes: notesOf({ wanted, chain, rungs }),
      limits: { maxRungs: this.maxRungs(), maxCalls: maxCallsPerJob, retryAttempts },
    };
  }
}

interface Outcome {
  readonly need: Need;
  readonly request: RouteRequest;
  readonly wanted: Choice | null;
  readonly chain: Chain;
  readonly rungs: readonly Rung[];
}

function notesOf({ wanted, chain, rungs }: Pick<Outcome, 'wanted' | 'chain' | 'rungs'>): string[] {
  const notes = rungs.flatMap((rung) => rung.notes);
  const [first] = rungs;
  if (wanted !== null && first !== undefined && entryName(wanted.entry) !== nameOf(first.target)) {
    notes.unshift(
      `${entryName(wanted.entry)} was asked for and refused; ${nameOf(first.target)} is the caller's fallback.`,
    );
  }
  const left = chain.rungs.length - rungs.length;
  if (left > 0) notes.push(`The chain was cut to ${rungs.length}; ${left} more could have followed.`);
  return notes;
}
