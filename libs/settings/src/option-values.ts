import { EnvironmentReader, Found } from './environment-reader';
import { LoadNotes } from './load-notes';
import { NUMBER_OPTIONS, NumberName } from './number-options';
import { keyOf, NumberOption, Option, TextOption } from './option';
import { Origin } from './settings';
import { TableReader } from './table-reader';
import { LIST_OPTIONS, ListName, TEXT_OPTIONS, TextName } from './text-options';

type NumberOf<Name extends NumberName> = (typeof NUMBER_OPTIONS)[Name]['builtIn'] extends null
  ? number | null
  : number;
type TextOf<Name extends TextName> = (typeof TEXT_OPTIONS)[Name]['builtIn'] extends null
  ? string | null
  : string;

export type OptionFile = 'longhaul.toml' | 'policy.toml';

/** A value with its origin; for a value from the environment also its variable. */
export interface Valued<Value> {
  readonly value: Value;
  readonly origin: Origin;
}

/** Lays environment over file over built-in, one setting at a time, and notes where each value came from. */
export class OptionValues {
  constructor(
    private readonly env: EnvironmentReader,
    private readonly files: Readonly<Record<OptionFile, TableReader>>,
    private readonly notes: LoadNotes,
  ) {
    for (const file of ['longhaul.toml', 'policy.toml'] as const) refuseStrayKeys(files[file], file);
  }

  number<Name extends NumberName>(name: Name): NumberOf<Name> {
    return this.valuedNumber(name).value as NumberOf<Name>;
  }

  /** The value with its origin, for defaults that a provider inherits. */
  valuedNumber(name: NumberName): Valued<number | null> {
    const option: NumberOption = NUMBER_OPTIONS[name];
    return this.settle(name, option, {
      env: this.env.number(option.range, name, ...(option.aliases ?? [])),
      file: this.fileOf(option)?.number(keyOf(name), option.range) ?? null,
      builtIn: option.builtIn,
    });
  }

  text<Name extends TextName>(name: Name): TextOf<Name> {
    const option: TextOption = TEXT_OPTIONS[name];
    const env = this.env.text(name, ...(option.aliases ?? []));
    const reader = this.fileOf(option);
    const file = reader?.string(keyOf(name)) ?? null;
    if (env !== null && option.accepts?.test(env.value) === false) this.env.fail(env.variable, option.form);
    if (file !== null && option.accepts?.test(file) === false) reader?.failType(keyOf(name), option.form);
    return this.settle(name, option, { env, file, builtIn: option.builtIn }).value as TextOf<Name>;
  }

  list(name: ListName): readonly string[] | null {
    const option: TextOption = LIST_OPTIONS[name];
    const env = this.env.list(name, ...(option.aliases ?? []));
    return this.settle(name, option, {
      env,
      file: this.fileOf(option)?.strings(keyOf(name)) ?? null,
      builtIn: null,
    }).value;
  }

  private fileOf(option: Option): TableReader | null {
    return option.file === null ? null : this.files[option.file];
  }

  private settle<Value>(
    name: string,
    option: Option,
    from: { readonly env: Found<Value> | null; readonly file: Value | null; readonly builtIn: Value | null },
  ): Valued<Value | null> {
    const value = from.env?.value ?? from.file ?? from.builtIn;
    const stated: Origin = from.file === null ? 'built-in' : 'file';
    const origin: Origin = from.env === null ? stated : 'environment';
    this.notes.origin(name, origin);
    return { value, origin };
  }
}

const ALL: Readonly<Record<string, Option>> = { ...NUMBER_OPTIONS, ...TEXT_OPTIONS, ...LIST_OPTIONS };

function refuseStrayKeys(reader: TableReader, file: OptionFile): void {
  for (const [variable, option] of Object.entries(ALL)) {
    const key = keyOf(variable);
    if (option.file === file || !reader.has(key)) continue;
    const fix = option.file === null ? `Set ${variable} in the environment` : `Move it to ${option.file}`;
    reader.fail(key, `"${key}" does not belong in ${file}`, fix);
  }
  const known = Object.keys(ALL).filter((variable) => ALL[variable]?.file === file);
  reader.refuseUnknownKeys(known.map(keyOf), file);
}
