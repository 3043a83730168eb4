import { CrashSwitch, GatewayError } from '@longhaul/contract';
import { randomUUID } from 'node:crypto';
import { BackEnd, LaneQueue, STORE_DEADLINE_MS } from './back-end';
import { within } from './deadline';
import { messageOf, QueueLog } from './quiet-log';
import { bullIdOf, Ticket } from './ticket';

const TICKET_NAME = 'ticket';
/** No provider's name has a dot. */
const CANARY_QUEUE = 'canary.queue';

/**
 * The producing side of the lanes. Every call answers within two seconds, also when the store is away or
 * frozen; a call that failed may still have had its effect, which is harmless: a ring repeats.
 */
export class Dispatch {
  /** The fetch limits asked for, because a store may lose them. */
  readonly #limits = new Map<string, number>();

  constructor(
    private readonly backEnd: BackEnd,
    private readonly log: QueueLog,
    private readonly crash?: CrashSwitch,
  ) {
    backEnd.onRestored(() => void this.#assertLimits());
  }

  /**
   * Puts tickets into a lane, in this order. A ticket with the id of one that is pending or running changes
   * nothing. Rejects with `store_unavailable` when the store did not take them all in time.
   */
  async ring(lane: string, tickets: readonly Ticket[]): Promise<void> {
    if (tickets.length === 0) return;
    const jobs = tickets.map((ticket) => ({ name: TICKET_NAME, data: ticket, opts: optionsOf(ticket) }));
    const [only, ...others] = jobs;
    this.crash?.reach('before:ring');
    await this.#ask(lane, `did not take ${tickets.length} ticket(s)`, async (queue) => {
      // On PostgreSQL a bulk makes two temporary tables, which is too much for one ticket.
      if (only !== undefined && others.length === 0) await queue.add(only.name, only.data, only.opts);
      else await queue.addBulk(jobs);
      if (this.crash?.reach('after:ring')) throw new Error('no answer was heard');
    });
  }

  /**
   * Limits how many tickets of a lane are out at once, over all processes. Only a fetch limit: the slots in
   * PostgreSQL are the cap. Asserted again when the store returns; a flush in between loses it.
   */
  async setFetchLimit(lane: string, cap: number): Promise<void> {
    this.#limits.set(lane, cap);
    // BullMQ takes 0, and then nothing leaves the queue, not even for a worker that would answer "off".
    await this.#ask(lane, 'did not take a fetch limit', (queue) =>
      queue.setGlobalConcurrency(Math.max(1, cap)),
    );
  }

  /** How many tickets of a lane no worker has fetched. */
  waiting(lane: string): Promise<number> {
    return this.#ask(lane, 'did not count its tickets', (queue) => queue.getWaitingCount());
  }

  /** Whether somebody has paused a lane in the store by hand; Longhaul never does. */
  isPaused(lane: string): Promise<boolean> {
    return this.#ask(lane, 'did not tell whether it is paused', (queue) => queue.isPaused());
  }

  /** Puts a ticket into a queue that nobody serves and takes it out again. Rejects when that did not work in time. */
  async probe(): Promise<void> {
    const jobId = `canary-${randomUUID()}`;
    await this.#ask(CANARY_QUEUE, 'did not take and give back a canary', async (queue) => {
      await queue.add(TICKET_NAME, {}, { jobId, attempts: 1 });
      if ((await queue.remove(jobId)) !== 1) throw new Error('the canary was not there');
    });
  }

  /** Calls back when the store is there again after it had been away. Returns the way to stop it. */
  onRestored(callback: () => void): () => void {
    return this.backEnd.onRestored(callback);
  }

  /** False while the store is known to be away. */
  isUp(): boolean {
    return this.backEnd.isUp();
  }

  /** Ends the connections of the whole process, those of `Lanes` excepted: close them first. */
  close(): Promise<void> {
    return this.backEnd.close();
  }

  async #ask<Result>(
    lane: string,
    failure: string,
    ask: (queue: LaneQueue) => Promise<Result>,
  ): Promise<Result> {
    try {
      return await within(STORE_DEADLINE_MS, ask(this.backEnd.queue(lane)));
    } catch (cause) {
      this.backEnd.suspect();
      const message =
        `The queue store (${this.backEnd.kind}) ${failure} for lane ${lane}: ${messageOf(cause)}. ` +
        'Accepted jobs are safe in PostgreSQL and are rung again when the store answers.';
      throw new GatewayError('store_unavailable', message, { cause });
    }
  }

  async #assertLimits(): Promise<void> {
    for (const [lane, cap] of this.#limits) {
      await this.setFetchLimit(lane, cap).catch((thrown: unknown) => this.log.warn(messageOf(thrown)));
    }
  }
}

/** PostgreSQL owns retries and results; BullMQ forgets a ticket as soon as it has been handled. */
const optionsOf = (ticket: Ticket) => ({
  jobId: bullIdOf(ticket),
  attempts: 1,
  removeOnComplete: true,
  removeOnFail: true,
});
