import { codeBy } from '../../error-rows';
import { isObject, JsonObject, objectAt } from '../../json';
import { retryAfterMs, spokenRetryAfterMs } from '../../retry-after';
import { ErrorReply, UpstreamError } from '../../wire';
import { ERROR_ROWS } from './error-rows';

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

export function readUpstreamError(reply: ErrorReply): UpstreamError {
  const error = errorMembers(reply.body);
  const hint = hintOf(error, reply);
  const words = wordsOf(error);
  const status = effectiveStatus(error, reply.status);
  return {
    code: codeBy(ERROR_ROWS, { words, message: textOf(error), status, hasHint: hint !== undefined }),
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
