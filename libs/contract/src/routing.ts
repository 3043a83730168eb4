import { Profile, RouteSignals, TierChoice } from './tiers';
import { Price } from './usage';

/** What a job needs of a model. The kind states it; tokens are estimates. */
export interface Need {
  readonly type: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly capabilities: readonly Capability[];
}

export const CAPABILITIES = [
  'tools',
  'vision',
  'json_mode',
  'json_schema',
  'streaming',
  'reasoning',
  'embeddings',
] as const;
export type Capability = (typeof CAPABILITIES)[number];

/** What the caller said about the choice of a model: model strings, as written. */
export interface RouteRequest {
  readonly model?: string;
  readonly provider?: string;
  /** Absent = the policy's chain; empty = none. */
  readonly fallbacks?: readonly string[];
  readonly routing?: RoutingWishes;
}

/** How a model is to be chosen, where the caller says more than its name. */
export interface RoutingWishes {
  readonly profile?: Profile;
  /** No model whose estimate for one call is above it, or unknown. */
  readonly maxCostUsd?: number;
  /** A retired id gives its successor instead of an error. */
  readonly allowSubstitution?: boolean;
  /** Providers, or words of a family, to look at first. */
  readonly prefer?: readonly string[];
  readonly signals?: RouteSignals;
}

/** One provider and model that a job may run on: everything a worker needs, so that no registry is asked again. */
export interface Target {
  readonly provider: string;
  /** The provider's own model id. */
  readonly model: string;
  readonly contextWindow: number | null;
  readonly maxOutputTokens: number | null;
  readonly minOutputTokens: number | null;
  /** Null = unpriced. */
  readonly price: Price | null;
}

export const nameOf = (target: Pick<Target, 'provider' | 'model'>): string =>
  `${target.provider}/${target.model}`;

/** What one call would take at its upper end: the input estimated on the safe side, the whole output budget. */
export interface Estimate {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Null = unpriced, never 0. */
  readonly nanoUsd: number | null;
}

/** One model that was looked at, and what each rule said. */
export interface Candidate {
  readonly target: { readonly provider: string; readonly model: string };
  readonly eligible: boolean;
  /** Why not: one entry per rule that refused. Empty when eligible. */
  readonly refusals: readonly Refusal[];
  /** Why it may be the first target and yet does not follow this one. */
  readonly notAsFallback: readonly Refusal[];
  readonly estimate: Estimate;
}

export interface Refusal {
  readonly rule: string;
  readonly reason: string;
}

/** A target of the chain, and the step that put it there. */
export interface Link {
  readonly provider: string;
  readonly model: string;
  readonly because: string;
  readonly estimate: Estimate;
  /** Repeats on it, as its provider's settings have it. */
  readonly retryAttempts: number;
}

/**
 * What would end a job of which every call fails: `max_calls` = the calls run out before the chain does, `max_rungs` =
 * more targets could have followed, `chain` = its targets, each with its repeats, are all there is.
 */
export const BINDING_LIMITS = ['max_calls', 'max_rungs', 'chain'] as const;
export type BindingLimit = (typeof BINDING_LIMITS)[number];

/** The limits of a job; the smallest wins. */
export interface Limits {
  readonly maxRungs: number;
  readonly maxCalls: number;
  /** Where a provider has none of its own. */
  readonly retryAttempts: number;
  readonly binding: BindingLimit;
}

/** Which configuration decided: its version in the database (0 = no override) and a hash over all that can be chosen by. */
export interface ConfigMark {
  readonly version: number;
  readonly hash: string;
}

/** Why each model was chosen or refused; stored with the job, shown by `include=decision`. Never holds the prompt. */
export interface Decision {
  readonly requested: {
    readonly model: string;
    readonly provider: string | null;
    readonly fallbacks: readonly string[] | null;
    readonly routing: RoutingWishes | null;
  };
  /** The step that decided on the first target, e.g. `explicit` or `provider_priority`. */
  readonly decidedBy: string;
  readonly policy: string;
  readonly config: ConfigMark;
  /** Null when the caller named a model. */
  readonly tier: TierChoice | null;
  /** Set when the policy itself failed and the built-in order decided in its place. */
  readonly degraded: { readonly reason: string } | null;
  readonly need: Need;
  readonly chain: readonly Link[];
  /** The rules that every candidate was asked by, in order: one without a refusal has passed. */
  readonly rules: readonly string[];
  /** The steps that rank what is left, the strongest first. */
  readonly order: readonly string[];
  /** The chain's targets first, then as they were looked at; at most a hundred. */
  readonly candidates: readonly Candidate[];
  /** Candidates that were looked at and are left out here. */
  readonly omittedCandidates: number;
  /** What the caller should know, e.g. that an unlisted id is taken as it is. */
  readonly notes: readonly string[];
  /** What the caller should change before long: a deprecated model, a retired one that was replaced. */
  readonly warnings: readonly string[];
  /** Absent until the job has left its first target. */
  readonly handOvers?: readonly HandOver[];
  readonly limits: Limits;
}

/** What was found when a job left a target: the rest of its chain, asked about anew. */
export interface HandOver {
  readonly from: { readonly provider: string; readonly model: string };
  /** Null when no target was left. */
  readonly to: { readonly provider: string; readonly model: string } | null;
  /** The code of the failure, or of what bars the target. */
  readonly code: string;
  /** Calls that the job had made by then. */
  readonly afterCalls: number;
  readonly config: ConfigMark;
  /** The later targets of the chain, as the rules see them now. */
  readonly candidates: readonly Candidate[];
}

export interface Route {
  /** Ranked, at least one, each target once. */
  readonly chain: readonly [Target, ...Target[]];
  readonly decision: Decision;
}

/** What the policy may ask about the live state of a target. A snapshot, no database. */
export interface HealthPort {
  /** A sentence when the policy must not choose the target at all, else null. */
  refusal(target: { readonly provider: string; readonly model: string }): string | null;
  /** A sentence when something speaks against the target that passes by itself: others are better, but it is better than none. */
  illness?(target: { readonly provider: string; readonly model: string }): string | null;
  /** Whether the provider itself has said that it has this model. */
  offers?(target: { readonly provider: string; readonly model: string }): boolean;
}
