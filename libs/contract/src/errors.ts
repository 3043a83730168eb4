import { UpstreamLimits } from './chat';
import { Usage } from './usage';

/**
 * The one table of error codes (DESIGN: "Errors: one table, one class, three readers"). A dialect turns a reply
 * into a code, `decideOutcome` a code into an action, the error filter a code into an HTTP answer.
 */
export type SameTarget = 'never' | 'once' | 'after_hint' | 'once_larger_budget';
export type NextRung = 'never' | 'always' | 'if_asked' | 'larger_window';
/** What a failure puts on ice: one model of a provider, one of its keys, or the provider itself. */
export type CoolScope = 'none' | 'target' | 'credential' | 'provider';
/** How long: `hint` = until the provider's own time; `growing` = short, doubling; `soft` = short; `quota` = reset or 1 h. */
export type CoolSpan = 'none' | 'hint' | 'growing' | 'soft' | 'quota';
/**
 * Whether the caller's same request may end differently: at once or `soon`, or `later` when a job has ended.
 * `never` is told as `x-should-retry: false`, since clients repeat 408, 409, 429 and 5xx by themselves.
 */
export type Repeat = 'never' | 'soon' | 'later';

export interface ErrorRow {
  readonly family: 'caller' | 'provider' | 'gateway';
  /** HTTP status when this code is the answer to a request. One status per code. */
  readonly status: number;
  readonly sameTarget: SameTarget;
  readonly nextRung: NextRung;
  readonly cools: CoolScope;
  readonly span: CoolSpan;
  /** True when the failure speaks against the target's health. */
  readonly counts: boolean;
  readonly repeat: Repeat;
  /** One sentence for docs/errors.md. */
  readonly summary: string;
}

type Step = Pick<ErrorRow, 'sameTarget' | 'nextRung' | 'cools' | 'span' | 'counts'>;

const STOP: Step = { sameTarget: 'never', nextRung: 'never', cools: 'none', span: 'none', counts: false };
const SLOW: Step = { sameTarget: 'once', nextRung: 'always', cools: 'target', span: 'growing', counts: true };
const BROKEN: Step = { sameTarget: 'never', nextRung: 'always', cools: 'target', span: 'soft', counts: true };
const KEY: Step = {
  sameTarget: 'never',
  nextRung: 'always',
  cools: 'credential',
  span: 'quota',
  counts: false,
};
const REFUSED: Step = { ...STOP, nextRung: 'if_asked' };

const caller = (status: number, summary: string, repeat: Repeat = 'never'): ErrorRow => ({
  ...STOP,
  family: 'caller',
  status,
  repeat,
  summary,
});
const gateway = (status: number, summary: string, repeat: Repeat = 'never'): ErrorRow => ({
  ...STOP,
  family: 'gateway',
  status,
  repeat,
  summary,
});
const provider = (status: number, step: Step, summary: string): ErrorRow => ({
  ...step,
  family: 'provider',
  status,
  // Longhaul has repeated the call already, as far as that helps.
  repeat: 'never',
  summary,
});

