import { ErrorRowMatch } from '../../error-rows';

const CONTEXT_TEXT =
  /context[ _](length|window)|exceeded model token limit|token length too long|prompt is too long|token limit \d|reduce the length/i;

/** Words that mean one thing, whatever the status says. GLM's are numbers, OpenRouter's are its error_type. */
const BY_WORD: readonly ErrorRowMatch[] = [
  // Kimi For Coding: one type for three things.
  { words: ['access_terminated_error'], text: /coding agents?/i, code: 'client_not_allowed' },
  { words: ['access_terminated_error'], text: /usage limit|quota|billing cycle/i, code: 'quota_exhausted' },
  { words: ['access_terminated_error'], code: 'account_terminated' },
  // OpenRouter knows whether a repeat may help, whatever its word for it.
  { words: ['may_not_repeat'], code: 'model_unavailable' },
  { words: ['payment_required', 'openrouter_in_flight_budget'], hasHint: true, code: 'rate_limited' },
  { words: ['openrouter_in_flight_budget'], code: 'rate_limited' },
  // OpenRouter says which of its own limits it was; a guardrail is no limit.
  { words: ['permission_denied'], text: /guardrail|moderation|flagged/i, code: 'content_filtered' },
  { words: ['has_limit_source'], status: [403], code: 'quota_exhausted' },
  {
    words: ['permission_denied', 'permission_denied_error'],
    text: /balance|limit|budget|quota/i,
    code: 'quota_exhausted',
  },
  {
    words: [
      'insufficient_quota',
      'billing_hard_limit_reached',
      'organization_spend_limit_exceeded',
      'organization_usage_limit_exceeded',
      'project_spend_limit_exceeded',
      'credit_balance_exhausted',
      'exceeded_current_quota_error',
      'payment_required',
      'insufficient_balance',
      '1113',
      '1304',
      '1308',
      '1309',
      '1310',
    ],
    code: 'quota_exhausted',
  },
  { words: ['account_deactivated', 'account_terminated'], code: 'account_terminated' },
  {
    words: [
      'invalid_api_key',
      'invalid_organization',
      'incorrect_api_key_error',
      'invalid_authentication_error',
      'authentication',
      'authentication_error',
      'unsupported_country_region_territory',
      'permission_denied',
      'permission_denied_error',
      'permission_error',
      '1000',
      '1001',
      '1002',
      '1003',
      '1004',
      '1110',
      '1111',
      '1112',
      '1121',
      '1220',
    ],
    code: 'auth_failed',
  },
  { words: ['1313'], code: 'client_not_allowed' },
  {
    words: ['rate_limit_exceeded', 'tokens', 'requests'],
    text: /request too large/i,
    code: 'context_overflow',
  },
  {
    words: ['context_length_exceeded', 'token_limit_exceeded', 'string_too_long', '1261'],
    code: 'context_overflow',
  },
  { words: ['max_tokens_exceeded'], code: 'output_starved' },
  {
    words: [
      'content_filter',
      'content_policy_violation',
      'responsibleaipolicyviolation',
      'refusal',
      'sensitive',
      '1300',
      '1301',
    ],
    code: 'content_filtered',
  },
  // Kimi For Coding: a window of the plan, not a rate.
  {
    words: ['rate_limit_reached_error', 'rate_limit_error'],
    text: /usage limit/i,
    code: 'quota_exhausted',
  },
  {
    words: ['rate_limit_exceeded', 'rate_limit_reached_error', 'rate_limit_error', '1302', '1303'],
    code: 'rate_limited',
  },
  {
    words: [
      'engine_overloaded_error',
      'overloaded',
      'overloaded_error',
      'provider_overloaded',
      'capacity_exhausted',
      'temporarily_unavailable',
      'slow_down',
      'may_repeat',
      '1120',
      '1305',
      '1312',
    ],
    code: 'overloaded',
  },
  {
    words: [
      'model_not_found',
      'resource_not_found_error',
      'no_endpoints',
      'model_deprecated',
      'model_unavailable_upstream',
      'region_restricted',
      'privacy_restricted',
      'constraint_filtered',
      'free_variant_ended',
      'not_found',
      '1211',
      '1221',
      '1222',
      '1311',
    ],
    code: 'model_unavailable',
  },
  { words: ['timeout'], code: 'timeout' },
  { words: ['server_error', 'service_unavailable_error'], status: [503, 529], code: 'overloaded' },
  {
    words: [
      'provider_unavailable',
      'server',
      'server_error',
      'unexpected_output',
      'unmapped',
      'network_error',
      '1230',
      '1234',
    ],
    code: 'upstream_error',
  },
  { words: ['1210', '1212', '1213', '1214', '1215', '1231', 'payload_too_large'], code: 'rejected_request' },
];

/** Messages under words as broad as invalid_request_error, or under none. */
const BY_TEXT: readonly ErrorRowMatch[] = [
  { status: [400, 413, 422], text: CONTEXT_TEXT, code: 'context_overflow' },
  {
    status: [400, 403, 422],
    text: /high risk|content[ _](policy|filter)|sensitive content/i,
    code: 'content_filtered',
  },
  { words: ['invalid_prompt'], text: /safety|polic/i, code: 'content_filtered' },
  {
    status: [400, 404],
    text: /not found the model|model\b.{0,120}\b(not found|does not exist)/is,
    code: 'model_unavailable',
  },
  {
    status: [402, 403, 429],
    text: /usage limit|quota|insufficient (balance|credit|funds)/i,
    code: 'quota_exhausted',
  },
  { status: [429], text: /overloaded/i, code: 'overloaded' },
  {
    words: ['invalid_request_error', 'invalid_request', 'invalid_prompt', 'unprocessable'],
    status: [400, 413, 422],
    code: 'rejected_request',
  },
];

const BY_STATUS: readonly ErrorRowMatch[] = [
  // 434: GLM, an API that is not open to the account.
  { status: [401, 403, 407, 434], code: 'auth_failed' },
  { status: [402], code: 'quota_exhausted' },
  { status: [404, 410], code: 'model_unavailable' },
  { status: [408, 524], code: 'timeout' },
  { status: [409, 425, 503, 529], code: 'overloaded' },
  { status: [429], code: 'rate_limited' },
];

/** The order is the authority: words first, then messages, then statuses, since statuses lie. */
export const ERROR_ROWS: readonly ErrorRowMatch[] = [...BY_WORD, ...BY_TEXT, ...BY_STATUS];
