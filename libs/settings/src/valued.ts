import { Found } from './environment-reader';
import { Origin } from './settings';
import { Place, SettingsError } from './settings-error';
import { TableReader } from './table-reader';

/** A value with its origin, and with how a complaint about it names it. */
export interface Valued<Value> {
  readonly value: Value;
  readonly origin: Origin;
  /** The variable, or `file:line`; null for an override and for a built-in value. */
  readonly place: string | null;
  readonly subject: string;
  readonly at: Place;
}

export const builtIn = <Value>(name: string, value: Value): Valued<Value> => ({
  value,
  origin: 'built-in',
  place: null,
  subject: name,
  at: {},
});

export const fromFound = <Value>({ value, variable, origin }: Found<Value>): Valued<Value> => ({
  value,
  origin,
  place: origin === 'override' ? null : variable,
  subject: origin === 'override' ? `the override ${variable}` : variable,
  at: {},
});

export function fromFile<Value>(reader: TableReader, key: string, value: Value): Valued<Value> {
  const at = reader.placeOf(key);
  const place = [at.file, at.line].filter((part) => part !== undefined).join(':');
  return { value, origin: 'file', place, subject: `"${key}"`, at };
}

/** What stops the boot: `<subject> <problem>. <fix>`, with the place. */
export function refuse(valued: Valued<unknown>, problem: string, fix: string): never {
  throw new SettingsError(`${valued.subject} ${problem}`, fix, valued.at);
}
