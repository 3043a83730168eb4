import { Claim } from './claim';
import { hitsIn, LineRange, normalised, Searchable, searchable } from './search';
import { SourceFile, splitLines } from './source';

export const WITHHELD_REASONS = [
  'unknown_file',
  'too_short',
  'quote_not_found',
  'too_long',
  'duplicate',
  'over_limit',
] as const;
export type WithheldReason = (typeof WITHHELD_REASONS)[number];

export type Grounding =
  | {
      readonly grounded: true;
      readonly file: SourceFile;
      readonly range: LineRange;
      readonly how: 'exact' | 'normalised';
    }
  | {
      readonly grounded: false;
      readonly file: SourceFile | null;
      readonly reason: WithheldReason;
      readonly detail: string;
    };

export const MIN_QUOTE_CHARACTERS = 8;
/** A quote over line ends may differ in where they stand only when it is too long to fit by chance. */
const MIN_REFLOWED_CHARACTERS = 24;
/** A quote on a minified line would otherwise print the whole file, once per finding. */
const MAX_SHOWN_CHARACTERS = 8000;

interface IndexedFile {
  readonly source: SourceFile;
  readonly exact: Searchable;
  readonly normal: Searchable;
}

/**
 * Looks quotes up in the files of one audit. The quote is the anchor; the claimed line only chooses between
 * several places. Nothing that is merely similar counts: a similarity of 0.98 still accepts `!==` for `===`.
 */
export class Grounder {
  private readonly indexed = new Map<SourceFile, IndexedFile>();

  constructor(private readonly files: readonly SourceFile[]) {}

  ground(claim: Claim): Grounding {
    const found = resolvePath(claim.file, this.files);
    if (found.length !== 1 || found[0] === undefined) return unknownFile(found.length);
    const [source] = found;
    const quotes = readingsOf(claim.quote).filter((quote) => sizeOf(quote) >= MIN_QUOTE_CHARACTERS);
    if (quotes.length === 0) return withhold(source, 'too_short', TOO_SHORT);
    return lookUp(this.index(source), quotes, claim.line);
  }

  private index(source: SourceFile): IndexedFile {
    const known = this.indexed.get(source);
    if (known !== undefined) return known;
    const indexed = {
      source,
      exact: searchable(source.lines),
      normal: searchable(source.lines.map(normalised), { skipBlank: true }),
    };
    this.indexed.set(source, indexed);
    return indexed;
  }
}

const TOO_SHORT = `The quote has fewer than ${String(MIN_QUOTE_CHARACTERS)} characters, so it could stand anywhere.`;

const withhold = (file: SourceFile | null, reason: WithheldReason, detail: string): Grounding => ({
  grounded: false,
  file,
  reason,
  detail,
});

function unknownFile(matches: number): Grounding {
  const detail =
    matches === 0
      ? 'The answer names a file that is not part of the input.'
      : `The answer names a path that fits ${String(matches)} files of the input.`;
  return withhold(null, 'unknown_file', detail);
}

function lookUp(
  { source, exact, normal }: IndexedFile,
  quotes: readonly string[],
  line: number | null,
): Grounding {
  const [asWritten = ''] = quotes;
  const range = nearest(hitsIn(exact, asWritten), line);
  if (range !== null) return shown({ grounded: true, file: source, range, how: 'exact' });
  for (const quote of quotes) {
    const needle = splitLines(quote).map(normalised).filter(Boolean).join('\n');
    const hits = hitsIn(normal, needle);
    const flat =
      needle.length < MIN_REFLOWED_CHARACTERS ? [] : hitsIn(normal.flat(), needle.replaceAll('\n', ' '));
    const normalRange = nearest(hits.length > 0 ? hits : flat, line);
    if (normalRange !== null)
      return shown({ grounded: true, file: source, range: normalRange, how: 'normalised' });
  }
  return withhold(source, 'quote_not_found', `The quoted text does not stand in ${source.path}.`);
}

function shown(grounding: Extract<Grounding, { grounded: true }>): Grounding {
  const { file, range } = grounding;
  if (linesOf(file, range).length <= MAX_SHOWN_CHARACTERS) return grounding;
  const limit = String(MAX_SHOWN_CHARACTERS);
  return withhold(file, 'too_long', `The quoted lines of ${file.path} have more than ${limit} characters.`);
}

/** Our own full lines: what a finding shows is never the model's text. */
export const linesOf = ({ lines }: SourceFile, { start, end }: LineRange): string =>
  lines.slice(start - 1, end).join('\n');

function nearest(hits: readonly LineRange[], line: number | null): LineRange | null {
  const distance = (hit: LineRange): number => (line === null ? 0 : Math.abs(hit.start - line));
  return hits.reduce<LineRange | null>(
    (best, hit) => (best === null || distance(hit) < distance(best) ? hit : best),
    null,
  );
}

const sizeOf = (quote: string): number => normalised(quote).length;

/** The quote as written, then without what models wrap around quotes: fences, backticks, line numbers. */
function readingsOf(quote: string): string[] {
  const written = trimBlankLines(splitLines(quote)).join('\n');
  const readings = [
    written,
    withoutFence(written),
    withoutNumbers(written),
    withoutNumbers(withoutFence(written)),
  ];
  return [...new Set(readings)];
}

function trimBlankLines(lines: readonly string[]): readonly string[] {
  const first = lines.findIndex((line) => line.trim() !== '');
  const last = lines.findLastIndex((line) => line.trim() !== '');
  return first < 0 ? [] : lines.slice(first, last + 1);
}

function withoutFence(quote: string): string {
  const fence = /^\s*(`{3,}|~{3,})[^\n`]*\n([\s\S]*)\n\s*\1\s*$/.exec(quote)?.[2];
  return fence ?? /^\s*`([^`]+)`\s*$/.exec(quote)?.[1] ?? quote;
}

/** Only when every line has a number: the tab after it may be lost where the line is empty. */
function withoutNumbers(quote: string): string {
  const lines = splitLines(quote);
  const numbered = lines.every((line) => /^\s*\d+(\t|\s*$)/.test(line) || line.trim() === '');
  return numbered && quote.includes('\t')
    ? lines.map((line) => line.replace(/^\s*\d+(\t|\s*$)/, '')).join('\n')
    : quote;
}

/** Exact, else as it would be written with another root: the one file whose path ends like the claimed one. */
function resolvePath(claimed: string, files: readonly SourceFile[]): readonly SourceFile[] {
  const bare = claimed.replace(/^[\s`'"]+|[\s`'"]+$/g, '').replaceAll('\\', '/');
  for (const path of [claimed, bare, bare.replace(/:L?\d+(?:[-:]L?\d+)*$/, '')]) {
    const exact = files.filter((file) => file.path === path);
    if (exact.length > 0) return exact;
    const tail = path.replace(/^(?:\.{0,2}\/)+/, '');
    const alike = files.filter(
      (file) => tail !== '' && (`/${file.path}`.endsWith(`/${tail}`) || `/${tail}`.endsWith(`/${file.path}`)),
    );
    if (alike.length > 0) return alike;
  }
  return [];
}
