import { setTimeout as pause } from 'node:timers/promises';
import { isStoreAway, Records } from '@longhaul/records';
import { LeaseKeeper } from './lease';
import { Log } from './log';
import { abandoned, headOf, targetOf } from './settlement';
import { Settler } from './settler';

export interface LostClaimsParts {
  readonly records: Records;
  readonly leases: LeaseKeeper;
  readonly settler: Settler;
  readonly log: Log;
}

export interface LostClaimsOptions {
  readonly worker: string;
  readonly leaseMs: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** A job of which a claim was lost. */
interface Lost {
  /** More looks that PostgreSQL has to answer. */
  looks: number;
  /** Called after the first of them, if that is in time. */
  readonly waiting: (() => void)[];
}

/** What one look has shown; `over` = there is nothing left that could be given back. */
type Seen = 'away' | 'not_now' | 'nothing' | 'over';

/** A server that was frozen may answer the first one before it runs the claim, which came before it. */
const LOOKS = 2;
/** The server ends a statement so much later than its caller gives up: the last look must not come before. */
const LEAST_PAUSE_MS = 1500;

/**
 * Claims whose answer never came. PostgreSQL may have granted one all the same, or may yet, when it goes on after a freeze
 * of any length; then nobody works on it, and its lease would run out as a death with a call of unknown cost. So it is
 * given back: nothing was sent, nobody died.
 */
export class LostClaims {
  /** How many claims of a job are asked for and not yet held: one whose answer is on its way looks like a lost one. */
  private readonly asked = new Map<string, number>();
  private readonly lost = new Map<string, Lost>();
  private isLooking = false;
  private givesUpMs = Infinity;

  constructor(
    private readonly parts: LostClaimsParts,
    private readonly options: LostClaimsOptions,
  ) {}

  /**
   * Throws what the claim throws, but not before PostgreSQL has answered again, or a lease has gone by: its ticket would be
   * followed by the next one, which fares no better. Not later: where this process alone is cut off, others run what they get.
   * @param conclude holds what was granted before it first waits
   */
  async hear<Answer, End>(
    jobId: string,
    claim: Promise<Answer>,
    conclude: (answer: Answer) => Promise<End>,
  ): Promise<End> {
    this.count(jobId, 1);
    const answer = await claim.catch(async (thrown: unknown) => {
      this.count(jobId, -1);
      await this.giveBack(jobId);
      throw thrown;
    });
    const end = conclude(answer);
    this.count(jobId, -1);
    return end;
  }

  /** From now on PostgreSQL is waited for one lease at most: after that a Reconciler has the jobs. */
  stop(): void {
    const { leaseMs, now } = this.options;
    this.givesUpMs = Math.min(this.givesUpMs, now() + leaseMs);
  }

  private count(jobId: string, by: 1 | -1): void {
    const count = (this.asked.get(jobId) ?? 0) + by;
    if (count > 0) this.asked.set(jobId, count);
    else this.asked.delete(jobId);
  }

  private giveBack(jobId: string): Promise<void> {
    return new Promise((resolve) => {
      setTimeout(resolve, Math.max(this.options.leaseMs, LOOKS * LEAST_PAUSE_MS)).unref();
      const waiting = [...(this.lost.get(jobId)?.waiting ?? []), resolve];
      this.lost.set(jobId, { looks: LOOKS, waiting });
      if (!this.isLooking) void this.lookOn();
    });
  }

  /** One round for all of them, however many an outage makes. */
  private async lookOn(): Promise<void> {
    const { leaseMs, now } = this.options;
    this.isLooking = true;
    while (this.lost.size > 0 && now() < this.givesUpMs) {
      // Before the first look too: the statement may still be running, until the server's own clock ends it.
      await pause(Math.max(leaseMs / 4, LEAST_PAUSE_MS), undefined, { ref: false });
      await this.lookAtAll();
    }
    this.isLooking = false;
    for (const lost of this.lost.values()) leave(lost);
    this.lost.clear();
  }

  private async lookAtAll(): Promise<void> {
    for (const [jobId, lost] of [...this.lost]) {
      const seen = await this.look(jobId);
      if (seen === 'away') return;
      // Another claim of it that was lost meanwhile may have begun after this look.
      if (seen === 'not_now' || this.lost.get(jobId) !== lost) continue;
      lost.looks = seen === 'over' ? 0 : lost.looks - 1;
      if (lost.looks === 0) this.lost.delete(jobId);
      leave(lost);
    }
  }

  private async look(jobId: string): Promise<Seen> {
    const { records, leases, settler, log } = this.parts;
    const { worker } = this.options;
    try {
      const job = await records.jobs.read(jobId);
      if (this.asked.has(jobId)) return 'not_now';
      if (job?.leaseOwner !== worker) return 'nothing';
      if (leases.holds({ jobId, fence: job.fence })) return 'over';
      const back = abandoned(headOf(job, worker), { job, call: null, target: targetOf(job) });
      const message =
        'PostgreSQL granted the claim, but its answer did not reach the worker; nothing was sent.';
      await settler.giveBack({ ...back, attempt: { ...back.attempt, message } }, job);
      return 'over';
    } catch (thrown) {
      if (isStoreAway(thrown)) return 'away';
      log.error(`A claim of job ${jobId} that was not heard of could not be given back.`, thrown);
      return 'over';
    }
  }
}

function leave({ waiting }: Lost): void {
  for (const resolve of waiting.splice(0)) resolve();
}
