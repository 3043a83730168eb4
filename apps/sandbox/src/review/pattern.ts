import { Language } from './code-text';
import { SourceFile } from './fenced-source';

export type Severity = 'low' | 'medium' | 'high';

/** What a pattern says wherever it is found. */
export interface Remark {
  readonly title: string;
  readonly severity: Severity;
  readonly explanation: string;
}

/** A place in a file; `quote` is cut out of the prompt, never composed. */
export interface Sighting {
  readonly line: number;
  readonly quote: string;
}

/** One habit worth a remark. One entry in review/line-patterns.ts or review/block-patterns.ts. */
export interface Pattern extends Remark {
  readonly languages: readonly Language[] | 'all';
  find(file: SourceFile, language: Language): readonly Sighting[];
}

const LONGEST_LINE = 300;
const SHORTEST_QUOTE = 8;

/** The quote of some lines in a row: exactly as they stand, without the outer blanks. Null when it would prove nothing. */
export function quoteOf(file: SourceFile, from: number, count = 1): Sighting | null {
  const lines = file.lines.slice(from, from + count);
  const first = lines[0];
  const quote = lines
    .map((line) => line.text)
    .join('\n')
    .trim();
  const isMinified = lines.some((line) => line.text.length > LONGEST_LINE);
  if (first === undefined || isMinified || quote.length < SHORTEST_QUOTE) return null;
  return { line: first.number, quote };
}
