import { ErrorCode } from '@longhaul/contract';
import { ReplyHeaders } from '../../exchange';
import { retryAfterMs, spokenRetryAfterMs } from '../../retry-after';
import { ERROR_ROWS, ErrorFacts, ErrorRowMatch } from './error-rows';
import { isObject, JsonObject, objectAt } from './json';

/** An upstream's error, read. The message stays inside: only code, words and hint go on. */
export interface UpstreamError {
  readonly code: ErrorCode;
  readonly words: readonly string[];
  readonly retryAfterMs: number | undefined;
}

export interface ErrorReply {
  readonly status: number;
  readonly headers: ReplyHeaders;
  /** The parsed body; undefined when it was no JSON. */
  readonly body: unknown;
  /** Wall clock, for a Retry-After date. */
  readonly nowMs: number;
}

const isStatus = (code: number): boolean => code >= 100 && code <= 599;

/** `{error:{…}}`, `{error:"text"}`, or the members at the top. */
function errorMembers(body: unknown): JsonObject {
  if (!isObject(body)) return {};
  const { error } = body;
  if (typeof error === 'string') return { ...body, message: error };
  return isObject(error) ? error : body;
}

function wordsOf(error: JsonObject): string[] {
  const metadata = objectAt(error, 'metadata');
  const availability = { ...objectAt(metadata, 'availability'), ...objectAt(error, 'availability') };
  return [
    error['code'],
    error['error_type'],
    metadata['error_type'],
    availability['code'],
    metadata['limit_source'],
    error['type'],
    error['status'],
  ]
    .filter((word) => typeof word === 'string' || (typeof word === 'number' && !isStatus(word)))
    .map((word) => String(word).toLowerCase());
}

/** OpenRouter and others answer 200 before they run, and put the status of the failure into the body. */
function effectiveStatus(error: JsonObject, httpStatus: number): number {
  if (httpStatus >= 300) return httpStatus;
  const stated = [error['code'], error['http_status'], error['status']]
    .map((code) => Number(typeof code === 'string' || typeof code === 'number' ? code : NaN))
    .find(isStatus);
  return stated ?? httpStatus;
}

function textOf(error: JsonObject): string {
  const text = [error['message'], error['msg'], error['detail']].find((member) => typeof member === 'string');
  return typeof text === 'string' ? text : '';
}

function hintOf(error: JsonObject, { headers, nowMs }: ErrorReply): number | undefined {
  const metadata = objectAt(error, 'metadata');
  const stated = [objectAt(error, 'availability'), metadata]
    .map((holder) => holder['retry_after'] ?? holder['retry_after_seconds'])
    .find((value) => typeof value === 'number');
  return (
    retryAfterMs(headers, nowMs) ??
    (typeof stated === 'number' ? retryAfterMs({ 'retry-after': String(stated) }, nowMs) : undefined) ??
    spokenRetryAfterMs(textOf(error))
  );
}

const fits = (row: ErrorRowMatch, facts: ErrorFacts): boolean =>
  (row.words?.some((word) => facts.words.includes(word)) ?? true) &&
  (row.text?.test(facts.message) ?? true) &&
  (row.status?.includes(facts.status) ?? true) &&
  (row.hasHint === undefined || row.hasHint === facts.hasHint);

function codeOf(facts: ErrorFacts): ErrorCode {
  const row = ERROR_ROWS.find((candidate) => fits(candidate, facts));
  if (row !== undefined) return row.code;
  // A redirect is not followed: the key would go wherever it points.
  if (facts.status >= 300 && facts.status < 400) return 'malformed_response';
  return facts.status >= 400 && facts.status < 500 ? 'rejected_request' : 'upstream_error';
}

export function readUpstreamError(reply: ErrorReply): UpstreamError {
  const error = errorMembers(reply.body);
  const hint = hintOf(error, reply);
  const words = wordsOf(error);
  const status = effectiveStatus(error, reply.status);
  return {
    code: codeOf({ words, message: textOf(error), status, hasHint: hint !== undefined }),
    words,
    retryAfterMs: hint,
  };
}

/** True for a body that speaks of an error under a good status. */
export function isErrorBody(body: JsonObject): boolean {
  if ((body['error'] ?? null) !== null || body['object'] === 'error') return true;
  if (Array.isArray(body['choices'])) return false;
  return ['message', 'msg', 'detail'].some((member) => typeof body[member] === 'string');
}
