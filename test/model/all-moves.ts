import { lastClaim, isLast, withClaim } from './job-moves';
import { Rules } from './rules';
import { Claim, Job } from './world';

/** What one event does to every job of a world alike, told for each. */
export interface Event {
  readonly place: number;
  readonly kind: 'road' | 'fault';
  readonly name: string;
  /** The worker that has renewed its claims. */
  readonly renewed?: number;
  readonly on: (job: Job, rules: Rules) => Job;
}

export const isRunning = ({ turn }: Claim): boolean => turn === 'claimed' || turn === 'sent';

const isHit = (claim: Claim, worker: number): boolean => claim.worker === worker && claim.turn !== 'over';

/** Its leases run out: nobody renews them. */
const struck = (job: Job, worker: number, change: Partial<Claim>): Job =>
  job.claims.reduce((sum, claim, fence) => {
    if (!isHit(claim, worker)) return sum;
    const isHeld = sum.held && isLast(sum, fence);
    return { ...withClaim(sum, fence, { faulted: true, ...change }), lapsed: sum.lapsed || isHeld };
  }, job);

/** All claims of a process in one statement, and what they are told. */
function renewed(job: Job, worker: number, rules: Rules): Job {
  return job.claims.reduce(
    (sum, claim, fence) => (isHit(claim, worker) ? renewedOne(sum, fence, rules) : sum),
    job,
  );
}

function renewedOne(job: Job, fence: number, rules: Rules): Job {
  const claim = job.claims[fence];
  if (!claim || claim.turn === 'unaware') return job;
  const isKnown = job.status === 'in_progress' && rules.passes('renew', 'fence', isLast(job, fence));
  if (!isKnown) return isRunning(claim) ? withClaim(job, fence, { turn: 'over' }) : job;
  const isOwner = rules.passes('renew', 'owner', job.held && lastClaim(job)?.worker === claim.worker);
  const after = isOwner ? withClaim({ ...job, held: true, lapsed: false }, fence, { faulted: false }) : job;
  return isRunning(claim) && job.cancelAsked ? withClaim(after, fence, { turn: 'refused' }) : after;
}

const ofWorker = (worker: number): Omit<Event, 'place'>[] => [
  {
    ...{ kind: 'road', name: `worker ${String(worker)} renews`, renewed: worker },
    on: (job, rules) => renewed(job, worker, rules),
  },
  {
    ...{ kind: 'fault', name: `worker ${String(worker)} is killed` },
    on: (job) => struck(job, worker, { turn: 'over' }),
  },
  {
    ...{ kind: 'fault', name: `worker ${String(worker)} is stopped or cut off for longer than a lease` },
    on: (job) => struck(job, worker, {}),
  },
];

const OF_ALL: readonly Omit<Event, 'place'>[] = [
  {
    ...{ kind: 'fault', name: 'PostgreSQL stands still for longer than a lease' },
    on: (job) => (job.held && !job.lapsed ? { ...job, lapsed: true } : job),
  },
  {
    ...{ kind: 'fault', name: 'the queue loses everything' },
    on: (job) => (job.ticket || job.oldTicket ? { ...job, ticket: false, oldTicket: false } : job),
  },
];

export const eventsOf = (workers: number): readonly Event[] =>
  [...Array.from({ length: workers }, (_, worker) => ofWorker(worker)).flat(), ...OF_ALL].map(
    (event, place) => ({
      ...event,
      place,
    }),
  );

/** The slot of an expired lease goes to another job. */
export const evicted = (job: Job): Job => ({ ...job, slot: 'gone' });
