import { Estimate, Need, costNanoUsd } from '@longhaul/contract';
import { CatalogueEntry } from './entry';
import { outputBudget } from './output-budget';

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
