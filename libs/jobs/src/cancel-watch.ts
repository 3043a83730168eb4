import { LeaseKeeper } from './lease';

/** By index, of the jobs that run here. @returns those of them that are cancelled */
export type FindCancelled = (jobIds: readonly string[]) => Promise<readonly string[]>;

/** Below a second, so that a call is closed within one. */
const LOOK_MS = 800;

/**
 * Looks for cancels of the claims of this process that no notice has told: its sender may have died after the commit, or the
 * way to the listener be cut. Renewals tell too, but only at each quarter of a lease. One look at a time, none while
 * nothing runs; one that fails is not repeated, since the next one asks the same.
 */
export class CancelWatch {
  private timer: NodeJS.Timeout | null = null;
  private stopped = false;

  constructor(
    private readonly keeper: Pick<LeaseKeeper, 'jobIds' | 'cancel'>,
    private readonly findCancelled: FindCancelled,
  ) {}

  start(): void {
    this.timer = setTimeout(() => void this.look(), LOOK_MS);
  }

  stop(): void {
    this.stopped = true;
    if (this.timer) clearTimeout(this.timer);
  }

  private async look(): Promise<void> {
    const { jobIds } = this.keeper;
    const cancelled = jobIds.length === 0 ? [] : await this.findCancelled(jobIds).catch(() => []);
    for (const jobId of cancelled) this.keeper.cancel(jobId);
    if (!this.stopped) this.start();
  }
}
