import { codeBy } from '../../error-rows';
import { isObject, JsonObject, objectAt } from '../../json';
import { retryAfterMs } from '../../retry-after';
import { ErrorReply, UpstreamError } from '../../wire';
import { ERROR_ROWS, MONTH_IS_SPENT } from './error-rows';

/** "You will regain access on 2026-12-01 at 00:00 UTC." */
const REGAINED = /regain access on (\d{4}-\d{2}-\d{2}) at (\d{2}:\d{2}) UTC/;
/** A limit of a month is the longest. */
const LONGEST_QUOTA_MS = 32 * 86_400_000;

/** `{type:"error",error:{type,message}}`; what stands between us and the API may send less. */
function errorMembers(body: unknown): JsonObject {
  if (!isObject(body)) return {};
  const { error } = body;
  if (typeof error === 'string') return { message: error };
  return isObject(error) ? error : body;
}

export function readUpstreamError(reply: ErrorReply): UpstreamError {
  const error = errorMembers(reply.body);
  const words = [error['type'], error['code'], objectAt(error, 'details')['error_code']]
    .filter((word) => typeof word === 'string')
    .map((word) => word.toLowerCase());
  const message = typeof error['message'] === 'string' ? error['message'] : '';
  const hint =
    retryAfterMs(reply.headers, reply.nowMs) ??
    untilRegainedMs(message, reply.nowMs) ??
    (words.includes(MONTH_IS_SPENT) ? untilNextMonthMs(reply.nowMs) : undefined);
  return {
    code: codeBy(ERROR_ROWS, { words, message, status: reply.status, hasHint: hint !== undefined }),
    words,
    retryAfterMs: hint,
  };
}

function untilRegainedMs(message: string, nowMs: number): number | undefined {
  const [, day, time] = REGAINED.exec(message) ?? [];
  const waitMs = day === undefined || time === undefined ? NaN : Date.parse(`${day}T${time}:00Z`) - nowMs;
  return waitMs >= 0 ? Math.min(waitMs, LONGEST_QUOTA_MS) : undefined;
}

function untilNextMonthMs(nowMs: number): number {
  const now = new Date(nowMs);
  return Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1) - nowMs;
}

/** True for a body that speaks of an error under a good status. */
export const isErrorBody = (body: JsonObject): boolean =>
  body['type'] === 'error' || (body['error'] ?? null) !== null;
