import { GatewayError, isErrorCode, nameOf } from '@longhaul/contract';
import { JobRow, Records } from '@longhaul/records';
import { BarredOutcome, decideBarred, RungBar } from './outcome';
import { RoadMeter } from './road-meter';

/** Moves a job whose target may not be called now: no attempt row, nothing called. */
export class BarredMover {
  constructor(
    private readonly records: Records,
    private readonly onReady: (lane: string) => void,
    private readonly meter: RoadMeter,
  ) {}

  async move(jobId: string): Promise<void> {
    const job = await this.records.jobs.read(jobId);
    if (!job || job.leaseOwner !== null || job.completedAt !== null) return;
    const bars = await this.records.jobs.barsOf(job.chain);
    const outcome = decideBarred({
      chain: job.chain,
      position: job.position,
      bars,
      // The bars' own clock: a host that is hours off would wait hours, or not at all.
      now: await this.records.leases.clock(),
      deadlineAt: job.deadlineAt,
    });
    await this.apply(job, outcome, reasonOf(job, bars[job.position] ?? null, outcome));
  }

  private async apply(job: JobRow, outcome: BarredOutcome, reason: string | null): Promise<void> {
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
      ...(reason === null ? {} : { reason }),
    });
    if (!moved) return;
    if (error) {
      this.meter.ended(job.type, 'failed');
      this.records.notices.tell('ended', job.id);
    } else {
      this.meter.putBack(job.provider, position === job.position ? 'hold' : 'hand_over');
      this.records.notices.tell('ready', target.provider);
      this.onReady(target.provider);
    }
  }

  private asKnown<Stored extends { readonly code: string }>(error: Stored): Stored {
    return isErrorCode(error.code) ? error : { ...error, code: 'internal' };
  }
}

/** What a caller who polls is told. */
function reasonOf(job: JobRow, bar: RungBar | null, outcome: BarredOutcome): string | null {
  if (bar === null || outcome.next === 'fail') return null;
  const barred = nameOf({ provider: job.provider, model: job.targetModel });
  const until = bar.until === null ? 'is turned off' : `may not be called before ${bar.until.toISOString()}`;
  if (outcome.next === 'stay' || outcome.position === job.position)
    return `${barred} ${until} (${bar.code}); the job waits.`;
  const next = job.chain[outcome.position];
  return `${barred} ${until} (${bar.code}); the job goes to ${next ? nameOf(next) : 'its next target'}.`;
}
