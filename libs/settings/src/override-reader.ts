import { Found, wordsOf } from './environment-reader';
import { Overrides, OverrideValue, shownName } from './overrides';
import { SettingsError } from './settings-error';
import { describeRange, inRange, NumberRange } from './table-reader';

/** Each word is looked up, and a wrong one is compared with every name there is. */
const MOST_WORDS = 100;

const fewEnough = (words: readonly string[]): readonly string[] | null =>
  words.length <= MOST_WORDS ? words : null;

/** Reads overrides by type, the first of several names that has one. An empty list is a value: nothing. */
export class OverrideReader {
  constructor(private readonly settings: Overrides['settings']) {}

  text(...names: readonly string[]): Found<string> | null {
    return this.read(names, 'a string that is not empty', (value) => {
      const text = typeof value === 'string' ? value.trim() : '';
      return text === '' ? null : text;
    });
  }

  number(range: NumberRange, ...names: readonly string[]): Found<number> | null {
    return this.read(names, describeRange(range), (value) =>
      typeof value === 'number' && inRange(value, range) ? value : null,
    );
  }

  list(...names: readonly string[]): Found<readonly string[]> | null {
    return this.read(names, `a list of at most ${String(MOST_WORDS)} strings that are not empty`, (value) => {
      if (typeof value === 'string') return fewEnough(wordsOf(value));
      if (!Array.isArray(value)) return null;
      const entries: readonly unknown[] = value;
      const words = entries.map((entry) => (typeof entry === 'string' ? entry.trim() : ''));
      return words.includes('') ? null : fewEnough(words);
    });
  }

  flag(...names: readonly string[]): Found<boolean> | null {
    return this.read(names, 'true or false, without quotes', (value) =>
      typeof value === 'boolean' ? value : null,
    );
  }

  fail(name: string, wanted: string): never {
    throw new SettingsError(
      `the override ${shownName(name)} has a wrong value`,
      `It must be ${wanted}; or delete it`,
    );
  }

  private read<Value>(
    names: readonly string[],
    wanted: string,
    take: (value: OverrideValue) => Value | null,
  ): Found<Value> | null {
    const variable = names.find((name) => Object.hasOwn(this.settings, name));
    const stated = variable === undefined ? undefined : this.settings[variable];
    if (variable === undefined || stated === undefined) return null;
    return { value: take(stated) ?? this.fail(variable, wanted), variable, origin: 'override' };
  }
}
