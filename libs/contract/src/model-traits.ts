import { Capability } from './routing';

export const TOOL_CHOICES = ['auto', 'none', 'required', 'named'] as const;
export type ToolChoiceKind = (typeof TOOL_CHOICES)[number];

/** What a model takes for `temperature`; `omit` = it refuses the parameter. */
export type TemperatureRule =
  | { readonly kind: 'any' | 'omit' }
  | { readonly kind: 'fixed'; readonly value: number }
  | { readonly kind: 'range'; readonly min: number; readonly max: number };

/** How hard a model is asked to think, from not at all to as hard as it can. */
export const REASONING_EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'max'] as const;
export type ReasoningEffort = (typeof REASONING_EFFORTS)[number];

/**
 * How a model is told to think: by a word for the effort, by a budget in tokens, by a switch alone, or not at all
 * (`fixed`: it always thinks as it likes, or never).
 */
export const REASONING_CONTROLS = ['effort', 'budget', 'switch', 'fixed'] as const;
export type ReasoningControl = (typeof REASONING_CONTROLS)[number];

/** What the catalogue knows of a model that a dialect must keep to. */
export interface ModelTraits {
  readonly capabilities: readonly Capability[];
  /** Null = not known. */
  readonly toolChoices: readonly ToolChoiceKind[] | null;
  readonly temperature: TemperatureRule;
  /** Null = not known: the dialect goes by what its provider usually takes. */
  readonly reasoningControl: ReasoningControl | null;
  /** The words that it takes, in their order; null = not known. */
  readonly reasoningEfforts: readonly ReasoningEffort[] | null;
  readonly contextWindow: number | null;
  readonly maxOutputTokens: number | null;
}
