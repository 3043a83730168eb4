/** A file of the input, ready for the prompt and for looking quotes up in it. */
export interface SourceFile {
  readonly path: string;
  /** Without byte order mark and line ends; the last line end makes no empty line. */
  readonly lines: readonly string[];
  /** The lines joined by LF. */
  readonly text: string;
}

export function readSource({ path, content }: { path: string; content: string }): SourceFile {
  const lines = splitLines(content.replace(/^\uFEFF/, ''));
  if (lines.at(-1) === '') lines.pop();
  return { path, lines, text: lines.join('\n') };
}

/** LF and CRLF end a line. A lone CR does not: editors and models count it as part of the line. */
export const splitLines = (text: string): string[] => text.split(/\r?\n/);
