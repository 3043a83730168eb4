import { ErrorCode, ErrorDetail, GatewayError } from '@longhaul/contract';
import { ProviderSettings } from '@longhaul/settings';
import { LiveCall } from './live-call';
import { seeDocsOf } from './provider-links';
import { boundedHintMs } from './retry-after';

/** What each code means for a caller, and what to do next. `{key}` and `{base}` are the provider's variables. */
const SENTENCES: Partial<Record<ErrorCode, readonly [what: string, next: string]>> = {
  rate_limited: ['takes no more requests now', 'Send fewer at once (MAX_INFLIGHT_{name}) or wait.'],
  overloaded: ['has no capacity now', 'Wait, or name a fallback.'],
  upstream_error: ['failed on its own side', 'Wait, or name a fallback.'],
  timeout: ['gave up waiting on its own side', 'Try a shorter prompt, or name a fallback.'],
  auth_failed: ['refused the key', 'Check {key}, and that it belongs to the account system of {base}.'],
  quota_exhausted: [
    'has no credit or quota left for this key',
    "Top up, wait for the plan's reset, or use another key in {key}.",
  ],
  account_terminated: [
    'has closed the account of this key',
    'Clear it with the provider, or put another key into {key}.',
  ],
  client_not_allowed: [
    'admits certain clients only, and Longhaul names itself honestly',
    'Use another provider.',
  ],
  content_filtered: [
    'refused the content',
    'Change the input, or allow other models with routing.fallback_on_refusal.',
  ],
  rejected_request: [
    'refused the request as invalid',
    'Check the parameters and the size of the request against what this model takes.',
  ],
  model_unavailable: [
    'does not serve this model to this key',
    "Check the model's name and the plan, and {base}.",
  ],
  context_overflow: [
    'cannot hold this prompt in its context window',
    'Shorten the input, or use a model with a larger window.',
  ],
  output_starved: ['ran out of output budget before any text came', 'Raise max_output_tokens.'],
  malformed_response: ['sent a reply that could not be understood', 'Check {base}.'],
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
  const [what, next] = SENTENCES[code] ?? ['failed', 'See the attempts of the job.'];
  const prefix = settings.name.toUpperCase();
  const status = call.upstreamStatus === undefined ? [] : [`HTTP ${String(call.upstreamStatus)}`];
  const facts = [...status, ...new Set(call.safeWords(words))].slice(0, 4).join(', ');
  const advice = (remedy ?? next)
    .replaceAll('{model}', call.model)
    .replaceAll('{key}', settings.keyVariables[0] ?? `${prefix}_API_KEY`)
    .replaceAll('{base}', `${prefix}_BASE_URL`)
    .replaceAll('{name}', prefix);
  const link = MENDED_BY_PEOPLE.has(code) ? seeDocsOf(settings.name) : '';
  const { retryAfterMs: hintMs } = detail;
  return call.fault(code, `${call.name} ${what} (${facts}). ${advice}${link}`, {
    ...detail,
    ...(hintMs === undefined ? {} : { retryAfterMs: boundedHintMs(code, hintMs) }),
  });
}
