import { Bell, claimed, ended, isHeldByNobody, lost, newBell } from './job-moves';
import { Rules, Step } from './rules';
import { Around, isLive, Job } from './world';

/** What statements on PostgreSQL do, each under its guards of the table. */

export interface Granting {
  readonly worker: number;
  readonly bell: Bell;
  /** False: its answer does not reach the worker. */
  readonly isHeard: boolean;
}

export type Granted = { readonly after: Job; readonly evicts: boolean } | 'full' | 'stale';

/** The claim of a ticket. `full` = refused for want of a slot alone. */
export function claim(job: Job, asked: Granting, { around, rules }: Surroundings): Granted {
  const { size } = rules;
  const judges = rules.passes('claim', 'grace', around.mayJudge);
  const holds = {
    status: isLive(job),
    ring: asked.bell === 'last',
    ready: job.ready,
    in_time: !job.isLate,
    uncancelled: !job.cancelAsked,
    lapsed: !job.held || job.lapsed,
    grace: !job.held || around.mayJudge,
    open: around.barred[job.provider] === false,
    unpaid: !job.claims.some(({ spooled }) => spooled),
    deaths: !job.held || job.deaths + 1 < size.deathsUntilPoison,
    calls: !job.held || job.claims.length < size.maxCalls,
  };
  if (!rules.allows('claim', { ...holds, slot: true })) return 'stale';
  const evicts = around.slot === 'lapsed' && judges;
  if (!rules.allows('claim', { ...holds, slot: around.slot === 'free' || evicts })) return 'full';
  return { after: claimed(job, asked.worker, asked), evicts };
}

export interface Surroundings {
  readonly around: Around;
  readonly rules: Rules;
}

/** What a Reconciler does with a dead worker's job: it waits again, or ends. Null = it may not, or need not. */
function freed(job: Job, { around, rules }: Surroundings): Job | null {
  const deaths = job.deaths + 1;
  const holds = {
    lapsed: job.held && job.lapsed,
    grace: around.mayJudge,
    unpaid: !job.claims.some(({ spooled }) => spooled),
  };
  if (!job.held || !rules.allows('free', { ...holds, deaths: true, calls: true })) return null;
  const after: Job = { ...lost(job), held: false, lapsed: false, slot: null, deaths };
  if (job.cancelAsked) return ended(after, 'cancelled');
  const goesOn =
    rules.passes('free', 'deaths', deaths < rules.size.deathsUntilPoison) &&
    rules.passes('free', 'calls', job.claims.length < rules.size.maxCalls);
  return goesOn && !job.isLate ? newBell({ ...after, phase: 'retry_wait' }) : ended(after, 'failed');
}

/** Steps of Feeder, Reconciler and mover. */
export function housekeeping(job: Job, surroundings: Surroundings): Step[] {
  const { rules } = surroundings;
  const steps: Step[] = [];
  const add = (name: string, move: Step['move'], after: Job): void => {
    steps.push({ kind: 'road', name, move, after });
  };
  const free = freed(job, surroundings);
  if (free) add('free', 'free', free);
  const due = job.isLate || job.cancelAsked;
  if (rules.allows('expire', { status: isLive(job), unheld: !job.held, due }))
    add('expire', 'expire', ended(job, job.cancelAsked ? 'cancelled' : 'failed'));
  if (isHeldByNobody(job) && job.ready && !job.ticket) add('ring', 'ring', { ...job, ticket: true });
  if (isLive(job) && !job.ready) add('its time comes', null, { ...job, ready: true });
  return rules.size.bars ? [...steps, ...shifts(job, surroundings)] : steps;
}

/** A job whose target is barred is read, judged, and moved; in between the world may go on. */
function shifts(job: Job, { around: { barred }, rules }: Surroundings): Step[] {
  const { seen, provider } = job;
  const step = (name: string, move: Step['move'], after: Job): Step => ({ kind: 'road', name, move, after });
  if (seen === null) {
    const mayMove = isHeldByNobody(job) && barred[provider] === true;
    return mayMove ? [step('read for a move', null, { ...job, seen: { provider, isLastBell: true } })] : [];
  }
  const holds = {
    ...{ status: isLive(job), unheld: !job.held, ring: seen.isLastBell },
    unpaid: !job.claims.some(({ spooled }) => spooled),
  };
  const put = (to: number): Job => ({
    ...newBell({ ...job, provider: to }),
    ...{ tries: to === provider ? job.tries : 0, ready: to !== seen.provider, seen: null },
    ...(to === provider ? {} : { phase: 'fallback' }),
  });
  const targets = [seen.provider, seen.provider + 1].filter((to) => barred[to] !== undefined);
  const isStranded = barred.slice(seen.provider).every((each) => each);
  return [
    step('move in vain', null, { ...job, seen: null }),
    ...(rules.allows('shift', holds)
      ? targets.map((to) => step(`shift to ${String(to)}`, 'shift', put(to)))
      : []),
    ...(isStranded && rules.allows('give_up', holds)
      ? [step('give up', 'give_up', { ...ended(newBell(job), 'failed'), seen: null })]
      : []),
  ];
}
