import { EnvironmentReader, Found } from './environment-reader';
import { OverrideReader } from './override-reader';
import { NumberRange } from './table-reader';

/** What is stated outside the files: an override of any of the names, else a variable. */
export class StatedValues {
  constructor(
    /** For what no override may change: keys, places. */
    readonly env: EnvironmentReader,
    private readonly overrides: OverrideReader,
  ) {}

  text(...names: readonly string[]): Found<string> | null {
    return this.overrides.text(...names) ?? this.env.text(...names);
  }

  number(range: NumberRange, ...names: readonly string[]): Found<number> | null {
    return this.overrides.number(range, ...names) ?? this.env.number(range, ...names);
  }

  list(...names: readonly string[]): Found<readonly string[]> | null {
    return this.overrides.list(...names) ?? this.env.list(...names);
  }

  flag(...names: readonly string[]): Found<boolean> | null {
    return this.overrides.flag(...names) ?? this.env.flag(...names);
  }

  /** A complaint about a value that was found, in the words of where it was found. */
  fail(found: Found<unknown>, wanted: string): never {
    return found.origin === 'override'
      ? this.overrides.fail(found.variable, wanted)
      : this.env.fail(found.variable, wanted);
  }
}
