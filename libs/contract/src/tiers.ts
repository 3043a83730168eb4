export const TIERS = ['fast', 'balanced', 'powerful'] as const;
export type Tier = (typeof TIERS)[number];

/** Presets of the policy: three lean to a tier, `cost` puts the price before the order of providers. */
export const PROFILES = [...TIERS, 'cost'] as const;
export type Profile = (typeof PROFILES)[number];

/** The factors of a step's complexity. */
export const FACTORS = ['prompt', 'data', 'conditions', 'context', 'reasoning', 'output'] as const;
export type Factor = (typeof FACTORS)[number];
export type FactorWeights = Readonly<Record<Factor, number>>;

/** What a caller knows of its own job. Scores run from 0 to 10; a real 0 counts. */
export interface RouteSignals {
  readonly creationScore?: number;
  readonly executionScore?: number;
  readonly combinedScore?: number;
  /** Chooses the weights of the factors; an unknown word takes the default ones. */
  readonly intent?: string;
  /** Each raises the tier by one. */
  readonly previousFailures?: number;
  /** Characters. */
  readonly promptLength?: number;
  /** Bytes. */
  readonly dataSize?: number;
  readonly conditions?: number;
  readonly contextReferences?: number;
  /** 0 to 10; absent = what the intent usually takes. */
  readonly reasoning?: number;
  /** 0 to 10; absent = what the intent usually takes. */
  readonly output?: number;
  /** Tokens. */
  readonly budgetRemaining?: number;
}

export type TierCause =
  /** `tier:…` as the model. */
  | 'requested'
  /** `routing.profile`. */
  | 'profile'
  /** A score made of `routing.signals`. */
  | 'signals'
  /** Nothing was said: the default tier. */
  | 'no_signal';

export interface FactorScore {
  readonly factor: Factor;
  /** 0 to 10. */
  readonly score: number;
  readonly weight: number;
  /** Declared by the caller, read off the job or its intent, or taken as nothing. */
  readonly source: 'declared' | 'inferred' | 'absent';
}

/** The tier that was asked for or worked out, with everything that went into it. */
export interface TierChoice {
  readonly tier: Tier;
  readonly cause: TierCause;
  /** 0 to 10; null when nothing was scored. */
  readonly score: number | null;
  readonly agentScore: number | null;
  readonly stepScore: number | null;
  readonly intent: string | null;
  /** Empty when no step was scored. */
  readonly factors: readonly FactorScore[];
  /** The tier before earlier failures raised it; null when they did not. */
  readonly escalatedFrom: Tier | null;
}
