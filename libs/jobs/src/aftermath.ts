import { GatewayError, HandOver } from '@longhaul/contract';
import { JobRow, Records } from '@longhaul/records';
import { ClaimWork } from './claim-work';
import { FailureTerms } from './failure-terms';
import { HandOvers, LaterRungs } from './hand-over';
import { decideOutcome, EarlierFailure, Outcome, Standing, storedError } from './outcome';

export interface AftermathParts {
  readonly records: Pick<Records, 'attempts'>;
  readonly handOvers: HandOvers;
  readonly termsOf: (provider: string) => FailureTerms;
}

export interface AftermathOptions {
  readonly random: () => number;
}

/** What comes of a failed call. */
export interface Consequence {
  readonly outcome: Outcome;
  /** Null where the job goes on with its target, or had no other from the start. */
  readonly handOver: HandOver | null;
}

/** Gathers what a failure has to be judged by, and keeps why a job leaves its target. */
export class Aftermath {
  constructor(
    private readonly parts: AftermathParts,
    private readonly options: AftermathOptions,
  ) {}

  /** @param work null when this worker could not even read the job */
  async of(work: ClaimWork | null, error: GatewayError, msToDeadline: number): Promise<Consequence> {
    if (work === null) return { outcome: { next: 'fail', error: storedError(error) }, handOver: null };
    const later = this.parts.handOvers.review(work.job);
    const standing = await this.standingOf(work, { later, msToDeadline });
    const outcome = decideOutcome(error, standing, this.options.random);
    // Had every target been open, would the job have gone on? Only then did a rule keep it from that.
    const otherwise = decideOutcome(error, { ...standing, closed: new Set() }, this.options.random);
    const isLeft = outcome.next === 'reroute' || (outcome.next === 'fail' && otherwise.next === 'reroute');
    const to = outcome.next === 'reroute' ? outcome.position : null;
    const handOver = isLeft ? this.parts.handOvers.record(work.job, { code: error.code, to, later }) : null;
    return { outcome, handOver };
  }

  private async standingOf(
    { job, outputBudget }: ClaimWork,
    { later, msToDeadline }: { readonly later: LaterRungs; readonly msToDeadline: number },
  ): Promise<Standing> {
    const { retryAttempts, backoffMs } = this.parts.termsOf(job.provider);
    return {
      ...{ chain: job.chain, position: job.position, tries: job.tries, calls: job.attempts },
      ...{ maxCalls: job.maxCalls, fallbackOnRefusal: job.fallbackOnRefusal, outputBudget, msToDeadline },
      ...{ retryAttempts, backoffMs, closed: later.closed, isEnlarged: job.outputBudget !== null },
      earlier: job.attempts > 1 ? await this.earlier(job) : [],
    };
  }

  /** Only colours the error of an ending, so an unreachable database costs that colour and nothing else. */
  private async earlier(job: JobRow): Promise<EarlierFailure[]> {
    const attempts = await this.parts.records.attempts.list(job.id).catch(() => []);
    const here = `${job.provider}/${job.targetModel}`;
    return attempts
      .flatMap(({ provider, model, error }) =>
        error === null ? [] : [{ target: `${provider}/${model}`, code: error.code }],
      )
      .filter(({ target }) => target !== here);
  }
}
