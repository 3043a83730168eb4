import { Dispatch, Lanes } from '@longhaul/queue';
import { Log } from './log';

/** A wiped Redis forgets its limits without a word, so they are set again now and then. */
const ASSERT_EVERY_MS = 10_000;

/** Carries the effective caps from PostgreSQL to the queue, where they are only fetch limits. */
export class FetchLimits {
  private readonly known = new Map<string, { readonly cap: number; readonly atMs: number }>();

  constructor(
    private readonly dispatch: Dispatch,
    private readonly now: () => number,
    private readonly log: Log,
  ) {}

  /** The lanes that this process serves, once there are some. */
  lanes: Lanes | null = null;

  set(lane: string, cap: number): void {
    const known = this.known.get(lane);
    const isFresh = known?.cap === cap && this.now() - known.atMs < ASSERT_EVERY_MS;
    if (isFresh || !this.dispatch.isUp()) return;
    this.known.set(lane, { cap, atMs: this.now() });
    this.lanes?.setConcurrency(lane, cap);
    this.dispatch.setFetchLimit(lane, cap).catch(() => {
      this.known.delete(lane);
      this.log.warn(`The fetch limit of lane ${lane} could not be set; the next round tries again.`);
    });
  }
}
