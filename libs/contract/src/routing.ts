import { Price } from './usage';

/** What a job needs of a model. The kind states it; tokens are estimates. */
export interface Need {
  readonly type: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly capabilities: readonly Capability[];
}

export const CAPABILITIES = ['tools', 'vision', 'json_mode', 'json_schema', 'reasoning'] as const;
export type Capability = (typeof CAPABILITIES)[number];

/** What the caller said about the choice of a model: model strings, as written. */
export interface RouteRequest {
  readonly model?: string;
  readonly provider?: string;
  /** Absent = the policy's chain; empty = none. */
  readonly fallbacks?: readonly string[];
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

/** One model that was looked at, and what each rule said. */
export interface Candidate {
  readonly target: { readonly provider: string; readonly model: string };
  readonly eligible: boolean;
  /** Why not: one entry per rule that refused. Empty when eligible. */
  readonly refusals: readonly { readonly rule: string; readonly reason: string }[];
}

/** Why each model was chosen or refused; stored with the job, shown by `include=decision`. */
export interface Decision {
  readonly requested: {
    readonly model: string;
    readonly provider: string | null;
    readonly fallbacks: readonly string[] | null;
  };
  /** The step that decided on the first target, e.g. `explicit` or `provider_priority`. */
  readonly decidedBy: string;
  readonly policy: string;
  readonly need: Need;
  readonly chain: readonly { readonly provider: string; readonly model: string; readonly because: string }[];
  readonly candidates: readonly Candidate[];
  /** What the caller should know, e.g. that an unlisted id is taken as it is. */
  readonly notes: readonly string[];
  readonly limits: { readonly maxRungs: number; readonly maxCalls: number; readonly retryAttempts: number };
}

export interface Route {
  /** Ranked, at least one, each target once. */
  readonly chain: readonly [Target, ...Target[]];
  readonly decision: Decision;
}

/** What the policy may ask about the live state of a target. A snapshot, no database. */
export interface HealthPort {
  /** A sentence when the target must not be chosen now, else null. */
  refusal(target: { readonly provider: string; readonly model: string }): string | null;
}
