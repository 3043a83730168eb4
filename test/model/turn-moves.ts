import { closed, ended, isLast, newBell, released, withClaim } from './job-moves';
import { Rules, Step } from './rules';
import { Claim, Job } from './world';

/** What the worker of a claim does: it calls, hears, spools and settles, and may stop between any two of these. */
export function turnSteps(job: Job, rules: Rules): Step[] {
  const steps: Step[] = [];
  const add = (name: string, { move, after }: Settled): void => {
    steps.push({ kind: 'road', name, move, after });
  };
  for (const fence of job.claims.keys()) {
    const named = (name: string): string => `${name} (claim ${String(fence)})`;
    for (const [name, after] of callSteps(job, fence)) add(named(name), { move: null, after });
    for (const settled of settle(job, fence, rules)) add(named('settle'), settled);
  }
  return steps;
}

/** What it does on its own, with or without PostgreSQL. */
function callSteps(job: Job, fence: number): (readonly [string, Job])[] {
  const { turn, spooled } = job.claims[fence] as Claim;
  const to = (change: Partial<Claim>): Job => withClaim(job, fence, change);
  if (turn === 'claimed') return [['send', to({ turn: 'sent', sent: true })]];
  if (turn === 'answered' && !spooled) return [['spool', to({ spooled: true })]];
  if (turn !== 'sent') return [];
  return [
    ['hear the answer', to({ turn: 'answered' })],
    ['hear a refusal', to({ turn: 'refused' })],
  ];
}

export interface Settled {
  readonly move: Step['move'];
  readonly after: Job;
}

/** The commit of what a claim came to. A spooled answer may be committed by whoever looks into the spool of its host. */
export function settle(job: Job, fence: number, rules: Rules): Settled[] {
  const { turn, spooled } = job.claims[fence] as Claim;
  if (spooled) return [answer(job, fence, rules)];
  if (turn === 'unaware') return [giveBack(job, fence, rules)];
  return turn === 'refused' ? failures(job, fence, rules) : [];
}

const bookedOf = (claim: Claim): Claim['booked'] => (claim.sent ? 'answered' : 'not_sent');

function answer(job: Job, fence: number, rules: Rules): Settled {
  const holds = {
    status: job.status === 'in_progress',
    fence: isLast(job, fence),
    uncancelled: !job.cancelAsked,
  };
  const unspooled = withClaim(job, fence, { spooled: false, turn: 'over' });
  if (rules.allows('answer', holds)) {
    const done = released(closed(unspooled, fence, { attempt: 'succeeded', booked: 'answered' }), fence);
    return { move: 'answer', after: { ...ended(done, 'completed'), output: fence } };
  }
  return stop(unspooled, fence, rules) ?? { move: null, after: unspooled };
}

/** The end of a claim whose job was cancelled meanwhile. */
function stop(job: Job, fence: number, rules: Rules): Settled | null {
  const claim = job.claims[fence] as Claim;
  if (!job.cancelAsked || !rules.allows('stop', { fence: isLast(job, fence), owner: isOwner(job, claim) }))
    return null;
  const done = released(closed(job, fence, { attempt: 'cancelled', booked: bookedOf(claim) }), fence);
  return { move: 'stop', after: ended(done, 'cancelled') };
}

/** By name, as the statements compare it. */
const isOwner = (job: Job, claim: Claim): boolean =>
  job.held && job.claims[job.claims.length - 1]?.worker === claim.worker;

function failures(job: Job, fence: number, rules: Rules): Settled[] {
  const claim = job.claims[fence] as Claim;
  if (!job.cancelAsked || rules.passes('fail', 'uncancelled', false))
    return nextsOf(job, claim, rules)
      .filter((next) => next === 'fail' || !job.cancelAsked)
      .map((next) => failure(job, fence, { next, rules }));
  return [stop(job, fence, rules) ?? inVain(job, fence)];
}

const inVain = (job: Job, fence: number): Settled => ({
  move: null,
  after: withClaim(job, fence, { turn: 'over' }),
});

function failure(
  job: Job,
  fence: number,
  { next, rules }: { readonly next: 'retry' | 'hand_over' | 'fail'; readonly rules: Rules },
): Settled {
  const claim = job.claims[fence] as Claim;
  const holds = { fence: isLast(job, fence), owner: isOwner(job, claim), uncancelled: !job.cancelAsked };
  if (!rules.allows(next, { ...holds, calls: true })) return inVain(job, fence);
  const done = released(closed(job, fence, { attempt: 'failed', booked: bookedOf(claim) }), fence);
  switch (next) {
    case 'fail':
      return { move: next, after: ended(done, 'failed') };
    case 'retry':
      return {
        move: next,
        after: newBell({ ...done, phase: 'retry_wait', ready: false, tries: job.tries + 1 }),
      };
    case 'hand_over':
      return {
        move: next,
        after: newBell({ ...done, phase: 'fallback', provider: claim.provider + 1, tries: 0 }),
      };
    default:
      return next satisfies never;
  }
}

/** Once more on this target, the next rung, or the end: what was refused, and how, decides. */
function nextsOf(job: Job, claim: Claim, rules: Rules): readonly ('retry' | 'hand_over' | 'fail')[] {
  const hasCalls = job.claims.length < rules.size.maxCalls;
  const isRungLeft = claim.provider + 1 < rules.size.providers;
  const mayRetry = rules.size.retries && job.tries === 0 && rules.passes('retry', 'calls', hasCalls);
  const mayLeave = isRungLeft && rules.passes('hand_over', 'calls', hasCalls);
  const nexts = [...(mayRetry ? (['retry'] as const) : []), ...(mayLeave ? (['hand_over'] as const) : [])];
  return mayLeave ? nexts : [...nexts, 'fail'];
}

/** A worker that drains, or that never heard of its claim. A call that went out counts, whoever paid for it in vain. */
export function giveBack(job: Job, fence: number, rules: Rules): Settled {
  const claim = job.claims[fence] as Claim;
  const holds = { fence: isLast(job, fence), owner: isOwner(job, claim) };
  if (job.cancelAsked) return stop(job, fence, rules) ?? inVain(job, fence);
  if (!rules.allows('give_back', { ...holds, calls: true })) return inVain(job, fence);
  const booked = claim.sent ? 'unknown' : 'not_sent';
  const done = released(closed(job, fence, { attempt: 'abandoned', booked }), fence);
  const hasCalls = !claim.sent || job.claims.length < rules.size.maxCalls;
  return rules.passes('give_back', 'calls', hasCalls)
    ? { move: 'give_back', after: newBell({ ...done, phase: 'waiting', ready: true }) }
    : { move: 'fail', after: ended(done, 'failed') };
}
