import { codeOf, Language } from './code-text';
import { SourceFile } from './fenced-source';
import { Pattern, quoteOf, Sighting } from './pattern';

const BRACES: readonly Language[] = ['script', 'typescript', 'braces'];
const LONGEST_FUNCTION = 60;

const found = (sightings: readonly (Sighting | null)[]): readonly Sighting[] =>
  sightings.filter((sighting) => sighting !== null);

/** `catch {}` on one line, or a catch whose next line closes it. A comment inside is a reason, and reasons are accepted. */
function emptyCatches(file: SourceFile): readonly Sighting[] {
  return found(
    file.lines.map((line, at) => {
      if (/^\s*(?:\/\/|\/?\*)/.test(line.text)) return null;
      if (/\bcatch\s*(?:\([^)]*\))?\s*\{\s*\}/.test(line.text)) return quoteOf(file, at);
      const opens = /\bcatch\s*(?:\([^)]*\))?\s*\{\s*$/.test(line.text);
      return opens && /^\s*\}/.test(file.lines[at + 1]?.text ?? '') ? quoteOf(file, at, 2) : null;
    }),
  );
}

function passedExceptions(file: SourceFile): readonly Sighting[] {
  return found(
    file.lines.map((line, at) => {
      const isHandler = /^\s*except\b.*:\s*$/.test(line.text);
      return isHandler && /^\s*pass\s*$/.test(file.lines[at + 1]?.text ?? '') ? quoteOf(file, at, 2) : null;
    }),
  );
}

const KEYWORD = /^\s*(?:if|for|while|switch|catch|else|do|try|with|return|throw|await|new)\b/;
const FUNCTION_START: Partial<Record<Language, RegExp>> = {
  script:
    /\bfunction\b|^\s*(?:(?:async|static|get|set)\s+)*[#\w$]+\s*\([^;]*\)\s*\{\s*$|=\s*(?:async\s*)?\([^;]*=>\s*\{\s*$/,
  typescript:
    /\bfunction\b|^\s*(?:(?:async|static|get|set|public|private|protected|override)\s+)*[#\w$]+(?:<[^>]*>)?\s*\([^;]*\)\s*(?::[^;]+)?\{\s*$|=\s*(?:async\s*)?\([^;]*=>\s*\{\s*$/,
  braces: /^\s*(?:pub\s+)?(?:func|fn|fun)\s|^\s*(?:[\w<>[\],*&:]+\s+)+[\w:~]+\s*\([^;]*\)[^;]*\{\s*$/,
};

/** The index of the line that closes the block opened at `start`; null when its braces do not balance. */
function blockEnd(file: SourceFile, start: number, language: Language): number | null {
  let depth = 0;
  for (let at = start; at < file.lines.length; at += 1) {
    for (const sign of codeOf(file.lines[at]?.text ?? '', language).match(/[{}]/g) ?? []) {
      depth += sign === '{' ? 1 : -1;
      if (depth <= 0) return depth === 0 ? at : null;
    }
  }
  return null;
}

function longBlocks(file: SourceFile, language: Language): readonly Sighting[] {
  const starts = FUNCTION_START[language];
  return found(
    file.lines.map((line, at) => {
      const code = codeOf(line.text, language);
      if (starts === undefined || KEYWORD.test(code) || !starts.test(code)) return null;
      const end = blockEnd(file, at, language);
      return end !== null && end - at + 1 > LONGEST_FUNCTION ? quoteOf(file, at) : null;
    }),
  );
}

const indentOf = (text: string): number => text.length - text.trimStart().length;

function longDefinitions(file: SourceFile): readonly Sighting[] {
  return found(
    file.lines.map((line, at) => {
      if (!/^\s*(?:async\s+)?def\s/.test(line.text)) return null;
      const indent = indentOf(line.text);
      const rest = file.lines.slice(at + 1);
      const next = rest.findIndex(
        ({ text }) => text.trim() !== '' && !/^\s*\)/.test(text) && indentOf(text) <= indent,
      );
      return (next === -1 ? rest.length : next) >= LONGEST_FUNCTION ? quoteOf(file, at) : null;
    }),
  );
}

const SWALLOWED = {
  title: 'Error swallowed',
  severity: 'medium',
  explanation:
    'The error is caught and forgotten: the caller goes on as if all were well. Handle it, pass it on, or say in a comment why it does not matter.',
} as const;

const TOO_LONG = {
  title: `Function of more than ${LONGEST_FUNCTION} lines`,
  severity: 'low',
  explanation: 'It does several things that could each have a name and a test. Split it by concern.',
} as const;

/** Habits that show over several lines. */
export const BLOCK_PATTERNS: readonly Pattern[] = [
  { ...SWALLOWED, languages: BRACES, find: emptyCatches },
  { ...SWALLOWED, languages: ['python'], find: passedExceptions },
  { ...TOO_LONG, languages: BRACES, find: longBlocks },
  { ...TOO_LONG, languages: ['python'], find: longDefinitions },
];
