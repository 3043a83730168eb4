import { codeBy } from '../../error-rows';
import { isObject, JsonObject } from '../../json';
import { retryAfterMs, spokenRetryAfterMs } from '../../retry-after';
import { ErrorReply, UpstreamError } from '../../wire';
import { ERROR_ROWS, WORDS } from './error-rows';

const PULL = 'Pull it on that machine with `ollama pull {model}`, or check the name and {base}.';

/** `{error:"text"}`; what stands between us and the server may send an object. */
function messageOf(body: unknown): string {
  if (!isObject(body)) return '';
  const { error, message } = body;
  const text = isObject(error) ? error['message'] : (error ?? message);
  return typeof text === 'string' ? text : '';
}

/** A server that asks another one passes its status on inside the body. */
function statusOf({ body, status }: ErrorReply): number {
  const stated = isObject(body) ? (body['StatusCode'] ?? body['status']) : undefined;
  return status < 300 && typeof stated === 'number' && stated >= 300 && stated < 600 ? stated : status;
}

/** @param isHosted no model can be pulled there */
export function readUpstreamError(reply: ErrorReply, isHosted: boolean): UpstreamError {
  const message = messageOf(reply.body);
  const hint = retryAfterMs(reply.headers, reply.nowMs) ?? spokenRetryAfterMs(message);
  const status = statusOf(reply);
  const code = codeBy(ERROR_ROWS, { words: [], message, status, hasHint: hint !== undefined });
  return {
    code,
    words: WORDS.flatMap(([pattern, word]) => (pattern.test(message) ? [word] : [])),
    retryAfterMs: hint,
    ...(code === 'model_unavailable' && status === 404 && !isHosted ? { remedy: PULL } : {}),
  };
}

/** True for a line that speaks of an error under a good status. */
export const isErrorLine = (line: JsonObject): boolean => (line['error'] ?? null) !== null;
