import { ALL_OPTIONS } from './all-options';
import { Found } from './environment-reader';
import { LoadNotes } from './load-notes';
import { NUMBER_OPTIONS, NumberName } from './number-options';
import { FlagOption, keyOf, ListOption, NumberOption, Option, TextOption } from './option';
import { fromSecretFile } from './secret-file';
import { StatedValues } from './stated-values';
import { TableReader } from './table-reader';
import { FLAG_OPTIONS, FlagName, LIST_OPTIONS, ListName, TEXT_OPTIONS, TextName } from './text-options';
import { builtIn, fromFile, fromFound, refuse, Valued } from './valued';

type NumberOf<Name extends NumberName> = (typeof NUMBER_OPTIONS)[Name]['builtIn'] extends null
  ? number | null
  : number;
type TextOf<Name extends TextName> = (typeof TEXT_OPTIONS)[Name]['builtIn'] extends null
  ? string | null
  : string;

export type OptionFile = 'longhaul.toml' | 'policy.toml';

/** Keys of policy.toml that hold tables and have no variable. */
export const POLICY_TABLES = ['intent_weights'] as const;

/** Lays override over environment over file over built-in, one setting at a time, and notes where each value came from. */
export class OptionValues {
  constructor(
    private readonly stated: StatedValues,
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
      found: this.stated.number(option.range, name, ...(option.aliases ?? [])),
      file: this.fileOf(option)?.number(keyOf(name), option.range) ?? null,
      builtIn: option.builtIn,
    });
  }

  text<Name extends TextName>(name: Name): TextOf<Name> {
    return this.valuedText(name).value as TextOf<Name>;
  }

  valuedText(name: TextName): Valued<string | null> {
    const option: TextOption = TEXT_OPTIONS[name];
    const found =
      this.stated.text(name, ...(option.aliases ?? [])) ??
      (option.secret === true ? fromSecretFile(name, this.stated.env) : null);
    const reader = this.fileOf(option);
    const file = reader?.string(keyOf(name)) ?? null;
    if (found !== null && option.accepts?.test(found.value) === false) this.stated.fail(found, option.form);
    if (file !== null && option.accepts?.test(file) === false) reader?.failType(keyOf(name), option.form);
    return this.settle(name, option, { found, file, builtIn: option.builtIn });
  }

  list(name: ListName): Valued<readonly string[] | null> {
    const option: ListOption = LIST_OPTIONS[name];
    const valued = this.settle(name, option, {
      found: this.stated.list(name, ...(option.aliases ?? [])),
      file: this.fileOf(option)?.strings(keyOf(name)) ?? null,
      builtIn: option.builtIn,
    });
    if (option.needsOne === true) refuseEmpty(valued);
    return valued;
  }

  flag(name: FlagName): boolean {
    const option: FlagOption = FLAG_OPTIONS[name];
    const valued = this.settle(name, option, {
      found: this.stated.flag(name, ...(option.aliases ?? [])),
      file: this.fileOf(option)?.boolean(keyOf(name)) ?? null,
      builtIn: option.builtIn,
    });
    return valued.value ?? option.builtIn;
  }

  /** The tables below a key of policy.toml, by name; without the key there are none. */
  policyTables(key: (typeof POLICY_TABLES)[number]): readonly (readonly [string, TableReader])[] {
    const top = this.files['policy.toml'];
    return (top.below(key)?.keys() ?? []).flatMap((name) => {
      const table = top.section(key, name);
      return table === null ? [] : [[name, table] as const];
    });
  }

  private fileOf(option: Option): TableReader | null {
    return option.file === null ? null : this.files[option.file];
  }

  private settle<Value extends string | number | boolean | readonly string[]>(
    name: string,
    option: Option,
    from: {
      readonly found: Found<Value> | null;
      readonly file: Value | null;
      readonly builtIn: Value | null;
    },
  ): Valued<Value | null> {
    const reader = this.fileOf(option);
    const inFile = reader === null || from.file === null ? null : fromFile(reader, keyOf(name), from.file);
    const valued: Valued<Value | null> =
      from.found === null ? (inFile ?? builtIn(name, from.builtIn)) : fromFound(from.found);
    const hidden = valued.value === null ? 'not set' : 'set';
    this.notes.record({
      name,
      value: option.secret === true ? hidden : valued.value,
      origin: valued.origin,
      place: valued.place,
      live: option.live === true,
    });
    return valued;
  }
}

/** For lists where nothing would mean that nothing may be used at all. */
export function refuseEmpty(valued: Valued<readonly string[] | null>): void {
  if (valued.value?.length === 0) {
    refuse(valued, 'is an empty list, which would leave nothing', 'Name one at least, or leave it out');
  }
}

function refuseStrayKeys(reader: TableReader, file: OptionFile): void {
  for (const [variable, option] of Object.entries(ALL_OPTIONS)) {
    const key = keyOf(variable);
    if (option.file === file || !reader.has(key)) continue;
    const fix = option.file === null ? `Set ${variable} in the environment` : `Move it to ${option.file}`;
    reader.fail(key, `"${key}" does not belong in ${file}`, fix);
  }
  const known = Object.keys(ALL_OPTIONS).filter((variable) => ALL_OPTIONS[variable]?.file === file);
  const tables = file === 'policy.toml' ? POLICY_TABLES : [];
  reader.refuseUnknownKeys([...known.map(keyOf), ...tables], file);
}
