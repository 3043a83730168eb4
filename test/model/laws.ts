import { movesBetween } from '@longhaul/contract';
import { Event, isRunning } from './all-moves';
import { lastClaim } from './job-moves';
import { Step } from './rules';
import { Around, Claim, isLive, Job, Size } from './world';

/** What must never happen. None of them asks the table who may do what, but I13, which is about the table. */
export const LAWS = {
  I1: 'an accepted job stays until it has ended',
  I2: 'a job fails only over time, out of calls, dead too often, or refused or barred by its last target',
  I3: 'an ended job never changes',
  I4: 'a worker that has renewed its claims runs no call of one that was replaced, and nobody holds an ended job',
  I5: 'a completed job holds the answer of the claim that succeeded',
  I6: 'a claim has one attempt and, once it is over, one ledger row that tells no more than is known',
  I7: 'every claim is made with a slot of its own, and no provider has more of them than its cap',
  I8: 'calls, deaths and rungs stay within their limits, and no job goes back to an earlier rung',
  I9: 'nothing is claimed after a cancel was acknowledged, and the job ends cancelled',
  I11: 'a job is claimed in the lane of the provider on which it stands',
  I12: 'one Idempotency-Key makes one job',
  I13: 'the log of a job holds only moves of the table',
  paid: 'nothing is called in vain but what a stricken worker had in hand; in time, no spooled answer is thrown away',
  time: 'nothing is claimed before its time, after its deadline, or on a barred target',
} as const;
export type Law = keyof typeof LAWS;

/** The law that a step of one job breaks, or null. */
export function brokenBy(old: Job, step: Step, { around, size }: { around: Around; size: Size }): Law | null {
  const { after } = step;
  if (after.claims.length > old.claims.length) {
    const broken = brokenClaim(old, step, around);
    if (broken) return broken;
  }
  return brokenChange(old, after, size) ?? brokenJob(after, size) ?? brokenEdge(old, step);
}

/** The law that an event breaks by what it does to one job, or null. */
export function brokenByEvent(old: Job, job: Job, { event, size }: { event: Event; size: Size }): Law | null {
  const isVoid = job.claims.slice(0, -1).some((claim) => claim.worker === event.renewed && isRunning(claim));
  return isVoid ? 'I4' : (brokenChange(old, job, size) ?? brokenJob(job, size));
}

function brokenClaim(old: Job, { lane }: Step, { barred }: Around): Law | null {
  if (old.status !== null && !isLive(old)) return 'I3';
  if (old.cancelAsked) return 'I9';
  if (!old.ready || old.isLate || barred[old.provider] === true) return 'time';
  if (old.claims.some(({ spooled }) => spooled)) return 'paid';
  return lane === old.provider ? null : 'I11';
}

function brokenChange(old: Job, job: Job, size: Size): Law | null {
  if (job.removed && isLive(old)) return 'I1';
  if (old.status !== null && !isLive(old) && whatIsKept(old) !== whatIsKept(job)) return 'I3';
  if (job.provider < old.provider) return 'I8';
  const pairs = old.claims.map((claim, fence) => [claim, job.claims[fence] ?? claim] as const);
  if (pairs.some(([before, after]) => isRewritten(before, after))) return 'I6';
  if (pairs.some(([before, after]) => isLostInVain(before, after))) return 'paid';
  if (!isLive(old) || job.status !== 'failed') return null;
  if (lastClaim(job)?.spooled === true && !job.isLate) return 'paid';
  return mayFail(job, size) || old.seen?.isLastBell === true ? null : 'I2';
}

/** What a caller may read of an ended job. */
const whatIsKept = ({ status, phase, provider, output, claims }: Job): string =>
  [status, phase, provider, output, ...claims.map(({ attempt, booked }) => attempt + booked)].join();

const isRewritten = (old: Claim, claim: Claim): boolean =>
  old.booked !== claim.booked &&
  old.booked !== 'none' &&
  (old.booked !== 'unknown' || claim.booked !== 'answered');

const isLostInVain = (old: Claim, claim: Claim): boolean =>
  claim.attempt === 'lost' && old.attempt !== 'lost' && !claim.faulted;

const mayFail = (job: Job, { maxCalls, deathsUntilPoison, providers }: Size): boolean =>
  job.isLate ||
  job.deaths >= deathsUntilPoison ||
  job.claims.length >= maxCalls ||
  (lastClaim(job)?.attempt === 'failed' && job.provider === providers - 1);

function brokenEdge(old: Job, { after, move }: Step): Law | null {
  if (old.status === after.status && old.phase === after.phase && old.claims.length === after.claims.length)
    return null;
  if (after.status === null) return 'I13';
  const from = old.status === null ? null : { status: old.status, phase: old.phase };
  const legal = movesBetween(from, { status: after.status, phase: after.phase });
  return move !== null && legal.includes(move) ? null : 'I13';
}

function brokenJob(job: Job, { maxCalls, deathsUntilPoison }: Size): Law | null {
  const { claims, held, status } = job;
  const last = claims.length - 1;
  if (claims.some(({ attempt }, fence) => (attempt === 'running') !== (held && fence === last))) return 'I6';
  if (claims.some(({ attempt, booked }) => (attempt === 'running') !== (booked === 'none'))) return 'I6';
  if (claims.some(({ booked, sent }) => (sent ? booked === 'not_sent' : booked === 'answered'))) return 'I6';
  if (held && job.slot === null) return 'I7';
  if (claims.filter(({ sent }) => sent).length > maxCalls) return 'I8';
  if (isLive(job) && job.deaths >= deathsUntilPoison) return 'I8';
  const hasEnded = status !== null && !isLive(job);
  if (hasEnded && held) return 'I4';
  if (hasEnded && job.cancelAsked && status !== 'cancelled') return 'I9';
  const isOther = ({ attempt }: Claim, fence: number): boolean =>
    (attempt === 'succeeded') !== (fence === job.output);
  return status === 'completed' && job.output !== null && claims.some(isOther) ? 'I5' : null;
}

/** Of all jobs together. */
export function brokenTogether(jobs: readonly Job[]): Law | null {
  for (const [index, { slot, sameKey, status }] of jobs.entries()) {
    if (typeof slot === 'number' && jobs.findIndex((other) => other.slot === slot) < index) return 'I7';
    if (sameKey && status !== null && jobs.findIndex((other) => other.status !== null) < index) return 'I12';
  }
  return null;
}
