import { NumberRange } from './table-reader';

export type Section = 'Stores and places' | 'Server' | 'Clocks' | 'Limits' | 'Choice of providers';

/** One setting that is not a provider's. Its key in a file is the variable's name in lower case. */
export interface Option {
  readonly section: Section;
  /** The file that may hold it; null = environment only. */
  readonly file: 'longhaul.toml' | 'policy.toml' | null;
  readonly meaning: string;
  /** Names from before Longhaul that are still read. */
  readonly aliases?: readonly string[];
}

export interface NumberOption extends Option {
  readonly builtIn: number | null;
  /** What stands in for a built-in value of null. */
  readonly otherwise?: string;
  readonly unit: 's' | 'ms' | 'MB' | '';
  readonly range: NumberRange;
}

export interface TextOption extends Option {
  readonly builtIn: string | null;
  readonly otherwise?: string;
  /** What is accepted, for messages; with `accepts` it is enforced. */
  readonly form: string;
  readonly accepts?: RegExp;
}

/** Longer than this a Node timer fires at once: 2^31 - 1 ms. */
const LONGEST_TIMER_S = 2_147_483;
/** A cap is that many rows in PostgreSQL. */
export const LARGEST_CAP = 10_000;

export const SECONDS: NumberRange = { min: 0, max: LONGEST_TIMER_S };
export const SOME_SECONDS: NumberRange = { ...SECONDS, above: true };
export const CAP: NumberRange = { min: 0, max: LARGEST_CAP, whole: true };

export const keyOf = (variable: string): string => variable.toLowerCase();
