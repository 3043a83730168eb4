import { Environment } from './environment';
import { SettingsError } from './settings-error';
import { describeRange, inRange, NumberRange } from './table-reader';

/** A value with the variable that held it: an alias may have. */
export interface Found<Value> {
  readonly value: Value;
  readonly variable: string;
}

/** Reads variables by type. Set but empty counts as not set. Complaints name the variable, never the value. */
export class EnvironmentReader {
  constructor(private readonly env: Environment) {}

  /** The first of these variables that is set: a name and then its aliases. */
  text(...variables: readonly string[]): Found<string> | null {
    for (const variable of variables) {
      const value = this.env[variable]?.trim();
      if (value !== undefined && value !== '') return { value, variable };
    }
    return null;
  }

  number(range: NumberRange, ...variables: readonly string[]): Found<number> | null {
    const found = this.text(...variables);
    if (found === null) return null;
    const value = /^[+-]?(\d+\.?\d*|\.\d+)$/.test(found.value) ? Number(found.value) : NaN;
    if (!inRange(value, range)) return this.fail(found.variable, describeRange(range));
    return { value, variable: found.variable };
  }

  /** Comma-separated words, without the empty ones. */
  list(...variables: readonly string[]): Found<readonly string[]> | null {
    const found = this.text(...variables);
    return found === null ? null : { value: wordsOf(found.value), variable: found.variable };
  }

  fail(variable: string, wanted: string): never {
    throw new SettingsError(`${variable} has a wrong value`, `It must be ${wanted}; or unset it`);
  }
}

export const wordsOf = (csv: string): readonly string[] =>
  csv
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
