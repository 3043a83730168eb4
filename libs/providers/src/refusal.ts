import { ErrorCode, ErrorDetail, GatewayError } from '@longhaul/contract';
import { ProviderSettings, seeDocsOf } from '@longhaul/settings';
import { advise, adviceFor } from './advice';
import { LiveCall } from './live-call';
import { boundedHintMs } from './retry-after';

/** What each code says of the provider. */
const WORDS: Partial<Record<ErrorCode, string>> = {
  rate_limited: 'takes no more requests now',
  overloaded: 'has no capacity now',
  upstream_error: 'failed on its own side',
  timeout: 'gave up waiting on its own side',
  auth_failed: 'refused the key',
  quota_exhausted: 'has no credit or quota left for this key',
  account_terminated: 'has closed the account of this key',
  client_not_allowed: 'admits certain clients only, and Longhaul names itself honestly',
  content_filtered: 'refused the content',
  rejected_request: 'refused the request as invalid',
  model_unavailable: 'does not serve this model to this key',
  context_overflow: 'cannot hold this prompt in its context window',
  output_starved: 'ran out of output budget before any text came',
  malformed_response: 'sent a reply that could not be understood',
};

/** What a person mends at the vendor's: there the vendor's own page helps. */
const MENDED_BY_PEOPLE: ReadonlySet<ErrorCode> = new Set([
  'auth_failed',
  'quota_exhausted',
  'account_terminated',
  'client_not_allowed',
  'model_unavailable',
]);

export interface Refusal {
  readonly settings: ProviderSettings;
  readonly code: ErrorCode;
  /** The upstream's own codes and types; unsafe ones are left out of the message. */
  readonly words: readonly string[];
  /** In place of what the code advises; `{model}`, `{key}` and `{base}` are filled in. */
  readonly remedy?: string;
  readonly detail?: ErrorDetail;
}

/** An upstream's refusal in our words. Its own message never enters: it may echo the prompt or the key. */
export function refusalOf(
  call: LiveCall,
  { settings, code, words, remedy, detail = {} }: Refusal,
): GatewayError {
  const what = WORDS[code] ?? 'failed';
  const status = call.upstreamStatus === undefined ? [] : [`HTTP ${String(call.upstreamStatus)}`];
  const facts = [...status, ...new Set(call.safeWords(words))].slice(0, 4).join(', ');
  const advice =
    remedy === undefined
      ? (adviceFor(code, settings) ?? 'See the attempts of the job.')
      : advise(remedy.replaceAll('{model}', call.model), settings);
  const link = MENDED_BY_PEOPLE.has(code) ? seeDocsOf(settings.name) : '';
  const { retryAfterMs: hintMs } = detail;
  return call.fault(code, `${call.name} ${what} (${facts}). ${advice}${link}`, {
    ...detail,
    ...(hintMs === undefined ? {} : { retryAfterMs: boundedHintMs(code, hintMs) }),
  });
}
