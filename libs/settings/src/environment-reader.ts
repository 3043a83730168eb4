import { Environment } from './environment';
import { SettingsError } from './settings-error';
import { describeRange, inRange, NumberRange } from './table-reader';

/** A stated value with what stated it: a variable, which may be an alias, or an override. */
export interface Found<Value> {
  readonly value: Value;
  readonly variable: string;
  readonly origin: 'environment' | 'override';
}

export const FLAG_FORM = 'true or false (1, 0, yes, no, on and off will do)';
const FLAGS: ReadonlyMap<string, boolean> = new Map(
  Object.entries({ true: true, 1: true, yes: true, on: true, false: false, 0: false, no: false, off: false }),
);

/** Reads variables by type. Set but empty counts as not set. Complaints name the variable, never the value. */
export class EnvironmentReader {
  constructor(private readonly env: Environment) {}

  /** The first of these variables that is set: a name and then its aliases. */
  text(...variables: readonly string[]): Found<string> | null {
    for (const variable of variables) {
      const value = this.env[variable]?.trim();
      if (value !== undefined && value !== '') return { value, variable, origin: 'environment' };
    }
    return null;
  }

  number(range: NumberRange, ...variables: readonly string[]): Found<number> | null {
    const found = this.text(...variables);
    if (found === null) return null;
    const value = /^[+-]?(\d+\.?\d*|\.\d+)$/.test(found.value) ? Number(found.value) : NaN;
    if (!inRange(value, range)) return this.fail(found.variable, describeRange(range));
    return { ...found, value };
  }

  /** Comma-separated words, without the empty ones. */
  list(...variables: readonly string[]): Found<readonly string[]> | null {
    const found = this.text(...variables);
    return found === null ? null : { ...found, value: wordsOf(found.value) };
  }

  flag(...variables: readonly string[]): Found<boolean> | null {
    const found = this.text(...variables);
    if (found === null) return null;
    const value = FLAGS.get(found.value.toLowerCase());
    return value === undefined ? this.fail(found.variable, FLAG_FORM) : { ...found, value };
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
