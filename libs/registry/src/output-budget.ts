import { Need } from '@longhaul/contract';
import { ModelSettings } from '@longhaul/settings';

/** The output budget as the call will carry it: raised to what the model needs, cut to what it can give. */
export function outputBudget(
  { minOutputTokens, maxOutputTokens }: Pick<ModelSettings, 'minOutputTokens' | 'maxOutputTokens'>,
  need: Pick<Need, 'outputTokens'>,
): number {
  const raised = Math.max(need.outputTokens, minOutputTokens ?? 0);
  return maxOutputTokens === null ? raised : Math.min(raised, maxOutputTokens);
}
