import { hasEnded } from '@longhaul/contract';
import { Dispatch } from '@longhaul/queue';
import { FreedJob, isStoreAway, MOST_FREED_AT_ONCE, MOST_OVERDUE_AT_ONCE, Records } from '@longhaul/records';
import { Feeder } from './feeder';
import { Housekeeping } from './housekeeping';
import { LeaseKeeper } from './lease';
import { Log } from './log';
import { OldKeys } from './old-keys';
import { Retention } from './retention';
import { RoadMeter } from './road-meter';
import { Settler } from './settler';

export interface ReconcilerParts {
  readonly records: Records;
  readonly keeper: LeaseKeeper;
  readonly settler: Settler;
  readonly feeder: Feeder;
  readonly dispatch: Dispatch;
  readonly housekeeping: Housekeeping;
  readonly retention: Pick<Retention, 'round'>;
  /** Told of every lane's effective cap, each round: a changed cap and a wiped Redis look the same. */
  readonly onCap: (lane: string, cap: number) => void;
  readonly meter: RoadMeter;
  readonly log: Log;
}

export interface ReconcilerOptions {
  readonly everyMs: number;
  readonly reringMs: number;
  /** A spooled answer younger than this is its owner's to settle: half a lease. */
  readonly spoolAgeMs: number;
}

/**
 * Heals what the road's parts may leave behind: leases of the dead, lost tickets, jobs past their deadline, answers in
 * the spool, jobs that wait for a key that was changed. Runs in every process; each of its statements is safe when several run it at once.
 */
export class Reconciler {
  private timer: NodeJS.Timeout | null = null;
  private stopped = false;
  private round: Promise<void> = Promise.resolve();
  private readonly oldKeys: OldKeys;

  constructor(
    private readonly parts: ReconcilerParts,
    private readonly options: ReconcilerOptions,
  ) {
    this.oldKeys = new OldKeys(parts.records.lanes, parts.log);
  }

  start(): void {
    this.parts.dispatch.onRestored(() => {
      // The queue may have come back empty: every earlier ring counts as lost.
      this.ringOldAgain(0)
        .catch((thrown: unknown) => this.note(thrown))
        .finally(() => {
          this.parts.feeder.wakeAll();
        });
    });
    this.schedule(0);
  }

  /** Waits for the round that is under way. */
  async stop(): Promise<void> {
    this.stopped = true;
    if (this.timer) clearTimeout(this.timer);
    await this.round;
  }

  private schedule(afterMs: number): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.round = this.reconcile().then(() => {
        this.schedule(this.options.everyMs);
      });
    }, afterMs);
  }

  /** One step that fails holds no other up; only when PostgreSQL is away there is no use in going on. */
  private async reconcile(): Promise<void> {
    const steps = [
      () => this.assertCaps(),
      () => this.freeDead(),
      () => this.endOverdue(),
      () => this.ringOldAgain(this.options.reringMs),
      () => this.oldKeys.round(() => !this.stopped),
      () => this.parts.housekeeping.round(),
      () => this.parts.retention.round(),
    ];
    for (const step of steps) {
      const went = await step().then(
        () => true,
        (thrown: unknown) => this.note(thrown),
      );
      if (!went) break;
    }
    this.parts.feeder.wakeAll();
  }

  private async assertCaps(): Promise<void> {
    const lanes = await this.parts.records.lanes.caps();
    for (const { name, cap } of lanes) this.parts.onCap(name, cap);
    this.oldKeys.see(lanes);
  }

  /**
   * The spool first: an answer that is already paid for costs no takeover. Nor does one whose owner was cut off before it had
   * the answer: its lease runs out while the answer is young. It stays held until a round has tried to commit it.
   */
  private async freeDead(): Promise<void> {
    const { keeper, settler, records } = this.parts;
    if (keeper.takeOverUntil() === null) return;
    const tried = await settler.commitAllSpooled({ olderThanMs: this.options.spoolAgeMs });
    for (let isMore = true; isMore && !this.stopped;) {
      const spared = (await settler.spooledJobs()).filter((jobId) => !tried.has(jobId));
      // The right to judge may end between two batches.
      const until = keeper.takeOverUntil();
      if (until === null) return;
      const freed = await records.leases.freeDead(until, spared);
      this.tellOfDead(freed);
      isMore = freed.length === MOST_FREED_AT_ONCE;
    }
  }

  private tellOfDead(freed: readonly FreedJob[]): void {
    for (const { jobId, type, lane, status } of freed) {
      this.parts.meter.lost(lane);
      if (hasEnded(status)) this.parts.meter.ended(type, status);
      else this.parts.meter.putBack(lane, 'worker_lost');
      this.parts.log.warn(`The lease of job ${jobId} in lane ${lane} ran out; the job is ${status} now.`);
      this.parts.records.notices.tell(
        status === 'in_progress' ? 'ready' : 'ended',
        status === 'in_progress' ? lane : jobId,
      );
    }
  }

  private async endOverdue(): Promise<void> {
    for (let isMore = true; isMore && !this.stopped;) {
      const ended = await this.parts.records.jobs.endOverdue();
      for (const { id, type, status } of ended) {
        this.parts.meter.ended(type, status);
        this.parts.records.notices.tell('ended', id);
      }
      isMore = ended.length >= MOST_OVERDUE_AT_ONCE;
    }
  }

  private async ringOldAgain(olderThanMs: number): Promise<void> {
    await this.parts.feeder.ringAgain(await this.parts.records.feed.takeOldRings(olderThanMs));
  }

  /** @returns whether it makes sense to go on with the round */
  private note(thrown: unknown): boolean {
    if (isStoreAway(thrown)) {
      this.parts.log.warn(`A reconciling round stopped early: ${thrown.message}`);
      return false;
    }
    this.parts.log.error('A step of a reconciling round failed.', thrown);
    return true;
  }
}
