import { Candidate, Capability, Decision, Need } from './routing';

/** A model that was looked at, as the API shows it. */
export interface CandidateView {
  readonly provider: string;
  readonly model: string;
  readonly eligible: boolean;
  /** Why not: one entry per rule that refused. */
  readonly reasons: readonly { readonly rule: string; readonly reason: string }[];
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
}

/** A decision as `include=decision` shows it. */
export interface DecisionView {
  readonly requested: Decision['requested'];
  readonly decided_by: string;
  readonly policy: string;
  readonly need: NeedView;
  readonly chain: Decision['chain'];
  readonly candidates: readonly CandidateView[];
  readonly notes: readonly string[];
  readonly limits: LimitsView;
}

export const viewCandidate = ({ target, eligible, refusals }: Candidate): CandidateView => ({
  provider: target.provider,
  model: target.model,
  eligible,
  reasons: refusals,
});

export const viewNeed = ({ type, inputTokens, outputTokens, capabilities }: Need): NeedView => ({
  type,
  input_tokens: inputTokens,
  output_tokens: outputTokens,
  capabilities,
});

export const viewLimits = ({ maxRungs, maxCalls, retryAttempts }: Decision['limits']): LimitsView => ({
  max_rungs: maxRungs,
  max_calls: maxCalls,
  retry_attempts: retryAttempts,
});

export const viewDecision = (decision: Decision): DecisionView => ({
  requested: decision.requested,
  decided_by: decision.decidedBy,
  policy: decision.policy,
  need: viewNeed(decision.need),
  chain: decision.chain,
  candidates: decision.candidates.map(viewCandidate),
  notes: decision.notes,
  limits: viewLimits(decision.limits),
});
