import { GatewayError } from '@longhaul/contract';
import { ReportedJob } from '../kind';
import { SEVERITIES } from './claim';
import { codeCell, codeSpan, escapeText, fencedBlock } from './markdown';
import { AuditOutput, Finding, Withheld } from './result';

/** The Markdown report of an ended audit. */
export function renderReport(job: ReportedJob, output: unknown): string {
  if (!isAuditOutput(output)) {
    const what = `Job ${job.id} ended without an audit result, so it has no report.`;
    throw new GatewayError('not_found', `${what} Read the job's error for the reason.`);
  }
  const parts = [
    ...['# Audit report', head(job)],
    ...['## Coverage', coverage(output)],
    ...['## Summary', summary(output)],
    ...(output.note === null ? [] : [`The model's note: ${escapeText(output.note)}`]),
    ...(output.findings.length === 0 ? [] : ['## Findings', ...output.findings.map(finding)]),
    ...(output.withheld.length === 0
      ? []
      : ['## Withheld', WITHHELD, output.withheld.map(withheld).join('\n')]),
  ];
  return `${parts.join('\n\n')}\n`;
}

const WITHHELD =
  'The model claimed these too, but their quotes could not be confirmed in the files. They are not findings.';

function isAuditOutput(output: unknown): output is AuditOutput {
  if (typeof output !== 'object' || output === null) return false;
  return ['findings', 'withheld', 'coverage', 'quality'].every((member) => Object.hasOwn(output, member));
}

function head({ id, resolved, createdAt, completedAt, costUsd }: ReportedJob): string {
  const took = completedAt === null ? null : (completedAt.getTime() - createdAt.getTime()) / 1000;
  return [
    `- Job: ${codeSpan(id)}`,
    `- Model: ${codeSpan(`${resolved.provider}/${resolved.model}`)}`,
    `- Submitted: ${createdAt.toISOString()}`,
    `- Ended: ${completedAt === null || took === null ? 'not yet' : `${completedAt.toISOString()} (after ${took.toFixed(1)} s)`}`,
    `- Cost: ${costUsd === null ? 'unpriced' : `${dollars(costUsd)} USD`}`,
  ].join('\n');
}

/** Small sums keep their digits: a call of a tenth of a cent must not read as 0.00. */
const dollars = (costUsd: number): string => costUsd.toFixed(9).replace(/(\.\d{2}\d*?)0+$/, '$1');

function coverage({ coverage: { files, lines, complete }, quality }: AuditOutput): string {
  const sent = `${count(files, 'file')}, ${count(lines, 'line')}, sent whole in one call.`;
  const checked =
    `${count(quality.claimed, 'claim')}: ${String(quality.grounded)} found in the files, ` +
    `${String(quality.withheld)} withheld, ${String(quality.unreadable)} unreadable.`;
  const cut = '**This audit is not complete: the answer was cut off or could not be read to its end.**';
  return complete ? `${sent} ${checked}` : `${sent} ${checked}\n\n${cut}`;
}

const count = (number: number, noun: string): string => `${String(number)} ${noun}${number === 1 ? '' : 's'}`;

function summary({ findings }: AuditOutput): string {
  if (findings.length === 0)
    return 'No finding was confirmed. That does not prove that there is nothing to find.';
  const totals = SEVERITIES.map((severity) => ({
    severity,
    total: findings.filter((each) => each.severity === severity).length,
  })).filter(({ total }) => total > 0);
  const rows = findings.map(
    (each) => `| ${each.id} | ${each.severity} | ${codeCell(placeOf(each))} | ${escapeText(each.title)} |`,
  );
  return [
    `${count(findings.length, 'finding')}: ${totals.map(({ severity, total }) => `${String(total)} ${severity}`).join(', ')}.`,
    '',
    '| | Severity | Place | Finding |',
    '|---|---|---|---|',
    ...rows,
  ].join('\n');
}

const placeOf = ({ file, start_line: start, end_line: end }: Finding): string =>
  `${file}:${String(start)}${end === start ? '' : `-${String(end)}`}`;

function finding(each: Finding): string {
  return [
    `### ${each.id}. ${escapeText(each.title)}`,
    `${codeSpan(placeOf(each))}, ${each.severity}, quote ${each.grounding === 'exact' ? 'exact' : 'exact but for white space'}`,
    fencedBlock(each.quote),
    ...(each.explanation === '' ? [] : [escapeText(each.explanation)]),
  ].join('\n\n');
}

function withheld({ reason, detail, title, file, claimed_line: line, quote }: Withheld): string {
  const place = `${escapeText(file)}${line === null ? '' : `:${String(line)}`}`;
  const said = quote === undefined ? '' : `\n  The quote was: ${escapeText(quote)}`;
  return `- **${escapeText(title)}** (${place}), ${codeSpan(reason)}: ${escapeText(detail)}${said}`;
}
