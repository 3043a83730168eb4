import { NumberRange } from './table-reader';

/** The sections of docs/configuration.md, in its order. */
export const SECTIONS = [
  'Stores and places',
  'Server',
  'Clocks',
  'Limits',
  'Choice of providers',
  'Choice of models',
  'Tiers',
] as const;
export type Section = (typeof SECTIONS)[number];

/** One setting that is not a provider's. Its key in a file is the variable's name in lower case. */
export interface Option {
  readonly section: Section;
  /** The file that may hold it; null = environment only. */
  readonly file: 'longhaul.toml' | 'policy.toml' | null;
  readonly meaning: string;
  /** Names from before Longhaul that are still read. */
  readonly aliases?: readonly string[];
  /** May be overridden while Longhaul runs. */
  readonly live?: true;
  /** Shown as `set` or `not set` only. */
  readonly secret?: true;
}

export interface NumberOption extends Option {
  readonly builtIn: number | null;
  /** What stands in for a built-in value of null. */
  readonly otherwise?: string;
  readonly unit: 's' | 'ms' | 'days' | 'MB' | 'USD' | '';
  readonly range: NumberRange;
}

export interface TextOption extends Option {
  readonly builtIn: string | null;
  readonly otherwise?: string;
  /** What is accepted, for messages; with `accepts` it is enforced. */
  readonly form: string;
  readonly accepts?: RegExp;
}

export interface FlagOption extends Option {
  readonly builtIn: boolean;
}

export interface ListOption extends Option {
  readonly builtIn: readonly string[] | null;
  readonly otherwise?: string;
  readonly form: string;
  /** An empty list has no good meaning: it would allow nothing, or rank by nothing. */
  readonly needsOne?: true;
}

/** Longer than this a Node timer fires at once: 2^31 - 1 ms. */
const LONGEST_TIMER_S = 2_147_483;
/** A cap is that many rows in PostgreSQL. */
export const LARGEST_CAP = 10_000;

export const SECONDS: NumberRange = { min: 0, max: LONGEST_TIMER_S };
export const SOME_SECONDS: NumberRange = { ...SECONDS, above: true };
export const CAP: NumberRange = { min: 0, max: LARGEST_CAP, whole: true };

/** A minute's calls go into 31 bits of PostgreSQL, and so may its tokens: no account has more. */
export const RATE: NumberRange = { min: 1, max: 2_147_483_647, whole: true };
/** A day's tokens, still exact in a number. */
export const DAY_RATE: NumberRange = { min: 1, max: 1_000_000_000_000_000, whole: true };

export const keyOf = (variable: string): string => variable.toLowerCase();
