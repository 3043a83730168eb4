import { CoolScope, costNanoUsd, GatewayError, HandOver, nameOf, Price, Target } from '@longhaul/contract';
import { AttemptEnding, Cooling, JobAgain, JobRow, LedgerCall, Settlement } from '@longhaul/records';
import { FailureTerms } from './failure-terms';
import { KindResult } from './kinds/kind';
import { ModelCall } from './model-call';
import { Outcome } from './outcome';

const HOUR_MS = 3_600_000;
const MOST_GROWN_MS = 60_000;

type Head = Pick<Settlement, 'jobId' | 'fence' | 'worker'>;

export const headOf = (job: JobRow, worker: string): Head => ({ jobId: job.id, fence: job.fence, worker });

/** The target on which a job stands, as far as its row alone can tell. */
export const targetOf = (job: JobRow): Target => ({
  ...{ provider: job.provider, model: job.targetModel, price: null },
  ...{ contextWindow: null, maxOutputTokens: null, minOutputTokens: null },
});

/** What the ledger can say of a call. An HTTP refusal before any work is known to cost nothing. */
function bookingOf(
  call: ModelCall | null,
  price: Price | null,
): Pick<AttemptEnding, 'call' | 'usage' | 'nanoUsd' | 'price'> {
  const booked = (kind: LedgerCall, nanoUsd: number | null) => ({
    call: kind,
    usage: call?.usage ?? null,
    nanoUsd,
    price,
  });
  if (!call || call.trace.phase === 'before_send') return booked('not_sent', 0);
  const { usage, statedCostNanoUsd } = call;
  if (statedCostNanoUsd !== null) return booked('answered', statedCostNanoUsd);
  if (usage) return booked('answered', price ? costNanoUsd(usage, price) : null);
  const { upstreamStatus } = call.trace;
  if (upstreamStatus !== undefined && upstreamStatus >= 400) return booked('answered', 0);
  return booked('unknown', null);
}

/** A finished answer. */
export function answered(
  head: Head,
  result: KindResult,
  made: { readonly call: ModelCall | null; readonly target: Target },
): Settlement {
  return {
    ...head,
    attempt: {
      status: 'succeeded',
      code: null,
      message: null,
      trace: made.call?.trace ?? null,
      ...bookingOf(made.call, made.target.price),
    },
    job: {
      to: 'end',
      status: result.status,
      output: result.output,
      error: null,
      incompleteReason: result.status === 'incomplete' ? result.reason : null,
    },
    cooling: null,
    warm: `target:${nameOf(made.target)}`,
  };
}

export interface Failure {
  readonly job: JobRow;
  readonly error: GatewayError;
  readonly outcome: Outcome;
  /** When the job leaves its target. */
  readonly handOver: HandOver | null;
  readonly call: ModelCall | null;
  readonly target: Target;
  readonly terms: FailureTerms;
}

/** A failed call, and what comes of it. */
export function failed(head: Head, failure: Failure): Settlement {
  const { error, outcome, call, target } = failure;
  return {
    ...head,
    attempt: {
      status: outcome.next === 'cancel' ? 'cancelled' : 'failed',
      code: error.code,
      message: error.message,
      trace: call?.trace ?? null,
      ...bookingOf(call, target.price),
    },
    job: endingOf(failure),
    cooling: coolingOf(failure),
    warm: saysAlive(failure) ? `target:${nameOf(target)}` : null,
  };
}

/** A refusal of this one request, read from a reply, shows that the target is there: a half-open circuit closes. */
const saysAlive = ({ error }: Failure): boolean =>
  error.row.family === 'provider' && error.row.cools === 'none' && error.detail.upstreamStatus !== undefined;

/** The end of a job whose last call was cut off by a stop: the cap on its calls holds for those as well. */
const LAST_CALL_STOPPED = {
  code: 'all_providers_failed',
  message:
    'The worker of the last call that this job may make (MAX_CALLS_PER_JOB) was stopped. See the attempts.',
} as const;

