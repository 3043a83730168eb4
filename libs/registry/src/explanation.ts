import { Decision, GatewayError, Need, costNanoUsd } from '@longhaul/contract';
import { Verdict } from './chain';
import { CatalogueEntry } from './entry';
import { outputBudget } from './output-budget';

/** What one call would take at its upper end: the input estimated on the safe side, the whole output budget. */
export interface Estimate {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Null = unpriced, never 0. */
  readonly nanoUsd: number | null;
}

export interface ExplainedVerdict extends Verdict {
  readonly estimate: Estimate;
}

/** A decision that is told and not taken. */
export interface Explanation extends Omit<Decision, 'decidedBy'> {
  /** Null when no target is left. */
  readonly decidedBy: string | null;
  /** Every model that was looked at, in the order of `candidates`. */
  readonly looked: readonly ExplainedVerdict[];
  /** What `route` would throw when no target is left. */
  readonly error: GatewayError | null;
}

/** Reads nothing from a cache: the first call of a prompt pays the full input price. */
export function estimateOf({ model }: CatalogueEntry, need: Need): Estimate {
  const { inputTokens } = need;
  const outputTokens = outputBudget(model, need);
  const usage = { freshInput: inputTokens, cacheRead: 0, cacheWrite: 0, output: outputTokens, reasoning: 0 };
  return {
    inputTokens,
    outputTokens,
    nanoUsd: model.price === null ? null : costNanoUsd(usage, model.price),
  };
}
