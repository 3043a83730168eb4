import { GatewayError, HandOver } from '@longhaul/contract';
import { JobRow, Records } from '@longhaul/records';
import { ClaimWork } from './claim-work';
import { HandOvers, LaterRungs } from './hand-over';
import { decideOutcome, EarlierFailure, Outcome, storedError } from './outcome';

export interface AftermathParts {
  readonly records: Pick<Records, 'attempts'>;
  readonly handOvers: HandOvers;
}

export interface AftermathOptions {
  readonly retryAttempts: number;
  readonly backoffMs: number;
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
    const outcome = await this.decide(work, error, { later, msToDeadline });
    return { outcome, handOver: this.handOverOf(work.job, error, { outcome, later }) };
  }

  private handOverOf(
    job: JobRow,
    { code }: GatewayError,
    { outcome, later }: { readonly outcome: Outcome; readonly later: LaterRungs },
  ): HandOver | null {
    const to = outcome.next === 'reroute' ? outcome.position : null;
    const isLeft = outcome.next === 'reroute' || (outcome.next === 'fail' && later.closed.size > 0);
    return isLeft ? this.parts.handOvers.record(job, { code, to, later }) : null;
  }

  private async decide(
    { job, outputBudget }: ClaimWork,
    error: GatewayError,
    { later, msToDeadline }: { readonly later: LaterRungs; readonly msToDeadline: number },
  ): Promise<Outcome> {
    const { random, ...limits } = this.options;
    const standing = {
      ...{ chain: job.chain, position: job.position, tries: job.tries, calls: job.attempts },
      ...{ maxCalls: job.maxCalls, fallbackOnRefusal: job.fallbackOnRefusal, outputBudget, msToDeadline },
      ...limits,
      earlier: job.attempts > 1 ? await this.earlier(job) : [],
      closed: later.closed,
    };
    return decideOutcome(error, standing, random);
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
