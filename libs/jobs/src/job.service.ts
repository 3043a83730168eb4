import { hasEnded, JobView, Need, Route } from '@longhaul/contract';
import { Dispatch } from '@longhaul/queue';
import { IdempotencyKey, JobRow, NewJob, Records } from '@longhaul/records';
import { Registry } from '@longhaul/registry';
import { Feeder } from './feeder';
import { newJobId } from './job-id';
import { viewOf } from './job-view';
import { kindOf } from './kinds';
import { readinessOf, ReadinessReport } from './readiness';
import { Accepted, Submission } from './submission';

export interface JobServiceParts {
  readonly records: Records;
  readonly registry: Registry;
  readonly dispatch: Dispatch;
  readonly feeder: Feeder;
}

export interface JobServiceOptions {
  readonly maxCalls: number;
  /** By job type; `chat` is the default for others. */
  readonly deadlineMs: Readonly<Record<string, number>>;
  readonly defaultDeadlineMs: number;
}

const DEFAULT_PRIORITY = 5;
/** What the API may do with jobs; reading them is the JobReader's. */
export class JobService {
  constructor(
    private readonly parts: JobServiceParts,
    private readonly options: JobServiceOptions,
  ) {}

  /**
   * Accepts a job: parse, route, one transaction. What it returns is stored; the queue store is not asked.
   * @throws GatewayError invalid_request, model_not_found, no_route, provider_not_configured, idempotency_conflict, store_unavailable
   */
  async submit(submission: Submission, caller: string, idempotency?: IdempotencyKey): Promise<Accepted> {
    const kind = kindOf(submission.type);
    const input = kind.parse(submission.input);
    const route = await this.routeUnlessKnown(kind.need(input), submission, { caller, idempotency });
    if ('known' in route) return { job: viewOf(route.known), replayed: true };
    const accepted = await this.parts.records.accepts.accept({
      ...this.newJob(submission, caller, idempotency),
      type: kind.type,
      input,
      chain: route.chain,
      decision: route.decision,
      model: submission.model ?? '',
    });
    if (!accepted.replayed) this.parts.feeder.wake(accepted.row.provider);
    return { job: viewOf(accepted.row), replayed: accepted.replayed };
  }

  /** Idempotent. After it returns no call is started for this job; a running one is closed by its worker. */
  async cancel(id: string, caller: string): Promise<JobView> {
    const row = await this.parts.records.jobs.cancel(id, caller);
    this.parts.records.notices.tell(hasEnded(row.status) ? 'ended' : 'cancel', id);
    return viewOf(row);
  }

  readiness(): Promise<ReadinessReport> {
    return readinessOf(this.parts.records, this.parts.dispatch);
  }

  /** A repeat of an accepted request is answered even when the registry would choose, or refuse, otherwise today. */
  private async routeUnlessKnown(
    need: Need,
    submission: Submission,
    { caller, idempotency }: { readonly caller: string; readonly idempotency: IdempotencyKey | undefined },
  ): Promise<Route | { readonly known: JobRow }> {
    try {
      return this.parts.registry.route(need, submission);
    } catch (thrown) {
      const known = idempotency ? await this.parts.records.accepts.known(caller, idempotency) : null;
      if (known) return { known };
      throw thrown;
    }
  }

  private newJob(
    submission: Submission,
    caller: string,
    idempotency: IdempotencyKey | undefined,
  ): Omit<NewJob, 'type' | 'input' | 'chain' | 'decision' | 'model'> {
    const deadlineMs = this.options.deadlineMs[submission.type] ?? this.options.defaultDeadlineMs;
    return {
      id: newJobId(Date.now()),
      caller,
      maxCalls: this.options.maxCalls,
      priority: submission.priority ?? DEFAULT_PRIORITY,
      runAt: submission.runAt ?? null,
      deadlineMs:
        submission.deadlineSeconds === undefined ? deadlineMs : Math.round(submission.deadlineSeconds * 1000),
      timeoutMs:
        submission.timeoutSeconds === undefined ? null : Math.round(submission.timeoutSeconds * 1000),
      fallbackOnRefusal: submission.fallbackOnRefusal ?? false,
      metadata: submission.metadata ?? {},
      idempotency: idempotency ?? null,
      retryOf: null,
    };
  }
}
