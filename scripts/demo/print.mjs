import { say } from '../launch/run.mjs';

const ORDER = ['critical', 'high', 'medium', 'low'];
const COLOURS = { critical: 31, high: 31, medium: 33, low: 36, heading: 1, quiet: 2 };
const WIDEST_QUOTE = 100;

const colourful = Boolean(process.stdout.isTTY) && !process.env.NO_COLOR;
const paint = (text, colour) => (colourful ? `\x1b[${COLOURS[colour] ?? 0}m${text}\x1b[0m` : text);

export const heading = (text) => say(`\n${paint(text, 'heading')}`);

const placeOf = ({ file, start_line: line }) => (line ? `${file}:${line}` : file);

/** Severity, place and title in columns, the quote below. */
export function printFindings(findings) {
  const rank = ({ severity }) => (ORDER.includes(severity) ? ORDER.indexOf(severity) : ORDER.length);
  const sorted = [...findings].sort((a, b) => rank(a) - rank(b));
  const width = Math.max(0, ...sorted.map((finding) => placeOf(finding).length));
  for (const finding of sorted) {
    const severity = paint(finding.severity.toUpperCase().padEnd(8), finding.severity);
    say(`  ${severity}  ${placeOf(finding).padEnd(width)}  ${finding.title}`);
    for (const line of quoteLines(finding.quote)) say(`            ${paint(line, 'quiet')}`);
  }
}

function quoteLines(quote) {
  const lines = quote.split('\n').map((line) => line.trim());
  return lines.map((line) => (line.length > WIDEST_QUOTE ? `${line.slice(0, WIDEST_QUOTE)} …` : line));
}

export function printWithheld(withheld) {
  for (const { title, file, claimed_line: line, reason, detail, quote } of withheld) {
    say(`  ${file}${line ? `:${line}` : ''}  ${title}`);
    say(`            withheld: ${reason}${detail ? `: ${detail}` : ''}`);
    for (const words of quoteLines(quote ?? '')) say(`            ${paint(words, 'quiet')}`);
  }
}

/** Who was called, how it ended, what it cost. */
export function printRoad(job, attempts) {
  const chosen = job.decision?.chain?.[0];
  if (chosen)
    say(
      `  chosen    ${chosen.provider}/${chosen.model}: ${chosen.because} (decided by ${job.decision.decided_by})`,
    );
  attempts.forEach((attempt) => say(`  attempt ${attempt.number} ${attemptWords(attempt)}`));
  const { usage, cost_usd: cost } = job;
  const tokens = usage ? `${usage.input_tokens} tokens in, ${usage.output_tokens} out` : 'no usage reported';
  say(`  cost      ${tokens}, ${cost === null ? 'unpriced' : `${cost} USD`}`);
}

function attemptWords({ provider, model, status, error, started_at: from, ended_at: to, lane }) {
  const why = error ? ` (${error.code}${error.message ? `: ${error.message}` : ''})` : '';
  const took = to === null ? '' : ` after ${(to - from).toFixed(1)} s`;
  return `in lane ${lane} on ${provider}/${model}: ${status}${why}${took}`;
}
