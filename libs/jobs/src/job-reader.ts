import { Decision, GatewayError, hasEnded, JobView, usdFromNano } from '@longhaul/contract';
import { AttemptView, JobRow, Records } from '@longhaul/records';
import { EndNotice } from './end-notice';
import { viewOf } from './job-view';
import { JobKind, kindOf } from './kinds';
import { Include } from './submission';

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

/** A notice may be lost, so a waiter also looks for itself. */
const POLL_MS = 1000;

/** All that the API may ask about jobs. A caller sees its own and no others. */
export class JobReader {
  constructor(private readonly records: Records) {}

  /** @throws GatewayError not_found, also for another caller's job */
  async find(id: string, caller: string, include: readonly Include[]): Promise<JobAnswer> {
    return this.answer(await this.records.jobs.find(id, caller), include);
  }

  /** The job when it has ended, or as it stands when the time is up or the client has gone. */
  async waitForEnd(id: string, caller: string, options: WaitOptions): Promise<JobAnswer> {
    const untilMs = performance.now() + options.waitMs;
    // Listening starts before the first look: an end between look and wait must not be missed.
    const ended = new EndNotice(this.records.notices, id);
    try {
      for (;;) {
        const row = await this.records.jobs.find(id, caller);
        const leftMs = untilMs - performance.now();
        if (hasEnded(row.status) || leftMs <= 0 || options.signal.aborted)
          return await this.answer(row, options.include);
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
  async report(id: string, caller: string): Promise<string> {
    const row = await this.records.jobs.find(id, caller);
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

  private async answer(row: JobRow, include: readonly Include[]): Promise<JobAnswer> {
    return {
      ...viewOf(row, include),
      ...(include.includes('attempts') ? { attempts_list: await this.records.attempts.list(row.id) } : {}),
      ...(include.includes('decision') ? { decision: row.decision } : {}),
    };
  }
}
