/** The entry that is at most two edits away (a third of the word at most), or null. For "did you mean". */
export function nearest(word: string, entries: readonly string[]): string | null {
  const limit = Math.min(2, Math.floor(word.length / 3));
  let best: { readonly entry: string; readonly edits: number } | null = null;
  for (const entry of entries) {
    const edits = editsBetween(word.toLowerCase(), entry.toLowerCase());
    if (edits <= limit && (best === null || edits < best.edits)) best = { entry, edits };
  }
  return best?.entry ?? null;
}

/** Levenshtein's distance, one row at a time. */
function editsBetween(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (const [line, letter] of [...left].entries()) {
    const next = [line + 1];
    for (const [column, other] of [...right].entries()) {
      const change = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(change, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}
