import { HeldClaim, Renewal } from '@longhaul/records';
import { Log } from './log';
import { RoadMeter } from './road-meter';

/** One statement for all claims of this process; with none it only asks for the time. */
export type Renew = (claims: readonly HeldClaim[]) => Promise<Renewal>;

export interface LeaseOptions {
  readonly leaseMs: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** What the keeper tells a running claim. */
export interface ClaimWatch {
  /** The fence is gone: another has the job, whatever this call brings is void. */
  readonly onGone: () => void;
  readonly onCancel: () => void;
}

/**
 * Renews every claim of this process each quarter of a lease, in one statement. A missed renewal aborts nothing:
 * only an answer that the fence is gone does.
 *
 * It also keeps the grace rule: nobody judges an expired lease before PostgreSQL was reached at every quarter for one
 * whole lease. After a database outage all leases look expired, and their owners need that time to renew them; so they do
 * when its clock is set forward. A server whose disk is full counts as not reached: it takes the renewals of some, and
 * refuses those of others who live.
 */
export class LeaseKeeper {
  private readonly claims = new Map<string, HeldClaim & ClaimWatch>();
  /** Jobs cancelled while no claim of them was here, and when: the answer to one may be on its way. */
  private readonly cancelled = new Map<string, number>();
  private timer: NodeJS.Timeout | null = null;
  private steadySinceMs: number | null = null;
  private lastReachedMs: number | null = null;
  private lastReachedAt = new Date(0);
  private takesWrites = true;
  private lastRenewalAt = new Date(0);
  private stopped = false;

  constructor(
    private readonly renewAll: Renew,
    private readonly options: LeaseOptions,
    private readonly tools: { readonly log: Log; readonly meter: RoadMeter },
  ) {}

  start(): void {
    this.timer ??= setTimeout(() => void this.beat(), 0);
  }

  stop(): void {
    this.stopped = true;
    if (this.timer) clearTimeout(this.timer);
  }

  hold(claim: HeldClaim, watch: ClaimWatch): void {
    // This process lost the job (it was frozen) and has just claimed it anew: its first call is void.
    this.claims.get(claim.jobId)?.onGone();
    this.claims.set(claim.jobId, { ...claim, ...watch });
    if (this.cancelled.delete(claim.jobId)) watch.onCancel();
  }

  release(claim: HeldClaim): void {
    if (this.holds(claim)) this.claims.delete(claim.jobId);
  }

  holds(claim: HeldClaim): boolean {
    return this.claims.get(claim.jobId)?.fence === claim.fence;
  }

  /** Of the claims that are here. */
  get jobIds(): readonly string[] {
    return [...this.claims.keys()];
  }

  /** A cancel notice: the claim of that job, if it is here, ends at once instead of at the next look. */
  cancel(jobId: string): void {
    const claim = this.claims.get(jobId);
    if (claim) claim.onCancel();
    else this.cancelled.set(jobId, this.options.now());
  }

  /**
   * The grace rule: null, or until when on the database's clock an expired lease may be judged. The time goes with the
   * statement, because a server may be frozen before it runs it, and thaw when every lease looks expired.
   */
  takeOverUntil(): Date | null {
    const { now, leaseMs } = this.options;
    if (this.steadySinceMs === null || this.lastReachedMs === null) return null;
    if (now() - this.lastReachedMs > leaseMs / 2) return null;
    if (now() - this.steadySinceMs < leaseMs) return null;
    return new Date(this.lastRenewalAt.getTime() + leaseMs / 2);
  }

  private async beat(): Promise<void> {
    const { now, leaseMs } = this.options;
    const startedMs = now();
    try {
      if (await this.renew()) this.reached(now());
      else this.refused();
    } catch (thrown) {
      this.unsteady();
      this.tools.log.warn('A lease renewal failed; running calls go on.', thrown);
    }
    this.forgetCancelled(startedMs);
    if (this.stopped) return;
    const pauseMs = Math.max(0, leaseMs / 4 - (now() - startedMs));
    this.timer = setTimeout(() => void this.beat(), pauseMs);
  }

  /** Else nobody could tell from a log why the jobs of dead workers wait. */
  private refused(): void {
    if (this.takesWrites)
      this.tools.log.warn(
        'PostgreSQL may refuse what others write: no lease is judged meanwhile. /readyz says why.',
      );
    this.takesWrites = false;
    this.unsteady();
  }

  private unsteady(): void {
    this.steadySinceMs = null;
    this.lastReachedMs = null;
  }

  private reached(nowMs: number): void {
    const gapMs = this.lastReachedMs === null ? Infinity : nowMs - this.lastReachedMs;
    if (gapMs > this.options.leaseMs / 2 || this.hasStepped(gapMs)) this.steadySinceMs = nowMs;
    this.lastReachedMs = nowMs;
    this.lastReachedAt = this.lastRenewalAt;
    this.takesWrites = true;
  }

  /**
   * Since it was last reached, the clock of the database was set, or went on while this host slept. An answer that is heard
   * late looks the same. Less than a quarter of a lease is nothing: leases that are renewed in time have three left.
   */
  private hasStepped(gapMs: number): boolean {
    const databaseGapMs = this.lastRenewalAt.getTime() - this.lastReachedAt.getTime();
    return Math.abs(databaseGapMs - gapMs) > this.options.leaseMs / 4;
  }

  /** A claim that is answered later than a lease hears of its cancel by the renewals. */
  private forgetCancelled(nowMs: number): void {
    for (const [jobId, heardMs] of this.cancelled) {
      if (nowMs - heardMs > this.options.leaseMs) this.cancelled.delete(jobId);
    }
  }

  /** @returns whether others could renew theirs too */
  private async renew(): Promise<boolean> {
    const asked = [...this.claims.values()];
    const { renewed, at, takesWrites } = await this.renewAll(asked).catch((thrown: unknown) => {
      this.tools.meter.renewed('failed', asked.length);
      throw thrown;
    });
    this.lastRenewalAt = at;
    this.tools.meter.renewed('ok', renewed.length);
    const answers = new Map(renewed.map((answer) => [answer.jobId, answer]));
    for (const claim of asked) {
      // Released, or replaced by a newer claim, while the statement ran.
      if (this.claims.get(claim.jobId)?.fence !== claim.fence) continue;
      const answer = answers.get(claim.jobId);
      if (!answer) {
        this.tools.meter.renewed('gone', 1);
        claim.onGone();
      } else if (answer.cancelRequested) claim.onCancel();
    }
    return takesWrites;
  }
}
