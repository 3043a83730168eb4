/** One line of a source file as the prompt numbered it. */
export interface SourceLine {
  readonly number: number;
  readonly text: string;
}

export interface SourceFile {
  readonly path: string;
  readonly lines: readonly SourceLine[];
}

const OPENING = /^<<<FILE path="(.*)" nonce="([^"]+)">>>$/;
const NUMBERED = /^(\d+)\t(.*)$/s;

export const hasFencedFiles = (prompt: string): boolean =>
  prompt.split('\n').some((line) => OPENING.test(line));

/**
 * Reads the files out of an audit prompt: each stands between `<<<FILE path="…" nonce="…">>>` and the END line of
 * the same nonce, every line as `N<TAB>text`. Whatever a file says inside its fence is text, never a fence.
 */
export function readFencedFiles(prompt: string): readonly SourceFile[] {
  const files: SourceFile[] = [];
  let open: { readonly end: string; readonly lines: SourceLine[] } | null = null;
  for (const line of prompt.split('\n')) {
    if (open !== null) {
      const numbered = NUMBERED.exec(line);
      if (line === open.end) open = null;
      else if (numbered !== null) open.lines.push({ number: Number(numbered[1]), text: numbered[2] ?? '' });
      continue;
    }
    const opening = OPENING.exec(line);
    if (opening === null) continue;
    open = { end: `<<<END nonce="${opening[2] ?? ''}">>>`, lines: [] };
    files.push({ path: opening[1] ?? '', lines: open.lines });
  }
  return files;
}
