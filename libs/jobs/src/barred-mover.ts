import { GatewayError, HandOver, isErrorCode, nameOf } from '@longhaul/contract';
import { ClaimAnswer, JobRow, Records } from '@longhaul/records';
import { HandOvers, LaterRungs } from './hand-over';
import { BarredOutcome, decideBarred, RungBar } from './outcome';
import { RoadMeter } from './road-meter';
import { Settler } from './settler';

export interface BarredMoverParts {
  readonly records: Records;
  readonly meter: RoadMeter;
  readonly handOvers: HandOvers;
  readonly settler: Pick<Settler, 'commitSpooled'>;
}

/** Moves a job whose target may not be called now: no attempt row, nothing called. */
export class BarredMover {
  constructor(
    private readonly parts: BarredMoverParts,
    private readonly onReady: (lane: string) => void,
  ) {}

  /** @param barred what a claim was told: it may know of a bar that is this job's alone */
  async move(jobId: string, barred: Barred | null = null): Promise<void> {
    const job = await this.parts.records.jobs.read(jobId);
    if (!job || job.leaseOwner !== null || job.completedAt !== null) return;
    const bars = withOwn(await this.parts.records.jobs.barsOf(job.chain), job.position, barred);
    const later = this.parts.handOvers.review(job);
    const outcome = decideBarred({
      closed: later.closed,
      chain: job.chain,
      position: job.position,
      bars,
      // The bars' own clock: a host that is hours off would wait hours, or not at all.
      now: await this.parts.records.leases.clock(),
      deadlineAt: job.deadlineAt,
    });
    // A worker that was cut off may have put its answer there meanwhile: what is paid for is not given up.
    if (outcome.next === 'fail' && (await this.parts.settler.commitSpooled(jobId))) return;
    const bar = bars[job.position] ?? null;
    await this.apply(job, outcome, {
      reason: reasonOf(job, bar, outcome),
      handOver: this.handOverOf(job, outcome, { bar, later }),
    });
  }

  /** Null where the job stays on its target. */
  private handOverOf(
    job: JobRow,
    outcome: BarredOutcome,
    { bar, later }: { readonly bar: RungBar | null; readonly later: LaterRungs },
  ): HandOver | null {
    const to = 'position' in outcome ? outcome.position : null;
    if (outcome.next === 'stay' || to === job.position) return null;
    return this.parts.handOvers.record(job, { code: bar?.code ?? outcome.next, to, later });
  }

  private async apply(job: JobRow, outcome: BarredOutcome, { reason, handOver }: Kept): Promise<void> {
    const position = 'position' in outcome ? outcome.position : job.position;
    const target = job.chain[position];
    if (!target) throw new GatewayError('internal', `Job ${job.id} has no rung ${String(position)}.`);
    // A job that stays keeps waiting without a bell; one that was rung must lose its mark to be fed again.
    if (outcome.next === 'stay' && job.rungAt === null) return;
    const readyAt = outcome.next === 'hold' ? outcome.readyAt : null;
    const error = outcome.next === 'fail' ? this.asKnown(outcome.error) : null;
    const moved = await this.parts.records.jobs.move({
      jobId: job.id,
      ring: job.ring,
      readyAt,
      position,
      target,
      error,
      ...(reason === null ? {} : { reason }),
      handOver,
    });
    if (!moved) return;
    if (error) {
      this.parts.meter.ended(job.type, 'failed');
      this.parts.records.notices.tell('ended', job.id);
    } else {
      this.parts.meter.putBack(job.provider, position === job.position ? 'hold' : 'hand_over');
      this.parts.records.notices.tell('ready', target.provider);
      this.onReady(target.provider);
    }
  }

  private asKnown<Stored extends { readonly code: string }>(error: Stored): Stored {
    return isErrorCode(error.code) ? error : { ...error, code: 'internal' };
  }
}

type Barred = Omit<Extract<ClaimAnswer, { readonly answer: 'barred' }>, 'answer'>;

/** The later bar wins, as everywhere. */
function withOwn(
  bars: readonly (RungBar | null)[],
  position: number,
  barred: Barred | null,
): readonly (RungBar | null)[] {
  if (barred?.code === undefined || barred.until === null) return bars;
  const { until, code } = barred;
  return bars.map((bar, index) => {
    if (index !== position) return bar;
    return bar === null || (bar.until !== null && bar.until < until) ? { until, code } : bar;
  });
}

/** What is kept of a move. */
interface Kept {
  readonly reason: string | null;
  readonly handOver: HandOver | null;
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
