import {
  CandidateView,
  LimitsView,
  NeedView,
  usdFromNano,
  viewCandidate,
  viewLimits,
  viewNeed,
} from '@longhaul/contract';
import { Estimate, Explanation, ExplainedVerdict, Registry } from '@longhaul/registry';
import { hasLane } from '@longhaul/settings';
import { kindOf } from './kinds';
import { Submission } from './submission';

export interface EstimateView {
  readonly input_tokens: number;
  readonly output_tokens: number;
  /** Null = unpriced. */
  readonly cost_usd: number | null;
}

export interface ExplainedCandidate extends CandidateView {
  readonly estimate: EstimateView;
  readonly context_window: number | null;
  readonly key_present: boolean;
}

export interface RouteExplanation {
  readonly object: 'route.explanation';
  readonly requested: Explanation['requested'];
  readonly decided_by: string | null;
  readonly policy: string;
  readonly need: NeedView;
  readonly chain: readonly (Explanation['chain'][number] & { readonly estimate: EstimateView | null })[];
  readonly candidates: readonly ExplainedCandidate[];
  readonly notes: readonly string[];
  readonly limits: LimitsView;
  /** What a job would be refused with. */
  readonly error: { readonly code: string; readonly message: string } | null;
}

const ESTIMATE_NOTE =
  'Each estimate is for one call at its upper end: the input counted on the safe side and nothing of it cached, the whole output budget used.';

/** Tells where a job would run and why, without accepting it. */
export class RouteExplainer {
  constructor(private readonly registry: Registry) {}

  /** No store is asked. @throws GatewayError invalid_request, model_not_found */
  explain(submission: Submission): RouteExplanation {
    const kind = kindOf(submission.type);
    const told = this.registry.explain(kind.need(kind.parse(submission.input)), submission);
    const { requested, decidedBy, policy, need, chain, looked, notes, limits, error } = told;
    const estimates = new Map(looked.map((each) => [keyOf(each.entry.target), viewEstimate(each.estimate)]));
    return {
      object: 'route.explanation',
      requested,
      decided_by: decidedBy,
      policy,
      need: viewNeed(need),
      chain: chain.map((rung) => ({ ...rung, estimate: estimates.get(keyOf(rung)) ?? null })),
      candidates: looked.map(viewVerdict),
      notes: [...notes, ESTIMATE_NOTE],
      limits: viewLimits(limits),
      error: error === null ? null : { code: error.code, message: error.message },
    };
  }
}

/** Provider names hold no space, so no two targets share a key. */
const keyOf = ({ provider, model }: { readonly provider: string; readonly model: string }): string =>
  `${provider} ${model}`;

const viewEstimate = ({ inputTokens, outputTokens, nanoUsd }: Estimate): EstimateView => ({
  input_tokens: inputTokens,
  output_tokens: outputTokens,
  cost_usd: usdFromNano(nanoUsd),
});

const viewVerdict = ({ entry, candidate, estimate }: ExplainedVerdict): ExplainedCandidate => ({
  ...viewCandidate(candidate),
  estimate: viewEstimate(estimate),
  context_window: entry.model.contextWindow,
  key_present: hasLane(entry.provider),
});
