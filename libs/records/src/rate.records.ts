import { LimitState } from '@longhaul/contract';
import type { ClaimAnswer, ClaimRequest } from './claim.records';
import { Database } from './database';
import { KnownPayloads, payloadsText } from './payloads';
import { PACE, PURGE_RATES, RESERVE, SEE_LIMITS, SETTLE_RATE, UNRESERVE } from './reserve';
import { StaleWhy, WHY_STALE } from './stale';
import type { AttemptEnding, Settlement } from './settle.records';

export interface RateOptions {
  /** What "per minute" means. */
  readonly windowMs: number;
}

export const A_MINUTE: RateOptions = { windowMs: 60_000 };

const WAY_SHARE = 12;
const SHORTEST_WAY_MS = 2000;

/**
 * The window that is counted is longer than the provider's. We count from the claim, it counts from the arrival: of two
 * calls that are a window apart here, the first may take longer to get there (an event loop that is behind, a new
 * connection) than the second, and then both lie in one of its windows. A slow way does not get faster with a short window.
 */
export const countedMs = (rate: RateOptions): number => rate.windowMs + wayMs(rate);

const wayMs = ({ windowMs }: RateOptions): number => Math.max(SHORTEST_WAY_MS, windowMs / WAY_SHARE);

/** A claim has half of the way's time; what it has reserved before that is void, and reserved anew. */
const ATTEMPTS = 3;

/** Several holds of a lane: who is first in line asks after each. */
const LINE_MS = 6000;

/** A header that asks for more is a mistake, or of a limit by the month. */
const LONGEST_PACE_MS = 3_600_000;

const PURGED_AT_ONCE = 1000;

/** What a call was made to. */
export interface CalledTarget {
  readonly provider: string;
  readonly targetModel: string;
}

type Reserved =
  | { readonly answer: 'unlimited' | 'none' | 'newer' }
  | { readonly answer: 'reserved'; readonly fence: number }
  | { readonly answer: 'full' | 'behind'; readonly first: string; readonly afterMs: number | null }
  | { readonly answer: 'day'; readonly until: Date };

/** What credentials may use of their providers, and what of it is taken. */
export class RateRecords {
  /** Lanes that had limits when this process last asked. Decides nothing: it spares the others every statement here. */
  private readonly limited = new Set<string>();
  private readonly turns = new Map<string, Promise<unknown>>();

  constructor(
    private readonly database: Database,
    private readonly options: RateOptions = A_MINUTE,
    private readonly payloads: KnownPayloads | null = null,
  ) {}

  isLimited(lane: string): boolean {
    return this.limited.has(lane);
  }

  /** How old a reservation may be when it is claimed with. */
  get validMs(): number {
    return wayMs(this.options) / 2;
  }

  /**
   * Reserves for a job and claims it; without a claim nothing stays reserved. A process that dies in between leaves a
   * reservation that counts like any other and that nobody can claim with.
   */
  async claim(request: ClaimRequest, claim: () => Promise<ClaimAnswer | null>): Promise<ClaimAnswer> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const answer = await this.reserveAndClaim(request, claim);
      if (answer !== null) return answer;
    }
    return { answer: 'full', scope: 'rate', afterMs: null, first: request.jobId };
  }

  /**
   * What a call has used takes the place of what was reserved for it, and what its headers say is kept. Losing this is
   * safe: the estimate stands. To be asked before the claim's slots are freed, while the reservation is known to be of a
   * running call.
   */
  async settle(target: CalledTarget, { jobId, fence, attempt }: Settlement): Promise<void> {
    const { provider: lane, targetModel } = target;
    const { requests, tokens } = attempt.trace?.limits ?? {};
    if (this.isLimited(lane)) {
      if (attempt.call === 'not_sent') await this.database.run(UNRESERVE, [jobId, fence]);
      const used = tokensOf(attempt);
      if (used !== null) await this.database.run(SETTLE_RATE, [jobId, fence, used]);
      if (requests?.limit !== undefined || tokens?.limit !== undefined)
        await this.database.run(SEE_LIMITS, [lane, wholeOf(requests), wholeOf(tokens)]);
    }
    const paceMs = Math.max(untilReset(requests), untilReset(tokens));
    if (paceMs > 0)
      await this.database.run(PACE, [`${lane}/${targetModel}`, Math.min(paceMs, LONGEST_PACE_MS)]);
  }

  /** Deletes some of what nobody counts any more. @returns whether there may be more */
  async purge(): Promise<boolean> {
    const rows = await this.database.run(PURGE_RATES, [PURGED_AT_ONCE]);
    return rows.length === PURGED_AT_ONCE;
  }

  /** Null = the reservation was void when the claim came, or there was none. */
  private async reserveAndClaim(
    request: ClaimRequest,
    claim: () => Promise<ClaimAnswer | null>,
  ): Promise<ClaimAnswer | null> {
    const { lane, jobId } = request;
    const reserved = await this.inTurn(lane, () => this.reserve(request));
    if (reserved.answer === 'unlimited') this.limited.delete(lane);
    else this.limited.add(lane);
    switch (reserved.answer) {
      case 'full':
      case 'behind':
        return { answer: 'full', scope: 'rate', afterMs: reserved.afterMs, first: reserved.first };
      case 'day':
        return { answer: 'barred', until: reserved.until, code: 'quota_exhausted' };
      case 'none':
        return { answer: 'stale', why: await this.whyStale(request) };
      case 'newer':
        return { answer: 'newer' };
      case 'unlimited':
        return claim();
      case 'reserved': {
        const answer = await claim();
        if (answer?.answer !== 'claimed') await this.database.run(UNRESERVE, [jobId, reserved.fence]);
        return answer;
      }
      default:
        return reserved satisfies never;
    }
  }

  private async reserve({ lane, jobId, ring }: ClaimRequest): Promise<Reserved> {
    const values = [lane, jobId, ring, countedMs(this.options), LINE_MS, payloadsText(this.payloads) ?? ''];
    const [row] = await this.database.together<Reserved>(RESERVE, values);
    return row ?? { answer: 'none' };
  }

  private async whyStale({ jobId, ring }: ClaimRequest): Promise<StaleWhy> {
    const [row] = await this.database.run<{ why: StaleWhy }>(WHY_STALE, [jobId, ring]);
    return row?.why ?? 'unknown';
  }

  /** A claim that waits for another of its process needs no connection meanwhile. */
  private inTurn<Answer>(lane: string, work: () => Promise<Answer>): Promise<Answer> {
    const before = this.turns.get(lane) ?? Promise.resolve();
    const turn = before.then(work, work);
    this.turns.set(lane, turn);
    const leave = (): void => {
      if (this.turns.get(lane) === turn) this.turns.delete(lane);
    };
    turn.then(leave, leave);
    return turn;
  }
}

/** Null = it cannot be told, and the estimate stands. Before any work a provider refuses for nothing. */
function tokensOf({ call, usage, trace }: AttemptEnding): number | null {
  if (usage !== null) return usage.freshInput + usage.cacheRead + usage.cacheWrite + usage.output;
  return call === 'answered' && (trace?.upstreamStatus ?? 0) >= 400 ? 0 : null;
}

const wholeOf = (state: LimitState | undefined): number | null =>
  state?.limit === undefined || state.limit < 1 ? null : Math.floor(state.limit);

/** 0 = there is something left, or nobody says until when. */
const untilReset = (state: LimitState | undefined): number =>
  state?.remaining !== undefined && state.remaining <= 0 ? (state.resetMs ?? 0) : 0;
