import { ChatRequest, ReasoningEffort } from '@longhaul/contract';
import { JsonObject } from '../../json';
import { isOlder, isThinking } from './model-means';

/** Google's own table for its OpenAI-compatible endpoint; `max` is the most that all models with a budget take. */
const BUDGETS: Readonly<Record<ReasoningEffort, number>> = {
  none: 0,
  minimal: 1_024,
  low: 1_024,
  medium: 8_192,
  high: 24_576,
  max: 24_576,
};
/** No model with a budget takes less, unless it is none at all. */
const SMALLEST_BUDGET = 512;
/** As much as the model likes. */
const ITS_OWN_BUDGET = -1;

export interface Thinking {
  /** Empty where nothing need be said. */
  readonly config: JsonObject;
  readonly notes: readonly string[];
}

/** How the model is told to think, by a budget or by a level, never by both: that is refused. */
export function thinkingOf(request: ChatRequest): Thinking {
  if (!isThinking(request)) return { config: {}, notes: [] };
  const { reasoningEffort: effort, traits } = request;
  if (effort === undefined) return { config: { includeThoughts: true }, notes: [] };
  if (traits?.reasoningControl === 'switch')
    return { config: budgetConfig(effort === 'none' ? 0 : ITS_OWN_BUDGET), notes: [] };
  if (!isOlder(request)) return { config: { thinkingLevel: effort, includeThoughts: true }, notes: [] };
  return budgeted(request, effort);
}

/** Thoughts cannot be asked for where there are none. */
const budgetConfig = (thinkingBudget: number): JsonObject =>
  thinkingBudget === 0 ? { thinkingBudget } : { thinkingBudget, includeThoughts: true };

/** Thoughts count in maxOutputTokens: without a share of its own no text would be left. */
function budgeted({ maxOutputTokens }: ChatRequest, effort: ReasoningEffort): Thinking {
  const wanted = BUDGETS[effort];
  const share = maxOutputTokens === undefined ? wanted : Math.floor(maxOutputTokens / 2);
  const budget = Math.min(wanted, Math.max(share, SMALLEST_BUDGET));
  const note =
    `reasoning_effort ${effort} was sent as a budget of ${String(budget)} tokens: ` +
    'thoughts count in max_output_tokens, and half of those are kept for the answer.';
  return { config: budgetConfig(budget), notes: budget === wanted ? [] : [note] };
}
