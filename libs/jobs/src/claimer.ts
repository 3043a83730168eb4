import { ClaimAnswer, Records } from '@longhaul/records';
import { LaneGate, Ticket } from '@longhaul/queue';
import { LeaseKeeper } from './lease';
import { RoadMeter } from './road-meter';

export interface ClaimerParts {
  readonly records: Pick<Records, 'claims'>;
  readonly leases: LeaseKeeper;
  readonly meter: RoadMeter;
}

export interface ClaimerOptions {
  readonly worker: string;
  readonly leaseMs: number;
  readonly laneHoldMs: number;
}

/** What PostgreSQL said, or that it was not asked because this process is to stop. */
export type Asked = ClaimAnswer | { readonly answer: 'stopped' };

/** A refusal for want of a total slot keeps the other lanes yielding until this lane has asked again, and a little. */
const YIELD_HOLDS = 4;

/** Asks PostgreSQL for claims, for a full lane once instead of once per ticket. */
export class Claimer {
  private readonly gates = new Map<string, LaneGate<Asked>>();
  private readonly granted = new Map<string, number>();
  private stopped = false;

  constructor(
    private readonly parts: ClaimerParts,
    private readonly options: ClaimerOptions,
  ) {}

  /** From now on nothing is asked. A claim that is under way may still be granted. */
  stop(): void {
    this.stopped = true;
  }

  get isStopped(): boolean {
    return this.stopped;
  }

  /** How many claims of the lane were granted here. */
  grantedOf(lane: string): number {
    return this.granted.get(lane) ?? 0;
  }

  /** Who is first in line for room under a limit asks for itself: shared with others, its own question would never be put. */
  async claim(ticket: Ticket, lane: string): Promise<Asked> {
    let isOwn = false;
    const answer = await this.gateOf(lane).pass((probe) => {
      isOwn = true;
      return this.claimOrRepeat(ticket, lane, probe);
    });
    const isFirst = answer.answer === 'full' && answer.scope === 'rate' && answer.first === ticket.jobId;
    return isFirst && !isOwn ? this.claimOnce(ticket, lane) : answer;
  }

  /** A slot freed a moment ago may be missed by the statement's snapshot, so `full` is asked once more; a probe will be back anyway. */
  private async claimOrRepeat(ticket: Ticket, lane: string, probe: boolean): Promise<Asked> {
    const first = await this.claimOnce(ticket, lane);
    const mayBeOld = first.answer === 'full' && first.scope !== 'rate';
    return mayBeOld && !probe ? this.claimOnce(ticket, lane) : first;
  }

  /** Of a job that was answered `last_chance`, by whoever has no other. */
  claimLast(ticket: Ticket, lane: string): Promise<Asked> {
    return this.claimOnce(ticket, lane, true);
  }

  private async claimOnce(ticket: Ticket, lane: string, mayBeLast = false): Promise<Asked> {
    if (this.stopped) return { answer: 'stopped' };
    const { meter } = this.parts;
    const answer = await this.ask(ticket, lane, mayBeLast).catch((thrown: unknown) => {
      meter.claimFailed(lane);
      throw thrown;
    });
    meter.claimed(lane, answer);
    if (answer.answer === 'claimed') this.granted.set(lane, this.grantedOf(lane) + 1);
    return answer;
  }

  private ask({ jobId, ring }: Ticket, lane: string, mayBeLast: boolean): Promise<ClaimAnswer> {
    const { worker, leaseMs, laneHoldMs } = this.options;
    const takeOverUntil = this.parts.leases.takeOverUntil();
    const yieldMs = laneHoldMs * YIELD_HOLDS;
    const terms = { worker, leaseMs, takeOverUntil, yieldMs, mayBeLast };
    return this.parts.records.claims.claim({ jobId, ring, lane, ...terms });
  }

  private gateOf(lane: string): LaneGate<Asked> {
    const known = this.gates.get(lane);
    if (known) return known;
    const gate = new LaneGate<Asked>({
      isFull: (answer) => answer.answer === 'full',
      isFree: (answer) => answer.answer === 'claimed',
    });
    this.gates.set(lane, gate);
    return gate;
  }
}
