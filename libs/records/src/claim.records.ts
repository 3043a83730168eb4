import { ErrorCode } from '@longhaul/contract';
import { CLAIM_ALONE } from './claim-alone';
import { CLAIM_TOGETHER } from './claim-together';
import { Database } from './database';
import { Gathering, TOGETHER } from './gathering';
import { JobRow } from './job.row';
import { DEATHS_UNTIL_POISON } from './last-chance';
import { KnownPayloads, payloadsText } from './payloads';
import { RateRecords } from './rate.records';
import { StaleWhy } from './stale';

/** The row of the slot table that caps all providers together. */
export const TOTAL_SCOPE = '*';

/**
 * A right to take over that is always past. A null would let the planner fold the whole condition on leases down to
 * that of the partial indexes, and then look for one job by reading the index of all that wait.
 */
const NEVER = '-infinity';

export interface ClaimRequest {
  readonly jobId: string;
  /** Where its ticket lay. */
  readonly lane: string;
  readonly ring: number;
  readonly worker: string;
  readonly leaseMs: number;
  /** Until when, on the database's clock, this process may judge an expired lease (the grace rule); null = not at all. */
  readonly takeOverUntil: Date | null;
  /** How long a lane's stamp "I was refused a total slot" makes the other lanes yield. */
  readonly yieldMs: number;
  /** False = a job on its last chance is not claimed, and answered as that. Default: true. */
  readonly mayBeLast?: boolean;
}

/**
 * The six answers. `stale` = nothing to do and nothing called; `full` = no slot, or no room under a limit of the
 * credential (until `afterMs`, if that can be told, and after the job that is `first` in line), the lane is held;
 * `barred` = the target cools or its provider is off (`until` null = until somebody turns it on again), the job is moved;
 * with a `code` nothing bars the target but what this job needs of it; `probing` = another call probes the target, and
 * the job has been put back: it is rung again when that call is over; `newer` = this process cannot read the job, and has
 * left it as it is, ticket and all. The time to the deadline counts from the start of the attempt, by the database's clock:
 * a worker's own may be hours off. Of a claim that was held up past the deadline it is negative.
 */
export type ClaimAnswer =
  | {
      readonly answer: 'claimed';
      readonly job: JobRow;
      readonly msToDeadline: number;
      /** The lease of another had run out; its attempt was closed as `worker_lost`. */
      readonly tookOver: boolean;
      /** The target was not called since it cooled: the others wait for how this call begins. */
      readonly probe: boolean;
    }
  | { readonly answer: 'stale'; readonly why: StaleWhy }
  | { readonly answer: 'full'; readonly scope: 'provider' | 'total' }
  | {
      readonly answer: 'full';
      readonly scope: 'rate';
      readonly afterMs: number | null;
      readonly first: string;
    }
  | { readonly answer: 'barred'; readonly until: Date | null; readonly code?: ErrorCode }
  | { readonly answer: 'last_chance' }
  | { readonly answer: 'probing' }
  | { readonly answer: 'newer' };

type ClaimRow = JobRow & {
  readonly answer:
    | 'claimed'
    | 'stale'
    | 'newer'
    | 'unreserved'
    | 'last_chance'
    | 'barred'
    | 'probing'
    | 'full_provider'
    | 'full_total';
  readonly until: Date | null;
  readonly why: StaleWhy | null;
  readonly msToDeadline: number;
  readonly taken_over: boolean;
  readonly probe: boolean;
};

type TogetherRow = JobRow & { readonly place: number; readonly msToDeadline: number };

/** The authority on who may call: nobody calls upstream without a `claimed` from here. */
export class ClaimRecords {
  private readonly lanes = new Map<string, Gathering<ClaimRequest, ClaimAnswer | null>>();

  constructor(
    private readonly database: Database,
    private readonly rates: RateRecords,
    private readonly payloads: KnownPayloads | null = null,
  ) {}

  /**
   * One statement for all that claim in a lane at the same time, and one of its own for each that it passes over.
   * Throws `store_unavailable`; the claim may then have happened, and its lease will run out.
   */
  async claim(request: ClaimRequest): Promise<ClaimAnswer> {
    if (this.rates.isLimited(request.lane)) return this.claimReserved(request);
    return (await this.gatheringOf(request.lane).ask(request)) ?? this.claimAlone(request);
  }

  private gatheringOf(lane: string): Gathering<ClaimRequest, ClaimAnswer | null> {
    const known = this.lanes.get(lane);
    if (known) return known;
    const gathering = new Gathering(
      (requests: readonly ClaimRequest[]) => this.claimTogether(lane, requests),
      TOGETHER,
    );
    this.lanes.set(lane, gathering);
    return gathering;
  }

  /** Null = not answered. */
  private async claimTogether(
    lane: string,
    requests: readonly ClaimRequest[],
  ): Promise<(ClaimAnswer | null)[]> {
    const values = [
      lane,
      requests.map(({ jobId }) => jobId),
      requests.map(({ ring }) => ring),
      requests.map(({ worker }) => worker),
      requests.map(({ leaseMs }) => leaseMs),
      Math.max(...requests.map(({ yieldMs }) => yieldMs)),
      payloadsText(this.payloads),
    ];
    const answers = requests.map((): ClaimAnswer | null => null);
    for (const job of await this.database.run<TogetherRow>(CLAIM_TOGETHER, values)) {
      const { msToDeadline } = job;
      answers[job.place - 1] = { answer: 'claimed', job, msToDeadline, tookOver: false, probe: false };
    }
    return answers;
  }

  /** What another process has limited since is claimed by its reservation. */
  private async claimAlone(request: ClaimRequest): Promise<ClaimAnswer> {
    return (await this.claimOnce(request)) ?? this.claimReserved(request);
  }

  private claimReserved(request: ClaimRequest): Promise<ClaimAnswer> {
    return this.rates.claim(request, () => this.claimOnce(request));
  }

  /** Null = its lane has limits, and there is no reservation for it that is still good. */
  private async claimOnce(request: ClaimRequest): Promise<ClaimAnswer | null> {
    const { jobId, ring, worker, leaseMs, takeOverUntil, yieldMs, mayBeLast = true } = request;
    const rights = [takeOverUntil ?? NEVER, yieldMs, DEATHS_UNTIL_POISON, this.rates.validMs];
    const values = [jobId, ring, worker, leaseMs, ...rights, payloadsText(this.payloads), mayBeLast];
    const [row] = await this.database.run<ClaimRow>(CLAIM_ALONE, values);
    return answerOf(row);
  }
}

function answerOf(row: ClaimRow | undefined): ClaimAnswer | null {
  switch (row?.answer) {
    case 'claimed':
      return {
        ...{ answer: 'claimed', job: row, msToDeadline: row.msToDeadline },
        ...{ tookOver: row.taken_over, probe: row.probe },
      };
    case 'probing':
      return { answer: 'probing' };
    case 'last_chance':
      return { answer: 'last_chance' };
    case 'newer':
      return { answer: 'newer' };
    case 'barred':
      return { answer: 'barred', until: row.until };
    case 'full_provider':
      return { answer: 'full', scope: 'provider' };
    case 'full_total':
      return { answer: 'full', scope: 'total' };
    case 'unreserved':
      return null;
    case 'stale':
    case undefined:
      return { answer: 'stale', why: row?.why ?? 'raced' };
  }
}
