/** 1-based, both ends included. */
export interface LineRange {
  readonly start: number;
  readonly end: number;
}

/** Lines joined to one text in which an offset can be turned back into a line number. */
export interface Searchable {
  readonly text: string;
  /** Offsets at which the lines begin, ascending, and the number of each. */
  readonly starts: readonly number[];
  readonly numbers: readonly number[];
  /** The same with spaces for line ends; offsets stay. */
  flat(): Searchable;
}

/** A line with its white space collapsed: what formatting may change without changing what is said. */
export const normalised = (line: string): string => line.trim().replace(/\s+/g, ' ');

export function searchable(lines: readonly string[], { skipBlank = false } = {}): Searchable {
  const kept = lines
    .map((line, index) => ({ line, number: index + 1 }))
    .filter(({ line }) => !skipBlank || line !== '');
  const starts: number[] = [];
  let offset = 0;
  for (const { line } of kept) {
    starts.push(offset);
    offset += line.length + 1;
  }
  const text = kept.map(({ line }) => line).join('\n');
  const numbers = kept.map(({ number }) => number);
  const build = (joined: string): Searchable => ({ text: joined, starts, numbers, flat });
  let flattened: Searchable | null = null;
  const flat = (): Searchable => (flattened ??= build(text.replaceAll('\n', ' ')));
  return build(text);
}

/** Every place where the needle stands as whole tokens, as the lines that it touches. */
export function hitsIn(place: Searchable, needle: string): LineRange[] {
  const hits: LineRange[] = [];
  if (needle === '') return hits;
  for (let at = place.text.indexOf(needle); at >= 0; at = place.text.indexOf(needle, at + 1)) {
    if (!standsAlone(place.text, at, needle)) continue;
    hits.push({ start: lineAt(place, at), end: lineAt(place, at + needle.length - 1) });
  }
  return hits;
}

const WORD = /^[\p{L}\p{N}\p{M}_$]/u;
const OPERATOR = /^[=!<>&|+*/%^~?:-]/;

/** False when the needle begins or ends inside a token: `== null` does not stand in `!== null`, nor `id` in `void`. */
function standsAlone(text: string, at: number, needle: string): boolean {
  const end = at + needle.length;
  return (
    !sameToken(lastCharacter(text.slice(Math.max(0, at - 2), at)), needle) &&
    !sameToken(lastCharacter(needle.slice(-2)), text.slice(end, end + 2))
  );
}

const lastCharacter = (text: string): string => Array.from(text).at(-1) ?? '';

const sameToken = (before: string, after: string): boolean =>
  (WORD.test(before) && WORD.test(after)) || (OPERATOR.test(before) && OPERATOR.test(after));

function lineAt({ starts, numbers }: Searchable, offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return numbers[low] ?? 1;
}
