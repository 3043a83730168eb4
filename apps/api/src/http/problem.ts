import { ErrorCode, GatewayError } from '@longhaul/contract';

/** An error as an HTTP answer: RFC 9457 members plus `error`, which OpenAI clients read. */
export interface Problem {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface ProblemPlace {
  /** Path of the request, without its query. */
  readonly instance: string;
  readonly requestId: string;
}

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

const STATUSES_WITH_RETRY_AFTER = new Set([409, 429, 503]);
const DEFAULT_RETRY_AFTER_S = 1;

/** Renders an error. Pure: the filter sends it. */
export function problemOf(error: GatewayError, place: ProblemPlace): Problem {
  const status = error.row.status;
  const { faults, extra } = error.detail;
  return {
    status,
    headers: headersOf(error),
    body: {
      // First, so that no extra member can stand in for one of ours.
      ...extra,
      type: `/docs/errors#${error.code}`,
      title: titleOf(error.code),
      status,
      detail: error.message,
      instance: place.instance,
      code: error.code,
      request_id: place.requestId,
      ...(faults === undefined || faults.length === 0 ? {} : { errors: faults }),
      error: {
        message: error.message,
        type: openAiType(error),
        param: paramOf(error),
        code: error.code,
      },
    },
  };
}

function headersOf(error: GatewayError): Record<string, string> {
  const headers: Record<string, string> = { 'content-type': PROBLEM_TYPE, 'cache-control': 'no-store' };
  const mayRepeat = error.detail.shouldRetry ?? error.row.repeat !== 'never';
  if (!mayRepeat) headers['x-should-retry'] = 'false';
  else {
    const hintMs = error.detail.retryAfterMs;
    if (hintMs !== undefined) headers['retry-after'] = String(Math.max(1, Math.ceil(hintMs / 1000)));
    else if (STATUSES_WITH_RETRY_AFTER.has(error.row.status)) {
      headers['retry-after'] = String(DEFAULT_RETRY_AFTER_S);
    }
  }
  if (error.code === 'unauthenticated') headers['www-authenticate'] = 'Bearer realm="longhaul"';
  return headers;
}

/** `invalid_request` → `Invalid request`. */
function titleOf(code: ErrorCode): string {
  const words = code.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function openAiType(error: GatewayError): string {
  switch (error.row.family) {
    case 'provider':
      return 'upstream_error';
    case 'gateway':
      return 'server_error';
    case 'caller':
      return CALLER_TYPES[error.row.status] ?? 'invalid_request_error';
  }
}

const CALLER_TYPES: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  403: 'permission_error',
  429: 'rate_limit_error',
};

/** A field in the form that OpenAI clients show: `/input/messages/0` → `input.messages.0`. */
function paramOf({ detail }: GatewayError): string | null {
  const pointer = detail.faults?.[0]?.pointer ?? '';
  return detail.param ?? (pointer === '' ? null : pointer.slice(1).replaceAll('/', '.'));
}
