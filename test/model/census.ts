import { Event } from './all-moves';
import { stepsOf } from './job-steps';
import { brokenBy, brokenByEvent, Law } from './laws';
import { Kind, Rules } from './rules';
import { Around, Claim, isLive, Job } from './world';

/** What is over for good: nothing asks for it, but how many claims there were, and how many of them were sent. */
const PAST = {
  worker: 0,
  provider: 0,
  turn: 'over',
  attempt: 'failed',
  spooled: false,
  faulted: false,
} as const;

const isPast = ({ turn, attempt, spooled }: Claim): boolean =>
  turn === 'over' && attempt !== 'running' && !spooled;

function plainClaim(claim: Claim): Claim {
  if (!isPast(claim)) return claim.attempt === 'running' ? claim : { ...claim, faulted: false };
  return { ...PAST, sent: claim.sent, booked: claim.sent ? 'answered' : 'not_sent' };
}

const END = { ready: true, tries: 0, deaths: 0, provider: 0, output: null } as const;

/** Jobs to which the same may happen are one. */
function plainJob(job: Job): Job {
  const claims = job.claims.map(plainClaim);
  if (job.status === null || isLive(job)) return { ...job, claims };
  return { ...job, ...END, claims: job.claims.every(isPast) ? [] : claims };
}

const FLAGS = ['removed', 'ticket', 'oldTicket', 'ready', 'isLate', 'cancelAsked', 'held', 'lapsed'] as const;

const bits = (flags: readonly boolean[]): number => flags.reduce((sum, flag) => sum * 2 + Number(flag), 0);

const textOfClaim = ({ worker, provider, turn, attempt, booked, sent, spooled, faulted }: Claim): string =>
  `${turn}${attempt}${booked}${String(worker)}${String(provider)}${String(bits([sent, spooled, faulted]))}`;

const textOf = (job: Job): string =>
  `${String(job.status)}.${String(job.phase)}.${String(bits(FLAGS.map((flag) => job[flag])))}.${String(job.provider)}` +
  `.${String(job.slot)}.${String(job.tries)}.${String(job.deaths)}.${String(job.output)}` +
  `.${job.seen ? `${String(job.seen.provider)}${String(job.seen.isLastBell)}` : ''}/${job.claims.map(textOfClaim).join('/')}`;

interface Effect {
  readonly to: number;
  readonly law: Law | null;
}

/** A step of a job as the search sees it: from number to number. */
export interface Leap extends Effect {
  readonly kind: Kind;
  readonly name: string;
  readonly evicts: boolean;
}

const SLOTS = ['free', 'lapsed', 'taken'] as const;

const wayOf = ({ mayJudge, barred, slot, isFirst, isKeyKnown }: Around): number =>
  bits([mayJudge, isFirst, isKeyKnown, ...barred]) * SLOTS.length + SLOTS.indexOf(slot);

/** Numbers jobs, and remembers what may happen to each: worlds are many, but the jobs in them are few. */
export class Census {
  readonly jobs: Job[] = [];
  private readonly numbers = new Map<string, number>();
  /** By job, then by its surroundings; by job, then by event; and so on. */
  private readonly leaps: (readonly Leap[])[][] = [];
  private readonly effects: Effect[][] = [];
  private readonly swaps: number[] = [];

  constructor(private readonly rules: Rules) {}

  numberOf(job: Job): number {
    const plain = plainJob(job);
    const text = textOf(plain);
    const known = this.numbers.get(text);
    if (known !== undefined) return known;
    const number = this.jobs.length;
    this.numbers.set(text, number);
    this.jobs.push(plain);
    this.leaps.push([]);
    this.effects.push([]);
    return number;
  }

  /** What may happen to a job next. */
  leapsOf(number: number, around: Around): readonly Leap[] {
    const way = wayOf(around);
    const leaps = (this.leaps[number] ??= []);
    return (leaps[way] ??= this.leapsFrom(this.jobs[number] as Job, around));
  }

  /** What an event does to a job. */
  after(number: number, event: Event): Effect {
    const effects = (this.effects[number] ??= []);
    return (effects[event.place] ??= this.effect(this.jobs[number] as Job, event));
  }

  /** The same job with the names of the two workers exchanged. */
  swapped(number: number): number {
    const swap = (claim: Claim): Claim => (isPast(claim) ? claim : { ...claim, worker: 1 - claim.worker });
    const job = this.jobs[number] as Job;
    return (this.swaps[number] ??= this.numberOf({ ...job, claims: job.claims.map(swap) }));
  }

  private leapsFrom(job: Job, around: Around): readonly Leap[] {
    const { rules } = this;
    return stepsOf(job, { around, rules }).map((step) => ({
      ...{ kind: step.kind, name: step.name, evicts: step.evicts ?? false },
      law: brokenBy(job, step, { around, size: rules.size }),
      to: this.numberOf(step.after),
    }));
  }

  private effect(job: Job, event: Event): Effect {
    const after = event.on(job, this.rules);
    return { to: this.numberOf(after), law: brokenByEvent(job, after, { event, size: this.rules.size }) };
  }
}