/**
 * Given back by a worker that drains: the job waits again at once, and no death is counted. A call that went out counts
 * as one of those that the job may make.
 */
export function abandoned(
  head: Head,
  made: { readonly job: JobRow; readonly call: ModelCall | null; readonly target: Target },
): Settlement {
  const { job } = made;
  const booking = bookingOf(made.call, made.target.price);
  const mayCall = booking.call === 'not_sent' || job.attempts < job.maxCalls;
  return {
    ...head,
    attempt: {
      status: 'abandoned',
      code: null,
      message: 'The worker shut down before the answer was complete and gave the job back.',
      trace: made.call?.trace ?? null,
      ...booking,
    },
    job: mayCall
      ? { ...standing(job), phase: 'waiting', afterMs: 0 }
      : { to: 'end', status: 'failed', output: null, error: LAST_CALL_STOPPED, incompleteReason: null },
    cooling: null,
    warm: null,
  };
}

const standing = (job: JobRow): Omit<JobAgain, 'phase' | 'afterMs'> => ({
  to: 'again',
  position: job.position,
  provider: job.provider,
  model: job.targetModel,
  tries: job.tries,
  outputBudget: job.outputBudget,
});

function endingOf({ job, outcome, error, handOver }: Failure): Settlement['job'] {
  const ended = { to: 'end', output: null, incompleteReason: null } as const;
  switch (outcome.next) {
    case 'fail':
      return { ...ended, status: 'failed', error: outcome.error, handOver };
    case 'cancel':
      return { ...ended, status: 'cancelled', error: { code: error.code, message: error.message } };
    case 'retry':
      return {
        ...standing(job),
        phase: 'retry_wait',
        afterMs: outcome.afterMs,
        tries: job.tries + (outcome.burns ? 1 : 0),
        outputBudget: outcome.outputBudget ?? job.outputBudget,
      };
    case 'reroute': {
      const next = job.chain[outcome.position];
      if (!next) throw new GatewayError('internal', `Job ${job.id} has no rung ${String(outcome.position)}.`);
      return {
        to: 'again',
        phase: 'fallback',
        afterMs: 0,
        position: outcome.position,
        provider: next.provider,
        model: next.model,
        tries: 0,
        outputBudget: null,
        handOver,
      };
    }
    default:
      return outcome satisfies never;
  }
}

/**
 * The circuit that a failure opens. A job's own retry is what probes its target, so a closed circuit opens no longer
 * than until then. A soft one closes by itself: one caller's impatient clock must not leave a target to a single call.
 */
function coolingOf({ error, outcome, target, terms }: Failure): Cooling | null {
  const { backoffMs } = terms;
  const { cools, span } = error.row;
  if (cools === 'none' || span === 'none') return null;
  const scope = scopeOf(error.detail.isOfModel === true ? 'target' : cools, target, terms);
  const hintMs = error.detail.retryAfterMs;
  const fixed = (forMs: number): Cooling => ({
    scope,
    code: error.code,
    forMs,
    growing: false,
    mostMs: forMs,
  });
  switch (span) {
    case 'quota':
      // A quota that is whole again at once is none; whoever says so does not know.
      return fixed(hintMs === undefined || hintMs === 0 ? HOUR_MS : hintMs);
    case 'soft':
      return { ...fixed(backoffMs), probed: false };
    case 'hint':
    case 'growing':
      if (hintMs !== undefined) return fixed(hintMs);
      return {
        ...{ scope, code: error.code, forMs: backoffMs, growing: true, mostMs: MOST_GROWN_MS },
        firstMs: outcome.next === 'retry' ? outcome.afterMs : backoffMs,
      };
    default:
      return span satisfies never;
  }
}

function scopeOf(cools: Exclude<CoolScope, 'none'>, target: Target, { credential }: FailureTerms): string {
  switch (cools) {
    case 'target':
      return `target:${nameOf(target)}`;
    case 'credential':
      return `credential:${credential}`;
    case 'provider':
      return `provider:${target.provider}`;
    default:
      return cools satisfies never;
  }
}
