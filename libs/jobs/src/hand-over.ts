import { Candidate, HandOver } from '@longhaul/contract';
import { JobRow } from '@longhaul/records';
import { isNamedByCaller, Registry } from '@longhaul/registry';
import { Log } from './log';

/** The rungs after the one on which a job stands, as the rules see them now. */
export interface LaterRungs {
  /** Positions whose target a rule refuses by now. */
  readonly closed: ReadonlySet<number>;
  readonly candidates: readonly Candidate[];
}

export const ALL_OPEN: LaterRungs = { closed: new Set(), candidates: [] };

export interface Leaving {
  readonly code: string;
  /** The position that the job goes to; null = none is left. */
  readonly to: number | null;
  readonly later: LaterRungs;
}

/** A chain is decided when the job is accepted, and the world goes on: a provider is turned off, a key taken away. */
export class HandOvers {
  constructor(
    private readonly registry: Pick<Registry, 'review' | 'state'>,
    private readonly log: Log,
  ) {}

  /** Asks no database. A policy that fails closes nothing: the claim still has the last word on each target. */
  review(job: JobRow): LaterRungs {
    try {
      return this.ask(job);
    } catch (thrown) {
      this.log.error(
        `The policy failed over the chain of job ${job.id}; no target of it is left out.`,
        thrown,
      );
      return ALL_OPEN;
    }
  }

  private ask(job: JobRow): LaterRungs {
    const first = job.position + 1;
    const targets = job.chain.slice(first).map((target, index) => ({
      target,
      isNamed: isNamedByCaller(job.decision.chain[first + index]?.because ?? ''),
    }));
    if (targets.length === 0) return ALL_OPEN;
    const { need, requested } = job.decision;
    const [origin] = job.chain;
    const { maxCostUsd } = requested.routing ?? {};
    const candidates = this.registry.review(need, targets, {
      first: origin,
      ...(maxCostUsd === undefined ? {} : { maxCostUsd }),
    });
    const isClosed = ({ eligible, notAsFallback }: Candidate): boolean =>
      !eligible || notAsFallback.length > 0;
    const refused = candidates.flatMap((each, index) => (isClosed(each) ? [first + index] : []));
    return { closed: new Set(refused), candidates };
  }

  /** What is kept with the job's decision. */
  record(job: JobRow, { code, to, later }: Leaving): HandOver {
    const next = to === null ? undefined : job.chain[to];
    return {
      from: { provider: job.provider, model: job.targetModel },
      to: next === undefined ? null : { provider: next.provider, model: next.model },
      code,
      afterCalls: job.attempts,
      config: this.registry.state.config,
      candidates: later.candidates,
    };
  }
}
