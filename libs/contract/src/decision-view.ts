import {
  BindingLimit,
  Candidate,
  Capability,
  ConfigMark,
  Decision,
  Estimate,
  HandOver,
  Limits,
  Link,
  Need,
  Refusal,
  RoutingWishes,
} from './routing';
import { FactorScore, Profile, RouteSignals, Tier, TierCause, TierChoice } from './tiers';
import { usdFromNano } from './usage';

export interface EstimateView {
  readonly input_tokens: number;
  readonly output_tokens: number;
  /** Null = unpriced. */
  readonly cost_usd: number | null;
}

/** A model that was looked at, as the API shows it. */
export interface CandidateView {
  readonly provider: string;
  readonly model: string;
  readonly eligible: boolean;
  /** Why not: one entry per rule that refused. */
  readonly reasons: readonly Refusal[];
  readonly not_as_fallback: readonly Refusal[];
  readonly estimate: EstimateView | null;
}

export interface NeedView {
  readonly type: string;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly capabilities: readonly Capability[];
}

export interface LimitsView {
  readonly max_rungs: number;
  readonly max_calls: number;
  readonly retry_attempts: number;
  readonly binding: BindingLimit | null;
}

export interface TierView {
  readonly tier: Tier;
  readonly cause: TierCause;
  readonly score: number | null;
  readonly agent_score: number | null;
  readonly step_score: number | null;
  readonly intent: string | null;
  readonly factors: readonly FactorScore[];
  readonly escalated_from: Tier | null;
}

/** The signals as the caller wrote them. */
export interface SignalsView {
  readonly creation_score?: number;
  readonly execution_score?: number;
  readonly combined_score?: number;
  readonly intent?: string;
  readonly previous_failures?: number;
  readonly prompt_length?: number;
  readonly data_size?: number;
  readonly conditions?: number;
  readonly context_references?: number;
  readonly reasoning?: number;
  readonly output?: number;
  readonly budget_remaining?: number;
}

export interface RoutingView {
  readonly profile?: Profile;
  readonly max_cost_usd?: number;
  readonly allow_substitution?: boolean;
  readonly prefer?: readonly string[];
  readonly signals?: SignalsView;
}

export interface LinkView {
  readonly provider: string;
  readonly model: string;
  readonly because: string;
  readonly estimate: EstimateView | null;
  readonly retry_attempts: number | null;
}

export interface HandOverView {
  readonly from: { readonly provider: string; readonly model: string };
  /** Null when no target was left. */
  readonly to: { readonly provider: string; readonly model: string } | null;
  readonly code: string;
  readonly after_calls: number;
  readonly config: ConfigMark;
  readonly candidates: readonly CandidateView[];
}

/** A decision as `include=decision` shows it. Null and empty where a decision of an earlier version does not say. */
export interface DecisionView {
  readonly requested: {
    readonly model: string;
    readonly provider: string | null;
    readonly fallbacks: readonly string[] | null;
    readonly routing: RoutingView | null;
  };
  readonly decided_by: string;
  readonly policy: string;
  readonly config: ConfigMark | null;
  readonly tier: TierView | null;
  readonly degraded: Decision['degraded'];
  readonly need: NeedView;
  readonly chain: readonly LinkView[];
  readonly rules: readonly string[];
  readonly order: readonly string[];
  readonly candidates: readonly CandidateView[];
  readonly omitted_candidates: number;
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
  readonly hand_overs: readonly HandOverView[];
  readonly limits: LimitsView;
}

/** What an earlier version stored: some fields came later. */
type Stored<Whole, Later extends keyof Whole> = Omit<Whole, Later> & Partial<Pick<Whole, Later>>;

const viewEstimate = (estimate: Estimate | undefined): EstimateView | null =>
  estimate === undefined
    ? null
    : {
        input_tokens: estimate.inputTokens,
        output_tokens: estimate.outputTokens,
        cost_usd: usdFromNano(estimate.nanoUsd),
      };

