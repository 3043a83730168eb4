import { setTimeout as pause } from 'node:timers/promises';
import { isStoreAway, Records } from '@longhaul/records';
import { LeaseKeeper } from './lease';
import { abandoned, headOf, targetOf } from './settlement';
import { Settler } from './settler';

export interface LostClaimsParts {
  readonly records: Records;
  readonly leases: LeaseKeeper;
  readonly settler: Settler;
}

export interface LostClaimsOptions {
  readonly worker: string;
  readonly leaseMs: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/**
 * Claims whose answer never came. PostgreSQL may have granted one all the same; then nobody works on it, and its lease
 * would run out as a death with a call of unknown cost. So it is given back: nothing was sent, nobody died.
 */
export class LostClaims {
  constructor(
    private readonly parts: LostClaimsParts,
    private readonly options: LostClaimsOptions,
  ) {}

  /** Looks until PostgreSQL answers, for one lease at most: after that the Reconciler has the job. */
  async giveBack(jobId: string): Promise<void> {
    const { leaseMs, now } = this.options;
    const givesUpMs = now() + leaseMs;
    // The first look waits too: the statement may still be running, until the server's own clock ends it.
    for (let looked = false; !looked && now() < givesUpMs;) {
      await pause(leaseMs / 4);
      looked = await this.look(jobId);
    }
  }

  /** @returns false while PostgreSQL is away */
  private async look(jobId: string): Promise<boolean> {
    const { records, leases, settler } = this.parts;
    const { worker } = this.options;
    try {
      const job = await records.jobs.read(jobId);
      if (job?.leaseOwner !== worker || leases.holds({ jobId, fence: job.fence })) return true;
      const back = abandoned(headOf(job, worker), { job, call: null, target: targetOf(job) });
      const message =
        'PostgreSQL granted the claim, but its answer did not reach the worker; nothing was sent.';
      await settler.settle({ ...back, attempt: { ...back.attempt, message } }, job);
      return true;
    } catch (thrown) {
      if (isStoreAway(thrown)) return false;
      throw thrown;
    }
  }
}
