import { editDistance } from '@longhaul/contract';

/** The entry that is at most two edits away (a third of the word at most), or null. For "did you mean". */
export function nearest(word: string, entries: readonly string[]): string | null {
  const limit = Math.min(2, Math.floor(word.length / 3));
  let best: { readonly entry: string; readonly edits: number } | null = null;
  for (const entry of entries) {
    const edits = editDistance(word.toLowerCase(), entry.toLowerCase());
    if (edits <= limit && (best === null || edits < best.edits)) best = { entry, edits };
  }
  return best?.entry ?? null;
}
