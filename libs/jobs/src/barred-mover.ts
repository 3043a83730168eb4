import { GatewayError, isErrorCode } from '@longhaul/contract';
import { JobRow, Records } from '@longhaul/records';
import { BarredOutcome, decideBarred } from './outcome';

/** Moves a job whose target may not be called now: no attempt row, nothing called. */
export class BarredMover {
  constructor(
    private readonly records: Records,
    private readonly onReady: (lane: string) => void,
  ) {}

  async move(jobId: string): Promise<void> {
    const job = await this.records.jobs.read(jobId);
    if (!job || job.leaseOwner !== null || job.completedAt !== null) return;
    const bars = await this.records.jobs.barsOf(job.chain);
    const outcome = decideBarred({
      chain: job.chain,
      position: job.position,
      bars,
      now: new Date(),
      deadlineAt: job.deadlineAt,
    });
    await this.apply(job, outcome);
  }

  private async apply(job: JobRow, outcome: BarredOutcome): Promise<void> {
    const position = 'position' in outcome ? outcome.position : job.position;
    const target = job.chain[position];
    if (!target) throw new GatewayError('internal', `Job ${job.id} has no rung ${String(position)}.`);
    // A job that stays keeps waiting without a bell; one that was rung must lose its mark to be fed again.
    if (outcome.next === 'stay' && job.rungAt === null) return;
    const readyAt = outcome.next === 'hold' ? outcome.readyAt : null;
    const error = outcome.next === 'fail' ? this.asKnown(outcome.error) : null;
    const moved = await this.records.jobs.move({
      jobId: job.id,
      ring: job.ring,
      readyAt,
      position,
      target,
      error,
    });
    if (!moved) return;
    if (error) this.records.notices.tell('ended', job.id);
    else {
      this.records.notices.tell('ready', target.provider);
      this.onReady(target.provider);
    }
  }

  private asKnown<Stored extends { readonly code: string }>(error: Stored): Stored {
    return isErrorCode(error.code) ? error : { ...error, code: 'internal' };
  }
}
