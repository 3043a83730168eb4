import { codeBy } from '../../error-rows';
import { isObject, JsonObject, objectAt } from '../../json';
import {
  msOfReset,
  msToNextDay,
  msUntil,
  retryAfterMs,
  spokenResetMs,
  spokenRetryAfterMs,
} from '../../retry-after';
import { ErrorReply, UpstreamError } from '../../wire';
import { ERROR_ROWS } from './error-rows';
import { Quirks } from './quirks';

const isStatus = (code: number): boolean => code >= 100 && code <= 599;

/** `{error:{…}}`, `{error:"text"}`, or the members at the top. */
function errorMembers(body: unknown): JsonObject {
  if (!isObject(body)) return {};
  const { error } = body;
  if (typeof error === 'string') return { ...body, message: error };
  return isObject(error) ? error : body;
}

const availabilityOf = (error: JsonObject): JsonObject => ({
  ...objectAt(objectAt(error, 'metadata'), 'availability'),
  ...objectAt(error, 'availability'),
});

function wordsOf(error: JsonObject): string[] {
  const metadata = objectAt(error, 'metadata');
  return [
    error['code'],
    error['error_type'],
    metadata['error_type'],
    availabilityOf(error)['code'],
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

/** What OpenRouter says in other forms than a word; for the rows alone. */
function signsOf(error: JsonObject): string[] {
  const { retryable } = availabilityOf(error);
  return [
    ...(typeof retryable === 'boolean' ? [retryable ? 'may_repeat' : 'may_not_repeat'] : []),
    ...(typeof objectAt(error, 'metadata')['limit_source'] === 'string' ? ['has_limit_source'] : []),
  ];
}

/** Where an error may say when to come back. */
const holdersOf = (error: JsonObject): JsonObject[] => [
  availabilityOf(error),
  objectAt(error, 'metadata'),
  error,
];

function statedHintOf(error: JsonObject, nowMs: number): number | undefined {
  const stated = holdersOf(error)
    .map((holder) => holder['retry_after'] ?? holder['retry_after_seconds'])
    .find((value) => typeof value === 'number');
  return stated === undefined ? undefined : retryAfterMs({ 'retry-after': String(stated) }, nowMs);
}

const statedResetOf = (error: JsonObject, nowMs: number): number | undefined =>
  holdersOf(error)
    .map((holder) => msUntil(holder['resets_at'] ?? holder['reset_at'], nowMs))
    .find((ms) => ms !== undefined) ?? usedUpResetOf(error, nowMs);

/** OpenRouter writes the headers of its own limits into the body too: the day of the free models, mostly. */
function usedUpResetOf(error: JsonObject, nowMs: number): number | undefined {
  const headers = objectAt(objectAt(error, 'metadata'), 'headers');
  const { 'X-RateLimit-Remaining': remaining, 'X-RateLimit-Reset': reset } = headers;
  return String(remaining) === '0' ? msOfReset(String(reset), nowMs) : undefined;
}

/** GLM's daily cap. */
const UNTIL_NEXT_DAY = '1304';

/** When a quota is whole again. A date in any other message may be that of something else. */
function spokenResetOf(error: JsonObject, nowMs: number, { utcOffsetHours }: Quirks): number | undefined {
  const spoken = spokenResetMs(textOf(error), nowMs, utcOffsetHours);
  return spoken ?? (wordsOf(error).includes(UNTIL_NEXT_DAY) ? msToNextDay(nowMs, utcOffsetHours) : undefined);
}

export function readUpstreamError(reply: ErrorReply, quirks: Quirks): UpstreamError {
  const { headers, nowMs } = reply;
  const error = errorMembers(reply.body);
  const message = textOf(error);
  const hint = retryAfterMs(headers, nowMs) ?? statedHintOf(error, nowMs) ?? spokenRetryAfterMs(message);
  const status = effectiveStatus(error, reply.status);
  const own = wordsOf(error);
  const words = own.length === 0 ? (quirks.wordsOfStatus[status]?.split(' ') ?? []) : own;
  const code = codeBy(ERROR_ROWS, {
    words: [...words, ...signsOf(error)],
    message,
    status,
    hasHint: hint !== undefined,
  });
  const reset = statedResetOf(error, nowMs);
  const spokenReset = code === 'quota_exhausted' ? spokenResetOf(error, nowMs, quirks) : undefined;
  return { code, words, retryAfterMs: hint ?? reset ?? spokenReset };
}

/** True for a body that speaks of an error under a good status. */
export function isErrorBody(body: JsonObject): boolean {
  if ((body['error'] ?? null) !== null || body['object'] === 'error') return true;
  if (Array.isArray(body['choices'])) return false;
  return ['message', 'msg', 'detail'].some((member) => typeof body[member] === 'string');
}
