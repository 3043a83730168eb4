import { toStorableText } from '@longhaul/contract';
import { Claim, cutText, readClaim } from './claim';
import { endOfObject, parseLoosely } from './json-repair';

/** What could be read of the model's answer. */
export interface ParsedAnswer {
  readonly claims: readonly Claim[];
  /** Items that were there but could not be read, a cut-off one included. */
  readonly unreadable: number;
  readonly note: string | null;
  /** False when the answer ends inside the list of findings. */
  readonly closed: boolean;
}

interface Items {
  readonly values: readonly unknown[];
  readonly broken: number;
  readonly closed: boolean;
  readonly note: unknown;
}

const MAX_NOTE = 2000;
/** Each broken item is read to its end more than once; without a bound a hostile answer could hold the process. */
const MAX_BROKEN_ITEMS = 100;
/** Unescaped, so that the same words inside a quote do not count. */
const LIST_START = /(?<!\\)"findings"\s*:\s*\[/g;
const ITEM_START = /\{\s*"(?:file|line|quote|title|severity|explanation)"\s*:/g;

/**
 * Reads the findings out of an answer: the whole object, else item by item out of fences, prose, several objects
 * and cut-off text. Null when there is no list of findings in it.
 */
export function parseAnswer(text: string): ParsedAnswer | null {
  const body = text.replace(/^\uFEFF/, '').replace(/^\s*<think>[\s\S]*?<\/think>/, '');
  const items = readWhole(body) ?? readLists(body) ?? readBareItems(body);
  if (items === null) return null;
  const claims = items.values.map(readClaim);
  const readable = claims.filter((claim) => claim !== null);
  return {
    claims: readable,
    unreadable: items.broken + claims.length - readable.length,
    note:
      typeof items.note === 'string' ? cutText(toStorableText(items.note).trim(), MAX_NOTE) || null : null,
    closed: items.closed,
  };
}

function readWhole(body: string): Items | null {
  const value = parseLoosely(body.slice(body.indexOf('{'), body.lastIndexOf('}') + 1));
  if (typeof value !== 'object' || value === null || !('findings' in value)) return null;
  if (!Array.isArray(value.findings)) return null;
  return { values: value.findings, broken: 0, closed: true, note: 'note' in value ? value.note : null };
}

/** Every list counts: a model that answers twice must not have the first answer lost. */
function readLists(body: string): Items | null {
  const lists: Items[] = [];
  let readTo = 0;
  for (const match of body.matchAll(LIST_START)) {
    if (match.index < readTo) continue;
    const { end, ...items } = readItems(body, match.index + match[0].length);
    readTo = end;
    lists.push({ ...items, note: noteAt(body.slice(end)) });
  }
  if (lists.length === 0) return null;
  return {
    values: lists.flatMap((list) => list.values),
    broken: lists.reduce((sum, list) => sum + list.broken, 0),
    closed: lists.every((list) => list.closed),
    note: lists.map((list) => list.note).find((note) => note !== null) ?? null,
  };
}

/** A list without its object. Only findings count here: `[]` or any other JSON says nothing about an audit. */
function readBareItems(body: string): Items | null {
  const first = nextItem(body, 0);
  if (first === null) return null;
  const items = readItems(body, first);
  return items.values.some((value) => readClaim(value) !== null) ? { ...items, note: null } : null;
}

function readItems(text: string, from: number): Omit<Items, 'note'> & { readonly end: number } {
  const values: unknown[] = [];
  let broken = 0;
  let at = from;
  while (broken < MAX_BROKEN_ITEMS) {
    const step = text.slice(at).search(/[{\]]/);
    if (step < 0) return { values, broken, closed: false, end: text.length };
    at += step;
    if (text.charAt(at) === ']') return { values, broken, closed: true, end: at + 1 };
    const end = endOfObject(text, at);
    const value = end === null ? undefined : parseLoosely(text.slice(at, end));
    if (value !== undefined && end !== null) {
      values.push(value);
      at = end;
      continue;
    }
    // One stray quotation mark swallows all that follows, so the next item is found by how items begin.
    broken++;
    at = nextItem(text, at + 1) ?? text.length;
  }
  return { values, broken, closed: false, end: text.length };
}

function nextItem(text: string, from: number): number | null {
  ITEM_START.lastIndex = from;
  return ITEM_START.exec(text)?.index ?? null;
}

function noteAt(rest: string): unknown {
  const literal = /^\s*,\s*"note"\s*:\s*("(?:[^"\\]|\\[\s\S])*")/.exec(rest)?.[1];
  return literal === undefined ? null : (parseLoosely(literal) ?? null);
}
