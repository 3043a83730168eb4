import { readFileSync } from 'node:fs';
import { parse, TomlError } from 'smol-toml';
import { SettingsError } from './settings-error';

/** One entry of an array of tables (`[[provider]]`), or with an empty name the top of the file. */
export interface TablePlace {
  readonly table: string;
  readonly index: number;
}

export const TOP: TablePlace = { table: '', index: 0 };

export type TomlTable = Readonly<Record<string, unknown>>;

export const isTable = (value: unknown): value is TomlTable =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  [null, Object.prototype].includes(Object.getPrototypeOf(value));

/** A parsed file that still knows its lines. */
export interface TomlFile {
  /** As it is shown in messages. */
  readonly shown: string;
  readonly text: string;
  readonly top: TomlTable;
}

/** Reads a TOML file; null when there is none. */
export function readTomlFile(path: string, shown: string): TomlFile | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new SettingsError(
      `the file cannot be read (${(fault as NodeJS.ErrnoException).code ?? 'unknown fault'})`,
      'Make it a file that this user may read',
      { file: shown },
    );
  }
  return parseToml(text, shown);
}

export function parseToml(text: string, shown: string): TomlFile {
  try {
    return { shown, text, top: parse(text) };
  } catch (fault) {
    if (!(fault instanceof TomlError)) throw fault;
    // Only the first line of the parser's message: the rest quotes the file, and a line there may hold a key.
    const reason = (fault.message.split('\n')[0] ?? '').replace('Invalid TOML document: ', '');
    throw new SettingsError(
      `this is not valid TOML at column ${fault.column}: ${reason}`,
      'Correct this line; a string needs quotes, a list needs [ ], and each key stands once',
      { file: shown, line: fault.line },
    );
  }
}

const HEADER = /^\s*\[\[?\s*([\w.-]+)\s*\]/;
const ASSIGNMENT = /^\s*["']?([\w-]+)["']?\s*[.=]/;

/** The line of a table's header stands under this name; no key has it. */
const HEADER_LINE = '';

/**
 * The line of each key of one table. The parser gives no positions, so this reads the text again: headers and
 * `key =`, but nothing inside a multi-line string, which could hold either.
 */
function linesOf(text: string, place: TablePlace): ReadonlyMap<string, number> {
  const found = new Map<string, number>([[HEADER_LINE, firstLineWith(text, place)]]);
  const note = (key: string, line: number): unknown => found.has(key) || found.set(key, line);
  let entries = 0;
  let within = place.table === '';
  let quotes: string | null = null;
  for (const [index, content] of text.split('\n').entries()) {
    const insideString = quotes !== null;
    quotes = quotesAfter(content, quotes);
    if (insideString) continue;
    const header = HEADER.exec(content)?.[1];
    const key = ASSIGNMENT.exec(content)?.[1];
    if (header !== undefined) {
      if (header === place.table) entries += 1;
      const below = belowOf(header, place.table);
      within = place.table !== '' && below !== null && entries === place.index + 1;
      if (within && below === '') found.set(HEADER_LINE, index + 1);
      if ((within || place.table === '') && below !== null && below !== '') note(below, index + 1);
    } else if (within && key !== undefined) note(key, index + 1);
  }
  return found;
}

/** Where a table stands that has no header of its own: the first line with its name, else the first. */
function firstLineWith(text: string, { table }: TablePlace): number {
  const name = table.split('.')[1];
  const index = name === undefined ? 0 : text.split('\n').findIndex((line) => line.includes(name));
  return Math.max(0, index) + 1;
}

/** The key below a table that a header opens; empty = the table itself, null = another table. */
function belowOf(header: string, table: string): string | null {
  if (header === table) return '';
  if (table === '') return header.split('.')[0] ?? null;
  return header.startsWith(`${table}.`) ? (header.slice(table.length + 1).split('.')[0] ?? null) : null;
}

/** The line of the first of these keys that the table has, else of its header, else 1. */
export function lineOf(text: string, place: TablePlace, ...keys: readonly string[]): number {
  const lines = linesOf(text, place);
  return [...keys, HEADER_LINE].map((key) => lines.get(key)).find((line) => line !== undefined) ?? 1;
}

function quotesAfter(line: string, open: string | null): string | null {
  let still = open;
  for (const mark of line.match(/"""|'''/g) ?? []) {
    if (still === null) still = mark;
    else if (still === mark) still = null;
  }
  return still;
}
