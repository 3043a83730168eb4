import { ErrorRowMatch } from '../../error-rows';

/** What `details` and their quotas say: one meaning each, whatever the status is. */
const BY_DETAIL: readonly ErrorRowMatch[] = [
  { words: ['per_day', 'no_quota'], code: 'quota_exhausted' },
  {
    text: /spend(ing)? (cap|limit)|prepay|credits? (are|is|have been|has been) (depleted|exhausted|used up)/i,
    code: 'quota_exhausted',
  },
  { words: ['per_minute', 'rate_limit_exceeded'], code: 'rate_limited' },
  { words: ['consumer_suspended'], code: 'account_terminated' },
  {
    words: [
      'api_key_invalid',
      'api_key_expired',
      'api_key_service_blocked',
      'api_key_http_referrer_blocked',
      'api_key_ip_address_blocked',
      'api_key_android_app_blocked',
      'api_key_ios_app_blocked',
      'access_token_expired',
      'access_token_type_unsupported',
      'credentials_missing',
      'consumer_invalid',
      'service_disabled',
      'billing_disabled',
    ],
    code: 'auth_failed',
  },
];

/** Messages under words as broad as INVALID_ARGUMENT. */
const BY_TEXT: readonly ErrorRowMatch[] = [
  {
    words: ['invalid_argument', 'internal'],
    text: /token count.{0,80}exceeds|exceeds the maximum number of tokens/is,
    code: 'context_overflow',
  },
  { words: ['invalid_argument'], text: /api key (not (valid|found)|expired)/i, code: 'auth_failed' },
  // The caller named the file. It speaks against neither the key nor the model.
  {
    words: ['permission_denied', 'failed_precondition', 'not_found'],
    text: /\bthe file\b|\bfiles?[ /][\w-]+ (is not|not found|does not)/i,
    code: 'rejected_request',
  },
];

/** google.rpc.Code, in lower case. */
const BY_STATUS_WORD: readonly ErrorRowMatch[] = [
  // The free tier is not offered in this country, or the project has no billing.
  { words: ['failed_precondition', 'permission_denied', 'unauthenticated'], code: 'auth_failed' },
  { words: ['not_found'], code: 'model_unavailable' },
  { words: ['resource_exhausted'], code: 'rate_limited' },
  { words: ['unavailable', 'aborted'], code: 'overloaded' },
  { words: ['deadline_exceeded'], code: 'timeout' },
  { words: ['invalid_argument', 'out_of_range', 'unimplemented'], code: 'rejected_request' },
  // CANCELLED is not ours: our own cancel reads no reply.
  { words: ['internal', 'unknown', 'data_loss', 'cancelled'], code: 'upstream_error' },
];

const BY_STATUS: readonly ErrorRowMatch[] = [
  { status: [401, 403, 407], code: 'auth_failed' },
  { status: [402], code: 'quota_exhausted' },
  { status: [404, 410], code: 'model_unavailable' },
  { status: [408, 504], code: 'timeout' },
  { status: [429], code: 'rate_limited' },
  { status: [409, 425, 503, 529], code: 'overloaded' },
  { status: [499], code: 'upstream_error' },
];

/**
 * The order is the authority: details first, then messages, then the status word, and HTTP's own status last.
 * Sources: ai.google.dev/gemini-api/docs/troubleshooting, google.rpc.error_details.
 */
export const ERROR_ROWS: readonly ErrorRowMatch[] = [
  ...BY_DETAIL,
  ...BY_TEXT,
  ...BY_STATUS_WORD,
  ...BY_STATUS,
];
