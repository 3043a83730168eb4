import { codeBy } from '../../error-rows';
import { isObject, JsonObject, objectAt } from '../../json';
import { msOfReset, retryAfterMs, spokenRetryAfterMs } from '../../retry-after';
import { ErrorReply, UpstreamError } from '../../wire';
import { ERROR_ROWS } from './error-rows';
import { untilMidnightPacificMs } from './midnight-pacific';

const NO_QUOTA = /\blimit: 0(?![.\d])/;

const isStatus = (code: unknown): code is number =>
  Number.isInteger(code) && Number(code) >= 100 && Number(code) <= 599;

const textAt = (holder: JsonObject, member: string): string => {
  const text = holder[member];
  return typeof text === 'string' ? text : '';
};

const objectsAt = (holder: JsonObject, member: string): readonly JsonObject[] => {
  const list = holder[member];
  return Array.isArray(list) ? list.filter(isObject) : [];
};

/** `{error:{…}}`, the same in a list as a stream without SSE has it, `{error:"text"}` of a proxy, or nothing. */
export function errorMembers(body: unknown): JsonObject | undefined {
  const holder: unknown = Array.isArray(body) ? (body as readonly unknown[])[0] : body;
  if (!isObject(holder)) return undefined;
  const { error } = holder;
  if (typeof error === 'string') return { message: error };
  return isObject(error) ? error : undefined;
}

interface Quota {
  readonly id: string;
  readonly limit: unknown;
}

function quotasOf(error: JsonObject): Quota[] {
  const details = objectsAt(error, 'details');
  const violations = details.flatMap((detail) => objectsAt(detail, 'violations'));
  const metadata = details.map((detail) => objectAt(detail, 'metadata'));
  return [
    ...violations.map((each) => ({ id: textAt(each, 'quotaId'), limit: each['quotaValue'] })),
    ...metadata.map((each) => ({ id: textAt(each, 'quota_limit'), limit: each['quota_limit_value'] })),
  ];
}

const isOfDay = ({ id }: Quota): boolean => /PerDay/i.test(id);

/** Which quotas are used up. Two may be named; the one that lasts longer decides. */
function quotaWords(error: JsonObject): string[] {
  const quotas = quotasOf(error);
  const isNothing =
    quotas.some(({ limit }) => String(limit) === '0') || NO_QUOTA.test(textAt(error, 'message'));
  return [
    ...(quotas.some(isOfDay) ? ['per_day'] : []),
    ...(isNothing ? ['no_quota'] : []),
    ...(quotas.some(({ id }) => /PerMinute/i.test(id)) ? ['per_minute'] : []),
  ];
}

/** Most of Google's quotas are counted for each model, and the other models of the key have theirs. */
function isOneModels(error: JsonObject): boolean {
  const named = quotasOf(error).filter(({ id }) => id !== '');
  const deciding = named.some(isOfDay) ? named.filter(isOfDay) : named;
  return deciding.length > 0 && deciding.every(({ id }) => /PerModel/i.test(id));
}

function wordsOf(error: JsonObject): string[] {
  const reasons = objectsAt(error, 'details').map((detail) => textAt(detail, 'reason'));
  return [...reasons, textAt(error, 'status'), ...quotaWords(error)]
    .filter((word) => word !== '')
    .map((word) => word.toLowerCase());
}

/** Google states its delay in `details` alone; the header is there for whoever stands between. */
function hintOf(error: JsonObject, { headers, nowMs }: ErrorReply): number | undefined {
  const delays = objectsAt(error, 'details').map((detail) => msOfReset(textAt(detail, 'retryDelay'), nowMs));
  return (
    delays.find((delayMs) => delayMs !== undefined) ??
    retryAfterMs(headers, nowMs) ??
    spokenRetryAfterMs(textAt(error, 'message'))
  );
}

/** Of a reply with a bad status, or of an error in a stream that began well. */
export function readUpstreamError(reply: ErrorReply): UpstreamError {
  const error = errorMembers(reply.body) ?? {};
  const words = wordsOf(error);
  const hint = hintOf(error, reply);
  const status = reply.status < 300 && isStatus(error['code']) ? error['code'] : reply.status;
  const code = codeBy(ERROR_ROWS, {
    words,
    message: textAt(error, 'message'),
    status,
    hasHint: hint !== undefined,
  });
  if (code !== 'quota_exhausted') return { code, words, retryAfterMs: hint };
  // Its RetryInfo still names seconds, after which the day is not over.
  return {
    code,
    words,
    retryAfterMs: words.includes('per_day') ? untilMidnightPacificMs(reply.nowMs) : undefined,
    ...(isOneModels(error) ? { isOfModel: true } : {}),
  };
}
