import { Claim, isLive, Job, replaced } from './world';

/** What the moves write, told apart from when they may. */

/** Whether a ticket belongs to the last bell that was rung. */
export type Bell = 'last' | 'old';

export const isLast = (job: Job, fence: number): boolean => fence === job.claims.length - 1;

export const lastClaim = ({ claims }: Job): Claim | undefined => claims[claims.length - 1];

export function withClaim(job: Job, fence: number, change: Partial<Claim>): Job {
  const claim = job.claims[fence];
  return claim ? { ...job, claims: replaced(job.claims, fence, { ...claim, ...change }) } : job;
}

/** Attempt and ledger: a row is there once, and only what is unknown is ever made better. */
export function closed(job: Job, fence: number, ending: Pick<Claim, 'attempt' | 'booked'>): Job {
  const claim = job.claims[fence];
  const isOpen = claim?.booked === 'none' || claim?.booked === 'unknown';
  return withClaim(job, fence, {
    attempt: ending.attempt,
    turn: 'over',
    ...(isOpen ? { booked: ending.booked } : {}),
  });
}

/** A slot belongs to a claim: a settlement frees only its own. */
export const released = (job: Job, fence: number): Job => ({
  ...job,
  held: false,
  lapsed: false,
  slot: isLast(job, fence) ? null : job.slot,
});

/** The next bell: whatever was rung or read before is old. */
export const newBell = (job: Job): Job => ({
  ...job,
  ticket: false,
  oldTicket: job.oldTicket || job.ticket,
  seen: job.seen && { ...job.seen, isLastBell: false },
});

export const ended = (job: Job, status: 'completed' | 'failed' | 'cancelled'): Job => ({
  ...job,
  status,
  phase: null,
});

/** The attempt of a dead worker: nobody knows what became of its call. */
export const lost = (job: Job): Job => {
  const fence = job.claims.length - 1;
  const claim = job.claims[fence];
  return claim ? withClaim(job, fence, { attempt: 'lost', booked: 'unknown' }) : job;
};

/** A claim as it is granted. */
export function claimed(job: Job, worker: number, granted: { readonly isHeard: boolean }): Job {
  const before = job.held ? { ...lost(job), deaths: job.deaths + 1 } : job;
  const claim: Claim = {
    ...{ worker, provider: job.provider, turn: granted.isHeard ? 'claimed' : 'unaware', attempt: 'running' },
    ...{ booked: 'none', sent: false, spooled: false, faulted: !granted.isHeard },
  };
  return {
    ...before,
    ...{ status: 'in_progress', phase: 'running', held: true, lapsed: !granted.isHeard, slot: job.provider },
    claims: [...before.claims, claim],
  };
}

export const isHeldByNobody = (job: Job): boolean => isLive(job) && !job.held;
