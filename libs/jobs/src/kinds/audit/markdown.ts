/**
 * Text for a Markdown document. What a model wrote must stay text: no HTML, link, image or autolink may come of
 * it, and no control character may reach the terminal that prints the report.
 */
export function escapeText(text: string): string {
  return showInvisible(text.replace(/\s+/g, ' ').trim())
    .replace(/[\\`*[\]{}|~$]/g, '\\$&')
    .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\_')
    .replace(/(?<=\])\(/g, '\\(')
    .replace(/&(?=#|[A-Za-z])/g, '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('://', '\\://')
    .replace(/\bwww\./gi, (word) => `${word.slice(0, -1)}\\.`)
    .replace(/(?<=[\w.+-])@(?=\w)/g, '@\u200B')
    .replace(/^(?=[-+#=:])/, '\\')
    .replace(/^(\d+)(?=[.)])/, '$1\\');
}

/** Our own words and the caller's paths as code: nothing inside is rendered. */
export function codeSpan(text: string): string {
  const shown = showInvisible(text.replace(/\s+/g, ' '));
  const ticks = '`'.repeat(longestRun(shown) + 1);
  return shown.startsWith('`') || shown.endsWith('`')
    ? `${ticks} ${shown} ${ticks}`
    : `${ticks}${shown}${ticks}`;
}

/** The same inside a table, where a bar ends the cell even in code. */
export const codeCell = (text: string): string => codeSpan(text).replaceAll('|', '\\|');

/** Source lines in a fence that is longer than any run of backticks inside. */
export function fencedBlock(text: string): string {
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1));
  return [fence, showInvisible(text), fence].join('\n');
}

const longestRun = (text: string): number =>
  [...text.matchAll(/`+/g)].reduce((longest, [run]) => Math.max(longest, run.length), 0);

/** Control, direction and zero-width characters as `\u{…}`: they steer terminals and hide text from readers. */
export const showInvisible = (text: string): string =>
  text.replace(/[^\P{C}\n\t\uFFFD]|[\p{Zl}\p{Zp}]/gu, (character) =>
    /\p{Co}|\p{Cn}/u.test(character)
      ? character
      : `\\u{${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}}`,
  );
