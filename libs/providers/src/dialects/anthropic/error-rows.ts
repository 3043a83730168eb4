import { ErrorRowMatch } from '../../error-rows';

/** `details.error_code` of a rate_limit_error: the cap of the organization's tier, until the next month begins in UTC. */
export const MONTH_IS_SPENT = 'enforced_spend_limit_reached';

/** What stands under the words that mean many things. Messages seen in the API's answers and its reference. */
const BY_TEXT: readonly ErrorRowMatch[] = [
  {
    text: /only authorized for use with claude code|third-party (apps|tools)/i,
    code: 'client_not_allowed',
  },
  {
    text: /(organization|account|workspace) has been (disabled|suspended|banned)/i,
    code: 'account_terminated',
  },
  {
    words: ['invalid_request_error', 'rate_limit_error', 'permission_error'],
    text: /credit balance is too low|api usage limits|spend(ing)? limit|extra usage/i,
    code: 'quota_exhausted',
  },
  {
    words: ['invalid_request_error'],
    text: /prompt is too long|exceeds? (the )?(model's )?context (limit|window)|context window/i,
    code: 'context_overflow',
  },
  {
    words: ['invalid_request_error'],
    text: /output blocked by content filtering|content filtering policy|usage policy/i,
    code: 'content_filtered',
  },
];

/** The API's own words, whatever the status says. */
const BY_WORD: readonly ErrorRowMatch[] = [
  { words: ['authentication_error', 'permission_error'], code: 'auth_failed' },
  { words: ['billing_error', MONTH_IS_SPENT], code: 'quota_exhausted' },
  { words: ['not_found_error'], code: 'model_unavailable' },
  { words: ['request_too_large'], code: 'rejected_request' },
  { words: ['rate_limit_error'], code: 'rate_limited' },
  { words: ['overloaded_error'], code: 'overloaded' },
  { words: ['timeout_error'], code: 'timeout' },
  { words: ['api_error'], code: 'upstream_error' },
  // It also stands for statuses that the reference does not list.
  { words: ['invalid_request_error'], status: [400, 413, 422], code: 'rejected_request' },
];

const BY_STATUS: readonly ErrorRowMatch[] = [
  { status: [401, 403, 407], code: 'auth_failed' },
  { status: [402], code: 'quota_exhausted' },
  { status: [404, 410], code: 'model_unavailable' },
  { status: [408, 504], code: 'timeout' },
  { status: [409, 425, 503, 529], code: 'overloaded' },
  { status: [429], code: 'rate_limited' },
  // An error event inside a 200 that calls the request invalid.
  { words: ['invalid_request_error'], code: 'rejected_request' },
];

/** The order is the authority: messages under broad words first, then words, then statuses, since statuses lie. */
export const ERROR_ROWS: readonly ErrorRowMatch[] = [...BY_TEXT, ...BY_WORD, ...BY_STATUS];
