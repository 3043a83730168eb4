import { JobPhase, JobStatus } from '@longhaul/contract';

/** What the worker of a claim has in its memory. `over` = nothing: it is done, or it died. */
export type Turn = 'unaware' | 'claimed' | 'sent' | 'answered' | 'refused' | 'over';
export type AttemptEnd = 'running' | 'succeeded' | 'failed' | 'cancelled' | 'abandoned' | 'lost';
export type Booked = 'none' | 'answered' | 'unknown' | 'not_sent';

/** A claim: its attempt, its ledger row, its call and its worker's turn. Its fence is its place in the job's list. */
export interface Claim {
  readonly worker: number;
  readonly provider: number;
  readonly turn: Turn;
  readonly attempt: AttemptEnd;
  readonly booked: Booked;
  /** The provider has got the call. */
  readonly sent: boolean;
  /** Its answer lies in the spool of the host. */
  readonly spooled: boolean;
  /**
   * Its worker was killed, or stopped or cut off for longer than the lease, or never heard of it, and has not renewed
   * since. Only such a claim may be paid for in vain.
   */
  readonly faulted: boolean;
}

/** A row of `jobs`, with the tickets that stand for it. Providers are the rungs of its chain. */
export interface Job {
  /** Null = not accepted yet. */
  readonly status: JobStatus | null;
  readonly phase: JobPhase | null;
  readonly removed: boolean;
  /** It was sent with the Idempotency-Key of the others. */
  readonly sameKey: boolean;
  readonly provider: number;
  /** A ticket of the last bell lies in the queue. */
  readonly ticket: boolean;
  /** A ticket of an earlier bell lies there. */
  readonly oldTicket: boolean;
  readonly ready: boolean;
  readonly isLate: boolean;
  readonly cancelAsked: boolean;
  readonly held: boolean;
  readonly lapsed: boolean;
  /** The slot that its claim has. `gone` = another has taken it while the lease had run out. */
  readonly slot: number | 'gone' | null;
  readonly tries: number;
  readonly deaths: number;
  /** The claim whose answer the job ended with. */
  readonly output: number | null;
  /** What somebody who wants to shift the job has read of it. */
  readonly seen: { readonly provider: number; readonly isLastBell: boolean } | null;
  readonly claims: readonly Claim[];
}

/**
 * What a job sees of the rest of its world. Processes are not in it: a stopped one is one that does nothing for a while,
 * and a new one in the place of a dead one is one that has forgotten its claims.
 */
export interface Around {
  readonly workers: number;
  /**
   * What the grace rule comes to: every worker that is well has had the time to renew since leases were last unable to
   * be. `lease.spec.ts` shows that the clocks of a process keep that rule.
   */
  readonly mayJudge: boolean;
  readonly barred: readonly boolean[];
  /** The slot of the provider on which the job stands. `lapsed` = another job has it, but its lease has run out. */
  readonly slot: 'free' | 'lapsed' | 'taken';
  /** Cancels and deadlines come to one job: what holds for one holds for the others. */
  readonly isFirst: boolean;
  /** Some job was accepted. */
  readonly isKeyKnown: boolean;
}

/** How large a world is, and what may happen in it besides the road and its faults. Each provider has one slot. */
export interface Size {
  readonly jobs: number;
  readonly workers: number;
  readonly providers: number;
  readonly faults: number;
  readonly maxCalls: number;
  readonly deathsUntilPoison: number;
  /** A refused call may be repeated on the same target, after a while. */
  readonly retries: boolean;
  readonly cancels: boolean;
  readonly deadlines: boolean;
  readonly bars: boolean;
  readonly removals: boolean;
  /** The jobs are sent with one Idempotency-Key, and begin unsent. */
  readonly sharedKey: boolean;
}

export const SMALL: Size = {
  ...{ jobs: 1, workers: 2, providers: 2, faults: 1, maxCalls: 3, deathsUntilPoison: 3 },
  ...{ retries: true, cancels: false, deadlines: false, bars: false, removals: false, sharedKey: false },
};

export const newJob = ({ sharedKey }: Size): Job => ({
  ...{
    status: sharedKey ? null : 'queued',
    phase: sharedKey ? null : 'waiting',
    removed: false,
    sameKey: sharedKey,
    provider: 0,
  },
  ...{ ticket: false, oldTicket: false, ready: true, isLate: false, cancelAsked: false },
  ...{ held: false, lapsed: false, slot: null, tries: 0, deaths: 0, output: null, seen: null, claims: [] },
});

export const replaced = <Value>(list: readonly Value[], index: number, value: Value): Value[] =>
  list.map((each, at) => (at === index ? value : each));

export const isLive = ({ status, removed }: Job): boolean =>
  !removed && (status === 'queued' || status === 'in_progress');
