import { IdempotencyKey, NewJob } from '@longhaul/records';
import { Registry } from '@longhaul/registry';
import { newJobId } from './job-id';
import { kindOf } from './kinds';
import { Submission } from './submission';

export interface NewJobOptions {
  readonly maxCalls: number;
  /** By job type; `chat` is the default for others. */
  readonly deadlineMs: Readonly<Record<string, number>>;
  readonly defaultDeadlineMs: number;
}

/** Who asks, and under which `Idempotency-Key`. */
export interface Caller {
  readonly caller: string;
  readonly idempotency: IdempotencyKey | undefined;
}

export interface JobRequest extends Caller {
  readonly retryOf: string | null;
}

const DEFAULT_PRIORITY = 5;
const MS = 1000;

/** Routes a job and states all that an accept writes. */
export class NewJobs {
  constructor(
    private readonly registry: Pick<Registry, 'route'>,
    private readonly options: NewJobOptions,
  ) {}

  /**
   * @param submission its input has been parsed by its kind
   * @throws GatewayError model_not_found, no_route, provider_not_configured
   */
  make(submission: Submission, { caller, idempotency, retryOf }: JobRequest): NewJob {
    const { type, input, deadlineSeconds, timeoutSeconds, ttlSeconds } = submission;
    const kind = kindOf(type);
    const { chain, decision } = this.registry.route(kind.need(input), submission);
    const deadlineMs = this.options.deadlineMs[type] ?? this.options.defaultDeadlineMs;
    return {
      id: newJobId(Date.now()),
      ...{ caller, retryOf, type, input, chain, decision },
      // What a newer Longhaul has stored stays its own when an older one repeats it.
      payloadVersion: Math.max(kind.payloadVersion, submission.payloadVersion ?? 1),
      idempotency: idempotency ?? null,
      model: submission.model ?? '',
      maxCalls: this.options.maxCalls,
      priority: submission.priority ?? DEFAULT_PRIORITY,
      runAt: submission.runAt ?? null,
      deadlineMs: msOf(deadlineSeconds) ?? deadlineMs,
      timeoutMs: msOf(timeoutSeconds),
      ttlMs: msOf(ttlSeconds),
      fallbackOnRefusal: submission.fallbackOnRefusal ?? false,
      metadata: submission.metadata ?? {},
    };
  }
}

const msOf = (seconds: number | undefined): number | null =>
  seconds === undefined ? null : Math.round(seconds * MS);