export const ERRORS = {
  malformed_request: caller(400, 'The request could not be read: broken JSON, a bad header or query value.'),
  unauthenticated: caller(401, 'No API key was sent, or it is not known.'),
  forbidden: caller(403, 'The caller may not do this: missing scope, foreign Host or Origin.'),
  not_found: caller(404, 'There is no such thing for this caller.'),
  method_not_allowed: caller(405, 'The path exists, but not for this HTTP method.'),
  request_timeout: caller(408, 'The request did not arrive whole in time.', 'soon'),
  idempotency_in_flight: caller(
    409,
    'A request with the same Idempotency-Key is still being accepted.',
    'soon',
  ),
  job_not_ended: caller(
    409,
    'The job has not ended yet, and this call needs its end. To a retry of the job it carries `x-should-retry: false` all the same.',
    'later',
  ),
  gone: caller(410, 'The job existed and was deleted or purged.'),
  payload_too_large: caller(413, 'The body is larger than the limit.'),
  unsupported_media_type: caller(415, 'The body must be application/json.'),
  invalid_request: caller(422, 'The request was read, but a field is missing, unknown or wrong.'),
  model_not_found: caller(
    422,
    'The named model is not in the catalogue and its provider takes no unlisted ids.',
  ),
  no_route: caller(
    422,
    'No target is left after the policy; every refused candidate is listed with its reason.',
  ),
  idempotency_conflict: caller(422, 'The Idempotency-Key was used before with another body.'),
  config_rejected: caller(422, 'The configuration change was refused.'),
  rate_limited_caller: caller(429, 'Reserved: this caller sends too many requests.', 'soon'),
  budget_exceeded: caller(429, 'Reserved: this caller has spent its budget.'),
  headers_too_large: caller(431, 'The headers of the request are larger than 16 KB together.'),

  cancelled: gateway(409, 'The caller cancelled the job.'),
  deadline_exceeded: gateway(504, "The job's deadline passed before an answer was complete."),
  worker_lost: gateway(500, 'The worker died or was cut off during this attempt. Stands only on attempts.'),
  poison: gateway(500, 'Three workers died while they ran this job; it is not tried again.'),
  output_invalid: gateway(502, 'The model answered, but not in the form that the job needs.'),
  all_providers_failed: gateway(
    502,
    'Several targets were tried and each failed; the attempts carry the codes.',
  ),
  provider_not_configured: gateway(503, 'The provider has no key; the message names the variable.'),
  store_unavailable: gateway(
    503,
    'PostgreSQL did not answer in time. Nothing was confirmed; repeat with the same Idempotency-Key.',
    'soon',
  ),
  internal: gateway(500, 'A fault of Longhaul itself; the log has it under the request id.', 'soon'),

  rate_limited: provider(
    503,
    { ...SLOW, sameTarget: 'after_hint', span: 'hint' },
    'Too many requests or tokens for this key.',
  ),
  overloaded: provider(503, SLOW, 'The provider or the model has no capacity now.'),
  upstream_error: provider(502, SLOW, 'The provider answered with a server error.'),
  network_error: provider(502, SLOW, 'The provider could not be reached, or the connection broke.'),
  timeout: provider(504, BROKEN, 'A clock of the call ran out: connect, first token, idle or total.'),
  stream_truncated: provider(
    502,
    BROKEN,
    'The stream ended without its closing mark; never taken for an answer.',
  ),
  malformed_response: provider(502, BROKEN, 'The reply could not be understood.'),
  auth_failed: provider(502, KEY, 'The provider refused the key.'),
  quota_exhausted: provider(503, KEY, 'No credit or plan quota is left on this key.'),
  account_terminated: provider(502, KEY, 'The provider closed the account.'),
  client_not_allowed: provider(
    502,
    { ...REFUSED, cools: 'provider', span: 'quota' },
    'The provider admits only certain clients.',
  ),
  content_filtered: provider(422, REFUSED, 'The provider refused the content.'),
  rejected_request: provider(422, REFUSED, 'The provider refused the request as invalid.'),
  model_unavailable: provider(
    502,
    { ...KEY, cools: 'target' },
    'The provider does not serve this model to this key.',
  ),
  context_overflow: provider(
    422,
    { ...STOP, nextRung: 'larger_window' },
    'The prompt does not fit the context window.',
  ),
  output_starved: provider(
    502,
    { ...STOP, sameTarget: 'once_larger_budget', nextRung: 'always' },
    'Reasoning used up the output budget; no text came.',
  ),
  empty_output: provider(
    502,
    { ...STOP, sameTarget: 'once', nextRung: 'always' },
    'The provider answered with no text.',
  ),
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof ERRORS;

export const isErrorCode = (word: string): word is ErrorCode => Object.hasOwn(ERRORS, word);

/** One fault of a body: `pointer` is a JSON pointer (RFC 6901) into it. */
export interface Fault {
  readonly pointer: string;
  readonly detail: string;
}

/** How far an upstream call had come when it failed. */
export type CallPhase = 'before_send' | 'before_headers' | 'before_first_token' | 'mid_answer';

export interface ErrorDetail {
  /** The caller's parameter at fault, for the OpenAI-shaped member `error.param`. */
  readonly param?: string;
  readonly faults?: readonly Fault[];
  /** The provider's own hint, in milliseconds from now. */
  readonly retryAfterMs?: number;
  /** What is used up is this one model's, not the key's: only the target cools. */
  readonly isOfModel?: boolean;
  readonly upstreamStatus?: number;
  readonly upstreamRequestId?: string;
  readonly phase?: CallPhase;
  /** What a call that gave no answer has used, when the provider said so: the ledger books it. */
  readonly usage?: Usage;
  readonly statedCostNanoUsd?: number;
  /** What the provider said of its own limits. */
  readonly limits?: UpstreamLimits;
  /** False when a repeat of the same request cannot help (`x-should-retry: false`). */
  readonly shouldRetry?: boolean;
  /** More members of the problem document, e.g. near matches or refused candidates. No secrets, no prompts. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** The only error class that crosses a library's door. The message says what happened, to whom, what to do. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly detail: ErrorDetail & { readonly cause?: unknown } = {},
  ) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
  }

  get row(): ErrorRow {
    return ERRORS[this.code];
  }

  /** Any throwable as a GatewayError; an unknown one becomes `internal` and keeps itself as `cause`. */
  static from(thrown: unknown): GatewayError {
    if (thrown instanceof GatewayError) return thrown;
    return new GatewayError('internal', 'An unexpected fault in Longhaul; the log has it.', {
      cause: thrown,
    });
  }
}
