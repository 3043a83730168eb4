import { ChatAnswer, FinishReason, GatewayError } from '@longhaul/contract';
import { filtered, refuseSilence } from './answer';
import { AuditInput, parseAuditInput } from './audit/input';
import { ParsedAnswer, parseAnswer } from './audit/parse';
import { auditRequest, Brief } from './audit/prompt';
import { promptSize } from './audit/prompt-size';
import { renderReport } from './audit/report';
import { assemble, AuditOutput } from './audit/result';
import { readSource } from './audit/source';
import { tokensOf } from './estimate';
import { JobKind, KindResult } from './kind';

/** Reasoning counts as output: below this, models end with an empty answer. */
const MIN_OUTPUT_TOKENS = 8000;
const OUTPUT_PER_INPUT = 0.35;
/** More findings than this holds are noise, and more budget would only shut out models. */
const MAX_OUTPUT_TOKENS = 32_000;
const NONCE_IN_ESTIMATE = '0'.repeat(16);

/** The audit as a job kind. `nonce` gives a random word for the fences of one prompt. */
export function auditKind({ nonce }: { nonce: () => string }): JobKind<AuditInput> {
  return {
    type: 'audit',
    payloadVersion: 1,
    description:
      'Files and an instruction in; findings out, each with a quote that was looked up in the files.',
    inputShape: AuditInput,
    parse: parseAuditInput,
    need: needOf,
    async run(input, context) {
      const brief = briefOf(input);
      context.progress(`auditing ${String(brief.files.length)} files`);
      const answer = await context.call(auditRequest(brief, nonce, needOf(input).outputTokens));
      refuseSilence(answer);
      context.progress('looking every quote up in the files');
      return resultOf(brief, answer);
    },
    report: (job, output) => renderReport(job, output),
  };
}

const briefOf = ({ instruction, files }: AuditInput): Brief => ({
  instruction,
  files: files.map(readSource),
});

function needOf(input: AuditInput): ReturnType<JobKind['need']> {
  const inputTokens = tokensOf(promptSize(input, NONCE_IN_ESTIMATE));
  const budget = Math.max(MIN_OUTPUT_TOKENS, Math.ceil(OUTPUT_PER_INPUT * inputTokens));
  return {
    type: 'audit',
    inputTokens,
    outputTokens: input.max_output_tokens ?? Math.min(MAX_OUTPUT_TOKENS, budget),
    capabilities: [],
  };
}

/** An answer that was cut off keeps what was grounded, and never passes for a whole one. */
function resultOf({ files }: Brief, { text, finishReason }: ChatAnswer): KindResult {
  const parsed = parseAnswer(text);
  if (parsed === null) throw illegible(finishReason);
  const output = (complete: boolean): AuditOutput => assemble(files, parsed, complete);
  switch (finishReason) {
    case 'length':
      return { status: 'incomplete', reason: 'max_output_tokens', output: output(false) };
    case 'content_filter':
      return { status: 'incomplete', reason: 'content_filter', output: output(false) };
    case 'stop':
    case 'tool_calls':
    case 'unknown':
      if (isUnreadable(parsed)) throw illegible(finishReason);
      return parsed.closed
        ? { status: 'completed', output: output(true) }
        : { status: 'incomplete', reason: 'coverage', output: output(false) };
  }
}

/** Something was claimed, and none of it can be read: no findings would be a lie. */
const isUnreadable = ({ claims, unreadable, closed }: ParsedAnswer): boolean =>
  claims.length === 0 && (unreadable > 0 || !closed);

function illegible(finishReason: FinishReason): GatewayError {
  if (finishReason === 'content_filter') return filtered();
  const what = 'The model answered the audit without a readable list of findings.';
  return new GatewayError('output_invalid', `${what} Submit it to a model that keeps to a JSON form.`);
}
