import { ChatRequest, ReasoningEffort } from '@longhaul/contract';
import { JsonObject } from '../../json';
import { hasThoughtlessStep } from './conversation';

export interface Thinking {
  /** Members of the body. */
  readonly thinking?: JsonObject;
  readonly effort?: ReasoningEffort;
  /** The model may think: it then takes no sampling. */
  readonly isOn: boolean;
  readonly notes: readonly string[];
}

/** Below it the API refuses a budget. */
const LEAST_BUDGET = 1_024;
const BUDGETS: Readonly<Record<Exclude<ReasoningEffort, 'none'>, number>> = {
  minimal: LEAST_BUDGET,
  low: 4_096,
  medium: 8_192,
  high: 16_384,
  max: 32_768,
};
/**
 * From generation 5 on a model thinks unless it is told not to, and sends nothing while it does: minutes of silence,
 * which a clock would take for a hang. So it is asked for a summary of its thoughts, which streams.
 */
const THINKS_UNASKED = /^claude-[a-z]+-[5-9](-|$)/;
const ADAPTIVE = { type: 'adaptive', display: 'summarized' };

const OFF: Thinking = { isOn: false, notes: [] };
const SWITCHED_OFF: Thinking = { ...OFF, thinking: { type: 'disabled' } };

/** Refused with 400: "Thinking may not be enabled when tool_choice forces tool use." */
const isForced = ({ toolChoice }: ChatRequest): boolean =>
  toolChoice?.kind === 'required' || toolChoice?.kind === 'named';
const forcedNote = (effort: ReasoningEffort | undefined): string =>
  effort === undefined
    ? 'Thinking was switched off: this model does not think when a tool is forced.'
    : `reasoning_effort ${effort} was left out: this model does not think when a tool is forced.`;

/** How the model is told to think. `reasoningEffort` is one that it takes: see `fitted`. */
export function thinkingOf(request: ChatRequest, maxTokens: number): Thinking {
  const { model, reasoningEffort: effort, traits } = request;
  const control = traits?.reasoningControl ?? 'effort';
  if (effort === undefined && !THINKS_UNASKED.test(model)) return OFF;
  // A model with a budget does not think without one.
  if (effort === 'none') return control === 'budget' ? OFF : SWITCHED_OFF;
  if (control === 'budget' && effort !== undefined) return budgetOf(request, effort, maxTokens);
  if (isForced(request)) return { ...SWITCHED_OFF, notes: [forcedNote(effort)] };
  if (effort === undefined) return { thinking: ADAPTIVE, isOn: true, notes: [] };
  return { thinking: ADAPTIVE, ...(control === 'switch' ? {} : { effort }), isOn: true, notes: [] };
}

function budgetOf(
  request: ChatRequest,
  effort: Exclude<ReasoningEffort, 'none'>,
  maxTokens: number,
): Thinking {
  const without = (reason: string): Thinking => ({
    ...OFF,
    notes: [`reasoning_effort ${effort} was left out: ${reason}.`],
  });
  if (isForced(request)) return { ...OFF, notes: [forcedNote(effort)] };
  if (hasThoughtlessStep(request)) {
    return without('the tool calls so far carry no thoughts of this model, and it would ask for them');
  }
  if (maxTokens <= LEAST_BUDGET) {
    return without(`this model needs more than ${String(LEAST_BUDGET)} tokens of output to think`);
  }
  const budget = Math.min(BUDGETS[effort], Math.max(LEAST_BUDGET, Math.floor(maxTokens / 2)));
  return {
    thinking: { type: 'enabled', budget_tokens: budget },
    isOn: true,
    notes:
      budget === BUDGETS[effort]
        ? []
        : [
            `reasoning_effort ${effort} was sent as a budget of ${String(budget)} tokens: the rest of the output is for the answer.`,
          ],
  };
}
