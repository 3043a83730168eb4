import { CallClocks, ProviderCatalogue } from '@longhaul/providers';
import { GatewayError, ModelTraits, Target } from '@longhaul/contract';
import { ClaimAnswer, HeldClaim, JobRow, LeftJob, Records, Settlement } from '@longhaul/records';
import { Fate, Ticket } from '@longhaul/queue';
import { Aftermath } from './aftermath';
import { BarredMover } from './barred-mover';
import { ClaimWork } from './claim-work';
import { Asked, Claimer } from './claimer';
import { watchDeadline } from './deadline-watch';
import { FailureTerms } from './failure-terms';
import { Feeder } from './feeder';
import { Heartbeat } from './heartbeat';
import { kindOf } from './kinds';
import { LastChance } from './last-chance';
import { LeaseKeeper } from './lease';
import { Log } from './log';
import { LostClaims } from './lost-claims';
import { Pulse } from './pulse';
import { RoadMeter } from './road-meter';
import { abandoned, answered, failed, headOf, targetOf } from './settlement';
import { Settler } from './settler';

export interface RunnerParts {
  readonly records: Records;
  readonly leases: LeaseKeeper;
  readonly settler: Settler;
  readonly feeder: Feeder;
  readonly barredMover: BarredMover;
  readonly aftermath: Aftermath;
  readonly heartbeat: Heartbeat;
  readonly meter: RoadMeter;
  readonly providers: ProviderCatalogue;
  readonly clocksOf: (provider: string) => CallClocks;
  readonly termsOf: (provider: string) => FailureTerms;
  readonly traitsOf: (target: Target) => ModelTraits | null;
  readonly log: Log;
}

export interface RunnerOptions {
  readonly worker: string;
  readonly leaseMs: number;
  readonly laneHoldMs: number;
  readonly now: () => number;
}

/** A claim that is being worked on. */
interface Turn {
  readonly job: JobRow;
  readonly probe: boolean;
  /** On this process's monotonic clock. */
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
  readonly pulse: Pulse;
}

type Won = Extract<ClaimAnswer, { readonly answer: 'claimed' }>;

/** Why a running call is ended from here. */
type Stop = { readonly why: 'gone' } | { readonly why: 'drained' };

/** What a worker that cannot read a job leaves to one that can: time to fetch it, and to be fetched by. */
const NEWER_PAUSE_MS = 1000;

/** Room under a limit may come sooner than told, when a call has used less than was reserved for it. */
const LONGEST_RATE_HOLD_MS = 2000;

/** One ticket in, one fate out. The only part that calls upstream. */
export class JobRunner {
  private readonly running = new Map<string, AbortController>();
  readonly claimer: Claimer;
  private readonly lostClaims: LostClaims;
  private readonly lastChance: LastChance;
  /** Types and versions of which the log has been told that others must run them. */
  private readonly toldNewer = new Set<string>();

  constructor(
    private readonly parts: RunnerParts,
    private readonly options: RunnerOptions,
  ) {
    this.claimer = new Claimer(parts, options);
    this.lostClaims = new LostClaims(parts, options);
    this.lastChance = new LastChance(parts);
  }

  /** From now on no ticket is claimed, those included that a lane has handed over already. */
  stopClaiming(): void {
    this.claimer.stop();
    this.lostClaims.stop();
  }

  /** Runs the job of a ticket to the end of one claim. Throws only when PostgreSQL is away before the claim. */
  async run(ticket: Ticket, lane: string): Promise<Fate> {
    if (await this.parts.settler.commitSpooled(ticket.jobId)) return { fate: 'done' };
    return this.hear(ticket, lane, this.claimer.claim(ticket, lane));
  }

  private runLast(ticket: Ticket, lane: string): Promise<Fate> {
    return this.hear(ticket, lane, this.claimer.claimLast(ticket, lane));
  }

  private hear(ticket: Ticket, lane: string, claim: Promise<Asked>): Promise<Fate> {
    return this.lostClaims.hear(ticket.jobId, claim, (asked) => this.conclude(asked, ticket, lane));
  }

  /** Holds what was claimed before it first waits. */
  private async conclude(claim: Asked, ticket: Ticket, lane: string): Promise<Fate> {
    switch (claim.answer) {
      case 'claimed':
        this.parts.feeder.wake(lane);
        if (this.claimer.isStopped) await this.giveBackUnsent(claim.job);
        else await this.work(claim, this.options.now() + claim.msToDeadline);
        return { fate: 'done' };
      case 'stale':
        return { fate: 'done' };
      case 'stopped':
        return { fate: 'back' };
      case 'last_chance':
        return this.lastChance.run(ticket, lane, () => this.runLast(ticket, lane));
      case 'newer':
        return this.leaveToNewer(ticket, lane);
      case 'full':
        return { fate: 'hold', forMs: this.holdMsOf(claim) };
      case 'probing':
        // The probe may have ended before the job was put back, and nobody else would ring it then.
        this.parts.feeder.wake(lane);
        return { fate: 'done' };
      case 'barred':
        await this.parts.barredMover.move(ticket.jobId, claim);
        return { fate: 'done' };
      default:
        return claim satisfies never;
    }
  }

