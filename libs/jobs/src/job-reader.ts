import { DecisionView, GatewayError, hasEnded, JobView, usdFromNano, viewDecision } from '@longhaul/contract';
import { AttemptView, EventPage, JobDetail, JobFilter, Records } from '@longhaul/records';
import { EndNotice } from './end-notice';
import { JobEventView, viewEvent } from './job-event';
import { viewOf } from './job-view';
import { JobKind, kindOf } from './kinds';
import { notEnded } from './not-ended';
import { Include } from './submission';

/** A job with what `include` asked for. */
export type JobAnswer = JobView & {
  readonly attempts_list?: readonly AttemptView[];
  readonly decision?: DecisionView;
};

/** What a job left, with the job, which says who made it. */
export interface JobPart<Content> {
  readonly job: JobView;
  readonly content: Content;
}

/** One page of jobs, in the envelope that OpenAI's and Anthropic's clients page by. */
export interface JobPage {
  readonly object: 'list';
  readonly data: readonly JobView[];
  readonly first_id: string | null;
  readonly last_id: string | null;
  readonly has_more: boolean;
}

export interface EventList {
  readonly object: 'list';
  readonly data: readonly JobEventView[];
  readonly has_more: boolean;
}

export interface WaitOptions {
  readonly waitMs: number;
  /** Aborted when the client hangs up. */
  readonly signal: AbortSignal;
  readonly include: readonly Include[];
}

/** A notice may be lost, so a waiter also looks for itself. */
const POLL_MS = 1000;

/** All that the API may ask about jobs. A caller sees its own and no others. */
export class JobReader {
  constructor(private readonly records: Records) {}

  /** @throws GatewayError not_found, also for another caller's job; gone when it was deleted */
  async find(id: string, caller: string, include: readonly Include[]): Promise<JobAnswer> {
    return this.answer(await this.records.jobs.find(id, caller, wantedBy(include)), include);
  }

  /** The job when it has ended, or as it stands when the time is up or the client has gone. */
  async waitForEnd(id: string, caller: string, options: WaitOptions): Promise<JobAnswer> {
    const untilMs = performance.now() + options.waitMs;
    // Listening starts before the first look: an end between look and wait must not be missed.
    const ended = new EndNotice(this.records.notices, id);
    try {
      for (;;) {
        const { status } = await this.records.jobs.find(id, caller);
        const leftMs = untilMs - performance.now();
        if (hasEnded(status) || leftMs <= 0 || options.signal.aborted)
          return await this.find(id, caller, options.include);
        await ended.wait(Math.min(leftMs, POLL_MS), options.signal);
      }
    } finally {
      ended.close();
    }
  }

  async attempts(id: string, caller: string): Promise<AttemptView[]> {
    await this.records.jobs.find(id, caller);
    return this.records.attempts.list(id);
  }

  /** Markdown. @throws GatewayError job_not_ended; not_found when the type has no report or the job no output */
  async report(id: string, caller: string): Promise<JobPart<string>> {
    const row = await this.records.jobs.find(id, caller, { output: true });
    const kind: JobKind = kindOf(row.type);
    if (!kind.report)
      throw new GatewayError('not_found', `A ${row.type} job has no report; read its output instead.`, {
        shouldRetry: false,
      });
    const output = outputOf(row, 'report');
    const about = {
      id: row.id,
      resolved: { provider: row.provider, model: row.targetModel },
      createdAt: row.createdAt,
      completedAt: row.completedAt,
      costUsd: usdFromNano(row.costNanoUsd),
    };
    return { job: viewOf(row), content: kind.report(about, output) };
  }

  /** As the kind has left it. @throws GatewayError job_not_ended; not_found when the job has no output */
  async output(id: string, caller: string): Promise<JobPart<unknown>> {
    const row = await this.records.jobs.find(id, caller, { output: true });
    return { job: viewOf(row), content: outputOf(row, 'output') };
  }

  /** One page of a caller's jobs. @throws GatewayError malformed_request for a cursor that is none of its jobs */
  async list(caller: string, filter: JobFilter): Promise<JobPage> {
    const { rows, hasMore } = await this.records.list.page(caller, filter);
    return {
      object: 'list',
      data: rows.map(viewOf),
      first_id: rows[0]?.id ?? null,
      last_id: rows.at(-1)?.id ?? null,
      has_more: hasMore,
    };
  }

  /** Every transition of a job after the number `after`, the oldest first. */
  async events(id: string, caller: string, page: EventPage): Promise<EventList> {
    await this.records.jobs.find(id, caller);
    const { rows, hasMore } = await this.records.events.page(id, page);
    return { object: 'list', data: rows.map(viewEvent), has_more: hasMore };
  }

  private async answer(row: JobDetail, include: readonly Include[]): Promise<JobAnswer> {
    return {
      ...viewOf(row),
      ...(include.includes('attempts') ? { attempts_list: await this.records.attempts.list(row.id) } : {}),
      ...(row.decision === undefined ? {} : { decision: viewDecision(row.decision) }),
    };
  }
}

const wantedBy = (include: readonly Include[]) => ({
  output: include.includes('output'),
  decision: include.includes('decision'),
});

function outputOf(row: JobDetail, name: 'output' | 'report'): unknown {
  const { id, status, output } = row;
  if (!hasEnded(status)) throw notEnded(row, `its ${name} comes with its end.`);
  if (output !== null && output !== undefined) return output;
  throw new GatewayError('not_found', `Job ${id} ended ${status} without an output; its error says why.`, {
    shouldRetry: false,
  });
}
