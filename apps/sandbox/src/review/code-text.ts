/** How a language writes comments, as far as the reviewer's patterns need it. */
export type Language = 'script' | 'typescript' | 'python' | 'braces' | 'shell' | 'other';

const LANGUAGE_OF: Readonly<Record<string, Language>> = {
  ...{ js: 'script', jsx: 'script', mjs: 'script', cjs: 'script' },
  ...{ ts: 'typescript', tsx: 'typescript', mts: 'typescript', cts: 'typescript' },
  ...{ py: 'python', sh: 'shell', bash: 'shell' },
  ...{ java: 'braces', kt: 'braces', cs: 'braces', go: 'braces', rs: 'braces', c: 'braces', h: 'braces' },
  ...{ cc: 'braces', cpp: 'braces', hpp: 'braces', php: 'braces', swift: 'braces', scala: 'braces' },
};

const PROSE = new Set(['md', 'txt', 'rst', 'adoc', 'html', 'json', 'lock', 'svg']);

const extensionOf = (path: string): string => /\.(\w+)$/.exec(path)?.[1]?.toLowerCase() ?? '';

export const languageOf = (path: string): Language => LANGUAGE_OF[extensionOf(path)] ?? 'other';

/** Prose is not reviewed: its "TODO" is a word, its `==` an example. */
export const isProse = (path: string): boolean => PROSE.has(extensionOf(path));

const STRING = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`/g;
/** A regular expression literal stands where a value may begin. */
const REGEX_LITERAL =
  /(^|[=(,:[!&|?{};]\s*|\breturn\s+)\/(?![/*])(?:[^/\\[\n]|\\.|\[(?:[^\]\\]|\\.)*\])+\/[a-z]*/g;

/** The line's code alone: literals emptied, comment gone. Good for one line at a time, which is all it claims. */
export function codeOf(text: string, language: Language): string {
  if (/^\s*(\*|\/\*)/.test(text)) return '';
  const bare = text.replace(STRING, '""');
  if (language === 'python' || language === 'shell') return bare.replace(/(^|\s)#.*$/, '$1');
  return bare
    .replace(REGEX_LITERAL, '$1""')
    .replace(/\/\/.*$/, '')
    .replace(/\/\*.*?\*\//g, '');
}
