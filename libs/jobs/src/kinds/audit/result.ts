import { Claim, cutText, SEVERITIES, Severity } from './claim';
import { Grounder, Grounding, linesOf, WithheldReason } from './ground';
import { ParsedAnswer } from './parse';
import { SourceFile } from './source';

/** A finding whose quote stands in the input. `quote` is the input's own lines. */
export interface Finding {
  readonly id: string;
  readonly title: string;
  readonly severity: Severity;
  readonly file: string;
  readonly start_line: number;
  readonly end_line: number;
  readonly quote: string;
  readonly explanation: string;
  readonly grounding: 'exact' | 'normalised';
  readonly claimed_line: number | null;
}

/** A claim that is not shown as a finding, and why. `quote` is the model's text. */
export interface Withheld {
  readonly reason: WithheldReason;
  readonly detail: string;
  readonly title: string;
  readonly file: string;
  readonly claimed_line: number | null;
  readonly quote?: string;
}

export interface AuditOutput {
  readonly findings: readonly Finding[];
  readonly withheld: readonly Withheld[];
  readonly note: string | null;
  /** `complete` is false when part of the answer was cut off or could not be read. */
  readonly coverage: { readonly files: number; readonly lines: number; readonly complete: boolean };
  /** `claimed` is the sum of the other three. */
  readonly quality: {
    readonly claimed: number;
    readonly grounded: number;
    readonly withheld: number;
    readonly unreadable: number;
  };
}

const MAX_CLAIMS = 500;
const MAX_WITHHELD_QUOTE = 200;

type Draft = Omit<Finding, 'id'>;

/** Grounds every claim of an answer. Pure: the same input and answer give the same output. */
export function assemble(files: readonly SourceFile[], answer: ParsedAnswer, complete: boolean): AuditOutput {
  const grounder = new Grounder(files);
  const drafts = new Map<string, Draft>();
  const withheld: Withheld[] = [];
  answer.claims.forEach((claim, index) => {
    const grounding = index < MAX_CLAIMS ? grounder.ground(claim) : OVER_LIMIT;
    if (!grounding.grounded) return void withheld.push(withhold(claim, grounding));
    const draft = draftOf(claim, grounding);
    const key = JSON.stringify([draft.file, draft.start_line, draft.end_line, draft.title.toLowerCase()]);
    if (drafts.has(key)) withheld.push(withhold(claim, { ...DUPLICATE, file: grounding.file }));
    else drafts.set(key, draft);
  });
  const findings = [...drafts.values()]
    .sort(byWeight)
    .map((draft, index) => ({ id: `f${String(index + 1)}`, ...draft }));
  return {
    findings,
    withheld,
    note: answer.note,
    coverage: {
      files: files.length,
      lines: files.reduce((sum, file) => sum + file.lines.length, 0),
      complete: complete && answer.unreadable === 0,
    },
    quality: {
      claimed: answer.claims.length + answer.unreadable,
      grounded: findings.length,
      withheld: withheld.length,
      unreadable: answer.unreadable,
    },
  };
}

type Ungrounded = Extract<Grounding, { grounded: false }>;

const OVER_LIMIT: Ungrounded = {
  grounded: false,
  file: null,
  reason: 'over_limit',
  detail: `The answer has more than ${String(MAX_CLAIMS)} findings; the rest was not looked up.`,
};
const DUPLICATE: Ungrounded = {
  grounded: false,
  file: null,
  reason: 'duplicate',
  detail: 'The same finding at the same lines is already listed.',
};

const withhold = (
  { file, title, line, quote }: Claim,
  { file: known, reason, detail }: Ungrounded,
): Withheld => ({
  reason,
  detail,
  title,
  file: known?.path ?? file,
  claimed_line: line,
  quote: cutText(quote, MAX_WITHHELD_QUOTE),
});

function draftOf(claim: Claim, { file, range, how }: Extract<Grounding, { grounded: true }>): Draft {
  return {
    title: claim.title,
    severity: claim.severity,
    file: file.path,
    start_line: range.start,
    end_line: range.end,
    quote: linesOf(file, range),
    explanation: claim.explanation,
    grounding: how,
    claimed_line: claim.line,
  };
}

/** Severity, path, line. Paths by code unit, so that no machine's locale changes the ids. */
function byWeight(one: Draft, other: Draft): number {
  const severity = SEVERITIES.indexOf(one.severity) - SEVERITIES.indexOf(other.severity);
  if (severity !== 0) return severity;
  if (one.file !== other.file) return one.file < other.file ? -1 : 1;
  return one.start_line - other.start_line || one.end_line - other.end_line;
}