export const viewCandidate = (candidate: Stored<Candidate, 'estimate' | 'notAsFallback'>): CandidateView => ({
  provider: candidate.target.provider,
  model: candidate.target.model,
  eligible: candidate.eligible,
  reasons: candidate.refusals,
  not_as_fallback: candidate.notAsFallback ?? [],
  estimate: viewEstimate(candidate.estimate),
});

const viewNeed = ({ type, inputTokens, outputTokens, capabilities }: Need): NeedView => ({
  type,
  input_tokens: inputTokens,
  output_tokens: outputTokens,
  capabilities,
});

const viewLimits = (limits: Stored<Limits, 'binding'>): LimitsView => ({
  max_rungs: limits.maxRungs,
  max_calls: limits.maxCalls,
  retry_attempts: limits.retryAttempts,
  binding: limits.binding ?? null,
});

const viewLink = ({
  estimate,
  retryAttempts,
  ...link
}: Stored<Link, 'estimate' | 'retryAttempts'>): LinkView => ({
  ...link,
  estimate: viewEstimate(estimate),
  retry_attempts: retryAttempts ?? null,
});

const viewTier = ({ tier, cause, score, factors, intent, ...choice }: TierChoice): TierView => ({
  ...{ tier, cause, score },
  agent_score: choice.agentScore,
  step_score: choice.stepScore,
  ...{ intent, factors },
  escalated_from: choice.escalatedFrom,
});

/** Leaves out what was not said. */
const said = <View extends object>(view: { readonly [Name in keyof View]: View[Name] | undefined }): View =>
  Object.fromEntries(Object.entries(view).filter(([, value]) => value !== undefined)) as View;

const viewSignals = (signals: RouteSignals): SignalsView =>
  said<SignalsView>({
    creation_score: signals.creationScore,
    execution_score: signals.executionScore,
    combined_score: signals.combinedScore,
    intent: signals.intent,
    previous_failures: signals.previousFailures,
    prompt_length: signals.promptLength,
    data_size: signals.dataSize,
    conditions: signals.conditions,
    context_references: signals.contextReferences,
    reasoning: signals.reasoning,
    output: signals.output,
    budget_remaining: signals.budgetRemaining,
  });

const viewRouting = (wishes: RoutingWishes): RoutingView =>
  said<RoutingView>({
    profile: wishes.profile,
    max_cost_usd: wishes.maxCostUsd,
    allow_substitution: wishes.allowSubstitution,
    prefer: wishes.prefer,
    signals: wishes.signals && viewSignals(wishes.signals),
  });

const viewHandOver = ({ from, to, code, afterCalls, config, candidates }: HandOver): HandOverView => ({
  ...{ from, to, code, config },
  after_calls: afterCalls,
  candidates: candidates.map(viewCandidate),
});

type Later = 'config' | 'tier' | 'degraded' | 'rules' | 'order' | 'omittedCandidates' | 'warnings';

/** All but the deciding step, which an explanation may lack. */
export function viewReasons(
  decision: Stored<Omit<Decision, 'decidedBy'>, Later>,
): Omit<DecisionView, 'decided_by'> {
  const { model, provider, fallbacks, routing } = decision.requested;
  const { policy, config, tier, degraded, need, chain, candidates, notes, limits } = decision;
  return {
    requested: { model, provider, fallbacks, routing: routing ? viewRouting(routing) : null },
    policy,
    config: config ?? null,
    tier: tier ? viewTier(tier) : null,
    degraded: degraded ?? null,
    need: viewNeed(need),
    chain: chain.map(viewLink),
    rules: decision.rules ?? [],
    order: decision.order ?? [],
    candidates: candidates.map(viewCandidate),
    omitted_candidates: decision.omittedCandidates ?? 0,
    notes,
    warnings: decision.warnings ?? [],
    hand_overs: (decision.handOvers ?? []).map(viewHandOver),
    limits: viewLimits(limits),
  };
}

export const viewDecision = (decision: Decision): DecisionView => ({
  decided_by: decision.decidedBy,
  ...viewReasons(decision),
});
