import { isStorableText } from '@longhaul/contract';
import { nearest } from './nearest';
import { Place, SettingsError } from './settings-error';
import { isTable, lineOf, TablePlace, TomlFile, TomlTable } from './toml-file';

export interface NumberRange {
  readonly min: number;
  readonly max: number;
  /** True when a fraction makes no sense. */
  readonly whole?: boolean;
  /** True when the smallest value itself is too small. */
  readonly above?: boolean;
}

export const inRange = (value: number, range: NumberRange): boolean =>
  Number.isFinite(value) &&
  value <= range.max &&
  (range.above === true ? value > range.min : value >= range.min) &&
  (range.whole !== true || Number.isInteger(value));

export function describeRange(range: NumberRange): string {
  const kind = range.whole === true ? 'a whole number' : 'a number, fractions allowed,';
  return `${kind} ${range.above === true ? 'above' : 'from'} ${range.min} up to ${range.max}`;
}

const KEY_WORDS = /^(api_?key|key|token|secret|password|auth_key|auth_token)$/i;
/** What vendors' keys look like: a known prefix and a long tail. */
const KEY_SHAPE = /^(bearer\s+)?(sk|pk|rk|xai|gsk|key)[-_][\w.-]{16,}$/i;

export const looksLikeKey = (text: string): boolean => KEY_SHAPE.test(text.trim());

export interface TableSource {
  readonly file: TomlFile;
  readonly place: TablePlace;
  readonly table: TomlTable;
  /** The keys that hold this table, the nearest first, for one without a header of its own: `price = { … }`. */
  readonly holders?: readonly string[];
}

/** Reads one TOML table by type. Every complaint names file, line and fix, and never repeats a value. */
export class TableReader {
  constructor(private readonly from: TableSource) {}

  has(key: string): boolean {
    return this.from.table[key] !== undefined;
  }

  lineOf(key?: string): number {
    const keys = [...(key === undefined ? [] : [key]), ...(this.from.holders ?? [])];
    return lineOf(this.from.file.text, this.from.place, ...keys);
  }

  /** The file and line of a key. What is no file, such as an override, has no lines. */
  placeOf(key?: string): Place {
    const { shown, text } = this.from.file;
    return text === '' ? { file: shown } : { file: shown, line: this.lineOf(key) };
  }

  fail(key: string | undefined, problem: string, fix: string): never {
    throw new SettingsError(problem, fix, this.placeOf(key));
  }

  /** Stops at the first key that is not in the list. `what` names the table in the message. */
  refuseUnknownKeys(known: readonly string[], what: string): void {
    for (const key of Object.keys(this.from.table)) {
      if (known.includes(key)) continue;
      if (KEY_WORDS.test(key)) this.failKeyMaterial(key);
      const near = nearest(key, known);
      const fix = near === null ? `The known keys are: ${known.join(', ')}` : `Did you mean "${near}"?`;
      this.fail(key, `unknown key "${key}" in ${what}`, fix);
    }
  }

  string(key: string): string | null {
    const value = this.from.table[key];
    if (value === undefined) return null;
    if (typeof value !== 'string') return this.failType(key, 'a string in quotes');
    return this.checked(key, value);
  }

  /** A list of strings, or one string, which counts as a list of one. */
  strings(key: string): readonly string[] | null {
    const value = this.from.table[key];
    if (value === undefined) return null;
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    return list.map((entry) =>
      typeof entry === 'string' ? this.checked(key, entry) : this.failType(key, 'a list of strings'),
    );
  }

  number(key: string, range: NumberRange): number | null {
    const value = this.from.table[key];
    if (value === undefined) return null;
    if (typeof value === 'number' && inRange(value, range)) return value;
    return this.failType(key, describeRange(range));
  }

  boolean(key: string): boolean | null {
    const value = this.from.table[key];
    if (value === undefined) return null;
    return typeof value === 'boolean' ? value : this.failType(key, 'true or false, without quotes');
  }

  /** A date or a string that starts with one, as `2026-01-31`. */
  date(key: string): string | null {
    const value = this.from.table[key];
    if (value === undefined) return null;
    const text = value instanceof Date ? value.toISOString() : value;
    const day = typeof text === 'string' ? /^\d{4}-\d{2}-\d{2}/.exec(text)?.[0] : undefined;
    return day !== undefined && isDay(day) ? day : this.failType(key, 'a date such as 2026-01-31');
  }

  /** A table below this one, e.g. `price = { … }`; complaints point at its key. */
  below(key: string): TableReader | null {
    const value = this.from.table[key];
    if (value === undefined) return null;
    if (!isTable(value)) return this.failType(key, 'a table such as { input = 1.0 }');
    return this.held(key, value);
  }

  /** One table, or a list of them. Complaints point at the key. */
  tables(key: string): readonly TableReader[] {
    const value = this.from.table[key];
    if (value === undefined) return [];
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    return list.map((table) =>
      isTable(table)
        ? this.held(key, table)
        : this.failType(key, 'a table such as { input = 1.0 }, or a list of them'),
    );
  }

  /** The raw value, for a key that takes more than one type. */
  raw(key: string): unknown {
    return this.from.table[key];
  }

  failType(key: string, wanted: string): never {
    return this.fail(key, `"${key}" has a wrong value`, `It must be ${wanted}`);
  }

  failKeyMaterial(key: string): never {
    return this.fail(
      key,
      `"${key}" holds what looks like a key; no key stands in a configuration file`,
      'Delete it here, put the key into an environment variable and name that variable in auth_env',
    );
  }

  /** The table `[<header>.<key>]` at the top of a file: its own header, and its own lines. */
  section(key: string, name: string): TableReader | null {
    const table = this.below(key)?.raw(name);
    if (table === undefined) return null;
    if (!isTable(table)) return this.failType(key, `tables such as [${key}.${name}]`);
    return new TableReader({ file: this.from.file, place: { table: `${key}.${name}`, index: 0 }, table });
  }

  keys(): readonly string[] {
    return Object.keys(this.from.table);
  }

  private held(key: string, table: TomlTable): TableReader {
    return new TableReader({ ...this.from, table, holders: [key, ...(this.from.holders ?? [])] });
  }

  private checked(key: string, value: string): string {
    if (!isStorableText(value)) {
      return this.fail(key, `"${key}" holds NUL or half a character`, 'Write it as text that can be printed');
    }
    return looksLikeKey(value) ? this.failKeyMaterial(key) : value;
  }
}

/** False for days that no calendar has, which the pattern of a date lets through. */
export const isDay = (day: string): boolean => {
  const time = Date.parse(`${day}T00:00:00Z`);
  return Number.isFinite(time) && new Date(time).toISOString().startsWith(day);
};
