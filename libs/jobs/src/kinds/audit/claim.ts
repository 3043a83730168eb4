import { toStorableText } from '@longhaul/contract';

export const SEVERITIES = ['critical', 'high', 'medium', 'low'] as const;
/** Worst first. */
export type Severity = (typeof SEVERITIES)[number];

/** One finding as the model states it; nothing in it is checked against the files yet. */
export interface Claim {
  readonly file: string;
  readonly line: number | null;
  readonly quote: string;
  readonly title: string;
  readonly severity: Severity;
  readonly explanation: string;
}

const MAX_TITLE = 120;
const MAX_EXPLANATION = 1200;
const MAX_FILE = 400;

const SYNONYMS: Readonly<Record<Severity, readonly string[]>> = {
  critical: ['critical', 'blocker', 'fatal', 'severe'],
  high: ['high', 'major', 'error', 'important'],
  medium: ['medium', 'moderate', 'warning', 'warn', 'normal'],
  low: ['low', 'minor', 'info', 'informational', 'note', 'nit', 'trivial', 'style', 'none'],
};

/** Reads one item of the answer; null when it lacks what a finding cannot do without. */
export function readClaim(item: unknown): Claim | null {
  if (typeof item !== 'object' || item === null) return null;
  const { file, line, quote, title, severity, explanation } = item as Readonly<Record<string, unknown>>;
  const [path, told, why] = [textOf(file), textOf(title), textOf(explanation)];
  if (path === '' || typeof quote !== 'string' || quote.trim() === '') return null;
  if (told === '' && why === '') return null;
  return {
    file: cutText(path, MAX_FILE),
    line: readLine(line),
    quote: toStorableText(quote),
    title: cutText((told || why).replace(/\s+/g, ' '), MAX_TITLE),
    severity: readSeverity(severity),
    explanation: cutText(why, MAX_EXPLANATION),
  };
}

/** At most `max` characters, ending in an ellipsis when it was longer, never in half a character. */
export function cutText(text: string, max: number): string {
  if (text.length <= max) return text;
  return `${text.slice(0, max - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

const textOf = (value: unknown): string => (typeof value === 'string' ? toStorableText(value).trim() : '');

/** Models write 12, "12", "L12" and "12-15". */
function readLine(line: unknown): number | null {
  const digits = /\d{1,9}/.exec(
    typeof line === 'number' || typeof line === 'string' ? String(line) : '',
  )?.[0];
  const number = Number(digits ?? 0);
  return number >= 1 ? number : null;
}

/** A word that is not known is taken for `medium`: neither hidden at the end nor shouted at the top. */
function readSeverity(severity: unknown): Severity {
  const word = textOf(severity).toLowerCase();
  return SEVERITIES.find((known) => SYNONYMS[known].includes(word)) ?? 'medium';
}
