import { codeOf, Language } from './code-text';
import { Pattern, quoteOf, Remark, Sighting } from './pattern';

interface LineRule extends Remark {
  readonly languages: Pattern['languages'];
  /** Where the sign must stand: in the code, in the text as written (for literals), or behind a comment mark. */
  readonly where: 'code' | 'text' | 'comment';
  readonly sign: RegExp;
  /** What takes the remark back. */
  readonly unless?: RegExp;
}

const JAVASCRIPT: readonly Language[] = ['script', 'typescript'];
const COMMENT = /(?:\/\/|\/\*|<!--|(?:^|\s)#|^\s*\*)(.*)$/;
const LITERAL_STRING = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`/g;

/** The comment's words. Strings go first, so that a URL or a "// TODO" inside one is none. */
const commentOf = (text: string): string => COMMENT.exec(text.replace(LITERAL_STRING, '""'))?.[1] ?? '';

const RULES: readonly LineRule[] = [
  {
    title: 'Secret-looking literal in the source',
    severity: 'high',
    explanation:
      'A literal is given to a name that means a credential. Read it from the environment or a secret store, and replace the value that was published.',
    languages: 'all',
    where: 'text',
    sign: /(?:password|passwd|secret|api[_-]?key|access[_-]?key|private[_-]?key|auth[_-]?token|access[_-]?token)\w*["']?(?:\s*:\s*\w+)?\s*[:=]\s*(["'`])[^"'`\s]{8,}\1/i,
    unless: /your[_-]|change_?me|example|placeholder|redacted|\$\{|<\w|process\.env|environ/i,
  },
  {
    title: 'Key of a known vendor in the source',
    severity: 'high',
    explanation: 'The literal has the form of a live key. Revoke it and keep keys out of files.',
    languages: 'all',
    where: 'text',
    sign: /\b(?:AKIA[0-9A-Z]{16}|ghp_[A-Za-z0-9]{36}|sk-[A-Za-z0-9]{32,})\b/,
  },
  {
    title: 'Text is run as code',
    severity: 'high',
    explanation:
      'Whoever can influence the text can run anything. Parse the data, or call a known function instead.',
    languages: ['script', 'typescript', 'python'],
    where: 'code',
    sign: /(?<![.\w])eval\s*\(|\bnew\s+Function\s*\(/,
  },
  {
    title: 'Certificate check switched off',
    severity: 'high',
    explanation: 'The connection is encrypted, but to whoever answers. Trust the right authority instead.',
    languages: 'all',
    where: 'code',
    sign: /rejectUnauthorized\s*:\s*false|\bverify\s*=\s*False\b|InsecureSkipVerify\s*:\s*true/,
  },
  {
    title: 'Shell command built by the shell',
    severity: 'high',
    explanation:
      'A shell reads the arguments again: a quote or a semicolon in them becomes a command. Pass a list of arguments without a shell.',
    languages: 'all',
    where: 'code',
    sign: /\bshell\s*=\s*True\b|\bshell\s*:\s*true\b|\bos\.system\s*\(/,
  },
  {
    title: 'Loose equality',
    severity: 'medium',
    explanation:
      'Both sides are converted before they are compared, so 0, "" and false are equal. Use === or !==.',
    languages: JAVASCRIPT,
    where: 'code',
    sign: /(?<![=!<>])[=!]=(?!=)/,
    unless: /[=!]=\s*(?:null|undefined)\b/,
  },
  {
    title: 'Rejection swallowed',
    severity: 'medium',
    explanation:
      'The promise may fail and nobody will know. Handle the error, or say in a comment why it does not matter.',
    languages: JAVASCRIPT,
    where: 'text',
    sign: /\.catch\(\s*(?:\(\w*\)|\w+)\s*=>\s*(?:\{\s*\}|undefined|null)\s*\)/,
    unless: /\/\//,
  },
  {
    title: 'Every exception caught',
    severity: 'medium',
    explanation:
      'A bare except also catches interrupts and misspelt names. Name the exceptions that are expected.',
    languages: ['python'],
    where: 'code',
    sign: /^\s*except\s*:/,
  },
  {
    title: 'Mutable default argument',
    severity: 'medium',
    explanation: 'The default is made once and shared by all calls. Default to None and make it inside.',
    languages: ['python'],
    where: 'code',
    sign: /^\s*(?:async\s+)?def\s.*=\s*(?:\[\]|\{\})/,
  },
  {
    title: 'Type check given up with any',
    severity: 'low',
    explanation: 'From here on the compiler checks nothing. Name the type, or take unknown and narrow it.',
    languages: ['typescript'],
    where: 'code',
    sign: /:\s*any\b|\bas\s+any\b|<any>/,
  },
  {
    title: 'Checker silenced',
    severity: 'low',
    explanation:
      'The complaint is hidden, its cause is not. Repair the cause, or give the reason on the same line.',
    languages: 'all',
    where: 'comment',
    sign: /^\s*(?:@ts-ignore|@ts-nocheck|eslint-disable(?!.*--)|noqa\b|type:\s*ignore)/,
  },
  {
    title: 'Debug output left in',
    severity: 'low',
    explanation: 'It writes past the log, its levels and its redaction.',
    languages: JAVASCRIPT,
    where: 'code',
    sign: /\bconsole\.(?:log|debug|dir)\s*\(|^\s*debugger\s*;/,
  },
  {
    title: 'Debugger left in',
    severity: 'medium',
    explanation: 'The process stops here and waits for a person.',
    languages: ['python'],
    where: 'code',
    sign: /^\s*(?:breakpoint\(\)|import i?pdb\b)/,
  },
  {
    title: 'Failure turned into a panic',
    severity: 'low',
    explanation: 'An error that could be returned ends the thread. Use ? or match.',
    languages: ['braces'],
    where: 'code',
    sign: /\.unwrap\(\)/,
  },
  {
    title: 'Unfinished work noted in a comment',
    severity: 'low',
    explanation: 'The author marked this place as not done. Do it, or move it to where work is planned.',
    languages: 'all',
    where: 'comment',
    sign: /\b(?:TODO|FIXME|HACK|XXX)\b/,
  },
];

function lookIn(rule: LineRule, text: string, language: Language): boolean {
  const part = { code: () => codeOf(text, language), text: () => text, comment: () => commentOf(text) }[
    rule.where
  ]();
  return rule.sign.test(part) && !(rule.unless?.test(part) ?? false);
}

const toPattern = (rule: LineRule): Pattern => ({
  ...rule,
  find: (file, language) =>
    file.lines
      .map((line, at): Sighting | null =>
        lookIn(rule, line.text, language) ? (quoteOf(file, at) ?? quoteOf(file, at, 2)) : null,
      )
      .filter((sighting) => sighting !== null),
});

/** Habits that one line shows. */
export const LINE_PATTERNS: readonly Pattern[] = RULES.map(toPattern);
