import { Fate, Ticket } from '@longhaul/queue';
import { Records } from '@longhaul/records';
import { Feeder } from './feeder';

/** After it the lane rings jobs on their last chance again: another worker may have none. */
const PAUSE_MS = 1000;

/** A process runs one job on its last chance at a time: should it die, it is known of which. */
export class LastChance {
  private isTaken = false;

  constructor(private readonly parts: { readonly records: Pick<Records, 'feed'>; readonly feeder: Feeder }) {}

  /** @param claimAndRun is called when this process has no other such job; until it ends none is claimed */
  async run(ticket: Ticket, lane: string, claimAndRun: () => Promise<Fate>): Promise<Fate> {
    if (this.isTaken) {
      await this.parts.records.feed.spare(ticket, PAUSE_MS);
      this.parts.feeder.wake(lane);
      return { fate: 'done' };
    }
    this.isTaken = true;
    try {
      return await claimAndRun();
    } finally {
      this.isTaken = false;
    }
  }
}
