import { CallClocks, ProviderCatalogue } from '@longhaul/providers';
import { GatewayError, ModelTraits, Target } from '@longhaul/contract';
import { ClaimAnswer, HeldClaim, JobRow, Records, Settlement } from '@longhaul/records';
import { Fate, LaneGate, Ticket } from '@longhaul/queue';
import { Aftermath } from './aftermath';
import { BarredMover } from './barred-mover';
import { ClaimWork } from './claim-work';
import { watchDeadline } from './deadline-watch';
import { FailureTerms } from './failure-terms';
import { Feeder } from './feeder';
import { Heartbeat } from './heartbeat';
import { kindOf } from './kinds';
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
  readonly lostClaims: LostClaims;
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

/** A refusal for want of a total slot keeps the other lanes yielding until this lane has asked again, and a little. */
const YIELD_HOLDS = 4;

/** Room under a limit may come sooner than told, when a call has used less than was reserved for it. */
const LONGEST_RATE_HOLD_MS = 2000;

/** One ticket in, one fate out. The only part that calls upstream. */
export class JobRunner {
  private readonly gates = new Map<string, LaneGate<ClaimAnswer>>();
  private readonly running = new Map<string, AbortController>();

  constructor(
    private readonly parts: RunnerParts,
    private readonly options: RunnerOptions,
  ) {}

  /** Runs the job of a ticket to the end of one claim. Throws only when PostgreSQL is away before the claim. */
  async run(ticket: Ticket, lane: string): Promise<Fate> {
    if (await this.parts.settler.commitSpooled(ticket.jobId)) return { fate: 'done' };
    const claim = await this.claimInTurn(ticket, lane).catch(async (thrown: unknown) => {
      await this.parts.lostClaims.giveBack(ticket.jobId);
      throw thrown;
    });
    switch (claim.answer) {
      case 'claimed':
        this.parts.feeder.wake(lane);
        await this.work(claim, this.options.now() + claim.msToDeadline);
        return { fate: 'done' };
      case 'stale':
        return { fate: 'done' };
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

  /** Who is first in line for room under a limit asks for itself: shared with others, its own question would never be put. */
  private async claimInTurn(ticket: Ticket, lane: string): Promise<ClaimAnswer> {
    let isOwn = false;
    const answer = await this.gateOf(lane).pass((probe) => {
      isOwn = true;
      return this.claim(ticket, lane, probe);
    });
    const isFirst = answer.answer === 'full' && answer.scope === 'rate' && answer.first === ticket.jobId;
    return isFirst && !isOwn ? this.claimOnce(ticket, lane) : answer;
  }

  private holdMsOf(full: ClaimAnswer & { readonly answer: 'full' }): number {
    const { laneHoldMs } = this.options;
    if (full.scope !== 'rate' || full.afterMs === null) return laneHoldMs;
    return Math.max(laneHoldMs, Math.min(full.afterMs, LONGEST_RATE_HOLD_MS));
  }

  /** A slot freed a moment ago may be missed by the statement's snapshot, so `full` is asked once more; a probe will be back anyway. */
  private async claim(ticket: Ticket, lane: string, probe: boolean): Promise<ClaimAnswer> {
    const first = await this.claimOnce(ticket, lane);
    const mayBeOld = first.answer === 'full' && first.scope !== 'rate';
    return mayBeOld && !probe ? this.claimOnce(ticket, lane) : first;
  }

  private async claimOnce(ticket: Ticket, lane: string): Promise<ClaimAnswer> {
    const { meter } = this.parts;
    const answer = await this.askForClaim(ticket, lane).catch((thrown: unknown) => {
      meter.claimFailed(lane);
      throw thrown;
    });
    meter.claimed(lane, answer);
    return answer;
  }

  private askForClaim({ jobId, ring }: Ticket, lane: string): Promise<ClaimAnswer> {
    const { worker, leaseMs, laneHoldMs } = this.options;
    const takeOverUntil = this.parts.leases.takeOverUntil();
    const yieldMs = laneHoldMs * YIELD_HOLDS;
    return this.parts.records.claims.claim({ jobId, ring, lane, worker, leaseMs, takeOverUntil, yieldMs });
  }

  private gateOf(lane: string): LaneGate<ClaimAnswer> {
    const known = this.gates.get(lane);
    if (known) return known;
    const gate = new LaneGate<ClaimAnswer>({
      isFull: (answer) => answer.answer === 'full',
      isFree: (answer) => answer.answer === 'claimed',
    });
    this.gates.set(lane, gate);
    return gate;
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

  /** @throws GatewayError internal, when this worker cannot read the job: one of a newer Longhaul, say */
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
