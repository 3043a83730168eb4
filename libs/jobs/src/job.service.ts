import { Decision, GatewayError, hasEnded, JobView, Need, Route, usdFromNano } from '@longhaul/contract';
import { Dispatch } from '@longhaul/queue';
import { AttemptView, JobRow, NewJob, Records, viewJob } from '@longhaul/records';
import { Registry } from '@longhaul/registry';
import { EndNotice } from './end-notice';
import { Feeder } from './feeder';
import { newJobId } from './job-id';
import { JOB_KINDS, JobKind, kindOf } from './kinds';
import { readinessOf, ReadinessReport } from './readiness';
import { Accepted, IdempotencyKey, Include, Submission } from './submission';

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

/** A job with what `include` asked for. */
export type JobAnswer = JobView & {
  readonly attempts_list?: readonly AttemptView[];
  readonly decision?: Decision;
};

export interface WaitOptions {
  readonly waitMs: number;
  /** Aborted when the client hangs up. */
  readonly signal: AbortSignal;
  readonly include: readonly Include[];
}

const DEFAULT_PRIORITY = 5;
/** A notice may be lost, so a waiter also looks for itself. */
const POLL_MS = 1000;

/** All that the API may ask about jobs. */
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
    if ('known' in route) return { job: view(route.known), replayed: true };
    const accepted = await this.parts.records.accepts.accept({
      ...this.newJob(submission, caller, idempotency),
      type: kind.type,
      input,
      chain: route.chain,
      decision: route.decision,
      model: submission.model ?? '',
    });
    if (!accepted.replayed) this.parts.feeder.wake(accepted.row.provider);
    return { job: view(accepted.row), replayed: accepted.replayed };
  }

  /** @throws GatewayError not_found, also for another caller's job */
  async find(id: string, caller: string, include: readonly Include[]): Promise<JobAnswer> {
    return this.answer(await this.parts.records.jobs.find(id, caller), include);
  }

  /** The job when it has ended, or as it stands when the time is up or the client has gone. */
  async waitForEnd(id: string, caller: string, options: WaitOptions): Promise<JobAnswer> {
    const untilMs = performance.now() + options.waitMs;
    // Listening starts before the first look: an end between look and wait must not be missed.
    const ended = new EndNotice(this.parts.records.notices, id);
    try {
      for (;;) {
        const row = await this.parts.records.jobs.find(id, caller);
        const leftMs = untilMs - performance.now();
        if (hasEnded(row.status) || leftMs <= 0 || options.signal.aborted)
          return await this.answer(row, options.include);
        await ended.wait(Math.min(leftMs, POLL_MS), options.signal);
      }
    } finally {
      ended.close();
    }
  }

  /** Idempotent. After it returns no call is started for this job; a running one is closed by its worker. */
  async cancel(id: string, caller: string): Promise<JobView> {
    const row = await this.parts.records.jobs.cancel(id, caller);
    this.parts.records.notices.tell(hasEnded(row.status) ? 'ended' : 'cancel', id);
    return view(row);
  }

  async attempts(id: string, caller: string): Promise<AttemptView[]> {
    await this.parts.records.jobs.find(id, caller);
    return this.parts.records.attempts.list(id);
  }

  /** Markdown. @throws GatewayError job_not_ended; not_found when the type has no report or the job no output */
  async report(id: string, caller: string): Promise<string> {
    const row = await this.parts.records.jobs.find(id, caller);
    const kind: JobKind = kindOf(row.type);
    if (!kind.report)
      throw new GatewayError('not_found', `A ${row.type} job has no report; read its output instead.`, {
        shouldRetry: false,
      });
    if (!hasEnded(row.status))
      throw new GatewayError('job_not_ended', `Job ${id} is ${row.status}; its report comes with its end.`);
    if (row.output === null)
      throw new GatewayError('not_found', `Job ${id} ended ${row.status} and has no output to report on.`, {
        shouldRetry: false,
      });
    return kind.report(
      {
        id: row.id,
        resolved: { provider: row.provider, model: row.targetModel },
        createdAt: row.createdAt,
        completedAt: row.completedAt,
        costUsd: usdFromNano(row.costNanoUsd),
      },
      row.output,
    );
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
      deadlineMs: submission.deadlineSeconds === undefined ? deadlineMs : submission.deadlineSeconds * 1000,
      timeoutMs:
        submission.timeoutSeconds === undefined ? null : Math.round(submission.timeoutSeconds * 1000),
      fallbackOnRefusal: submission.fallbackOnRefusal ?? false,
      metadata: submission.metadata ?? {},
      idempotency: idempotency ?? null,
    };
  }

  private async answer(row: JobRow, include: readonly Include[]): Promise<JobAnswer> {
    return {
      ...view(row, include),
      ...(include.includes('attempts')
        ? { attempts_list: await this.parts.records.attempts.list(row.id) }
        : {}),
      ...(include.includes('decision') ? { decision: row.decision } : {}),
    };
  }
}

const view = (row: JobRow, include: readonly Include[] = []): JobView =>
  viewJob(row, {
    output: include.includes('output'),
    report: JOB_KINDS.some((kind) => kind.type === row.type && kind.report !== undefined),
  });