  /** Ends every running call and gives its job back. For a drain that is out of time. */
  abandonAll(): void {
    for (const controller of this.running.values()) controller.abort({ why: 'drained' } satisfies Stop);
  }

  get runningCount(): number {
    return this.running.size;
  }

  /** Granted while the stop came: what has not begun is for another worker. */
  private async giveBackUnsent(job: JobRow): Promise<void> {
    const made = { job, call: null, target: targetOf(job) };
    await this.parts.settler.settle(abandoned(headOf(job, this.options.worker), made), job);
  }

  /** Without an attempt. The rest keeps this worker from fetching over and over what it cannot run. */
  private async leaveToNewer(ticket: Ticket, lane: string): Promise<Fate> {
    const left = await this.parts.records.feed.leaveToNewer(ticket, NEWER_PAUSE_MS);
    if (left) this.tellNewer(left);
    // Whoever can read it learns when it is ready again.
    this.parts.records.notices.tell('ready', lane);
    return { fate: 'rest', forMs: NEWER_PAUSE_MS / 2 };
  }

  private tellNewer({ type, version }: LeftJob): void {
    const what = `${type} of version ${String(version)}`;
    if (this.toldNewer.has(what)) return;
    this.toldNewer.add(what);
    this.parts.log.warn(
      `Jobs of type ${what} are left to a newer worker; this one cannot read them. Update it, or start one that can.`,
    );
  }

  private holdMsOf(full: ClaimAnswer & { readonly answer: 'full' }): number {
    const { laneHoldMs } = this.options;
    if (full.scope !== 'rate' || full.afterMs === null) return laneHoldMs;
    return Math.max(laneHoldMs, Math.min(full.afterMs, LONGEST_RATE_HOLD_MS));
  }

  /** @param deadlineMs on this process's monotonic clock */
  private async work({ job, probe }: Won, deadlineMs: number): Promise<void> {
    const controller = new AbortController();
    const claim: HeldClaim = { jobId: job.id, fence: job.fence };
    const deadline = watchDeadline(deadlineMs - this.options.now(), controller);
    const pulse = new Pulse(job.targetModel, this.options.now);
    this.parts.heartbeat.watch(claim, pulse);
    this.running.set(job.id, controller);
    this.parts.leases.hold(claim, {
      onGone: () => {
        controller.abort({ why: 'gone' } satisfies Stop);
      },
      onCancel: () => {
        controller.abort(new GatewayError('cancelled', 'The caller cancelled the job.'));
      },
    });
    try {
      const turn: Turn = { job, probe, deadlineMs, signal: controller.signal, pulse };
      const settlement = await this.callAndConclude(turn).finally(() => {
        this.parts.heartbeat.leave(claim);
      });
      if (settlement) await this.parts.settler.settle(settlement, job);
    } finally {
      clearTimeout(deadline);
      this.parts.leases.release(claim);
      if (this.running.get(job.id) === controller) this.running.delete(job.id);
      this.parts.feeder.wake(job.provider);
    }
  }

  /** Null when the fence is gone: whoever has the job now settles it. */
  private async callAndConclude(turn: Turn): Promise<Settlement | null> {
    const { job, deadlineMs, signal } = turn;
    const head = headOf(job, this.options.worker);
    let work: ClaimWork | null = null;
    try {
      work = this.workOn(turn);
      const result = await work.run();
      return answered(head, result, { call: work.made, target: work.target });
    } catch (thrown) {
      const made = { job, call: work?.made ?? null, target: work?.target ?? targetOf(job) };
      const stop = signal.aborted ? (signal.reason as Stop | GatewayError) : null;
      if (stop && !(stop instanceof GatewayError)) return stop.why === 'gone' ? null : abandoned(head, made);
      const error = stop ?? GatewayError.from(thrown);
      if (error.code === 'internal') this.parts.log.error(`Job ${job.id} hit a fault of Longhaul.`, thrown);
      const consequence = await this.parts.aftermath.of(work, error, deadlineMs - this.options.now());
      return failed(head, {
        ...made,
        error,
        ...consequence,
        terms: this.parts.termsOf(made.target.provider),
      });
    }
  }

  /** A long answer must not hold its target at one call; if this is lost, the end of the call does the same. */
  private async passProbe({ id, fence, provider }: JobRow): Promise<void> {
    await this.parts.records.circuits.probePassed(id, fence).catch(() => undefined);
    this.parts.feeder.wake(provider);
  }

  /** @throws GatewayError internal, when this worker cannot read the job */
  private workOn({ job, probe, signal, pulse }: Turn): ClaimWork {
    try {
      const kind = kindOf(job.type);
      const onFirstPiece = (): void => {
        if (probe) void this.passProbe(job);
      };
      const { now } = this.options;
      return new ClaimWork(job, { ...this.parts, kind, now, pulse, onFirstPiece }, signal);
    } catch (cause) {
      const message = `This worker cannot read job ${job.id} of type ${job.type}. Run one version of Longhaul everywhere, then send the job again.`;
      throw new GatewayError('internal', message, { cause });
    }
  }
}
