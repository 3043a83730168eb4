import { Bell, ended, withClaim } from './job-moves';
import { Kind, Step } from './rules';
import { claim, Granting, housekeeping, Surroundings } from './store-moves';
import { giveBack, settle, turnSteps } from './turn-moves';
import { isLive, Job } from './world';

/** Everything that may happen next to one job by itself. */
export function stepsOf(job: Job, surroundings: Surroundings): Step[] {
  const { rules } = surroundings;
  if (job.status === null) return accepts(job, surroundings);
  return [
    ...housekeeping(job, surroundings),
    ...turnSteps(job, rules),
    ...takes(job, surroundings),
    ...callerSteps(job, surroundings),
    ...strayTickets(job, surroundings),
    ...settleFaults(job, surroundings),
  ];
}

function accepts(job: Job, { around, rules }: Surroundings): Step[] {
  if (!rules.allows('accept', { key: !around.isKeyKnown })) return [];
  return [
    { kind: 'caller', name: 'accept', move: 'accept', after: { ...job, status: 'queued', phase: 'waiting' } },
  ];
}

function callerSteps(job: Job, { around, rules }: Surroundings): Step[] {
  const { size } = rules;
  const status = isLive(job);
  const steps: Step[] = [];
  const add = (name: string, move: Step['move'], after: Job): void => {
    steps.push({ kind: 'caller', name, move, after });
  };
  if (size.removals && !job.removed && rules.allows('remove', { status: !status }))
    add('remove', 'remove', { ...job, removed: true });
  if (size.deadlines && around.isFirst && !job.isLate)
    add('its deadline passes', null, { ...job, isLate: true });
  if (!size.cancels || !around.isFirst || job.cancelAsked) return steps;
  const asked: Job = { ...job, cancelAsked: true };
  if (rules.allows('cancel', { status, unheld: !job.held }))
    add('cancel', 'cancel', ended(asked, 'cancelled'));
  else if (rules.allows('ask_cancel', { status }))
    add('ask to cancel', 'ask_cancel', { ...asked, phase: 'cancelling' });
  return steps;
}

const workersOf = ({ around }: Surroundings): number[] =>
  Array.from({ length: around.workers }, (_, at) => at);

/** One ticket in, one claim or none. Only a full lane keeps its ticket. */
function takes(job: Job, surroundings: Surroundings): Step[] {
  const bells: readonly Bell[] = [
    ...(job.ticket ? (['last'] as const) : []),
    ...(job.oldTicket ? (['old'] as const) : []),
  ];
  return bells.flatMap((bell) => {
    const rest = bell === 'last' ? { ticket: false } : { oldTicket: false };
    return workersOf(surroundings).flatMap((worker): Step[] => {
      const granted = claim(job, { worker, bell, isHeard: true }, surroundings);
      if (granted === 'full') return [];
      if (granted === 'stale')
        return [
          {
            kind: 'road' as const,
            name: `refuse its ${bell} ticket`,
            move: null,
            after: { ...job, ...rest },
          },
        ];
      return [
        claimStep(
          'road',
          { job, worker, bell, isHeard: true },
          { ...granted, after: { ...granted.after, ...rest } },
        ),
      ];
    });
  });
}

/** The lane of an older ticket is that of the first rung: such a job has gone on since, or it does not matter. */
const claimStep = (
  kind: Kind,
  { job, worker, bell, isHeard }: Granting & { readonly job: Job },
  granted: { readonly after: Job; readonly evicts: boolean },
): Step => ({
  ...{
    kind,
    name: `worker ${String(worker)} claims by its ${bell} ticket${isHeard ? '' : ', unheard'}`,
    move: 'claim',
  },
  ...{ ...granted, lane: bell === 'old' ? 0 : job.provider },
});

/** A ticket that nobody rang, of this bell or of an earlier one; and a claim whose answer is lost. */
function strayTickets(job: Job, surroundings: Surroundings): Step[] {
  const askings = workersOf(surroundings).flatMap((worker): Granting[] => [
    { worker, bell: 'last', isHeard: true },
    { worker, bell: 'old', isHeard: true },
    ...(job.ticket ? [{ worker, bell: 'last', isHeard: false } as const] : []),
  ]);
  return askings.flatMap((asked) => {
    const granted = claim(job, asked, surroundings);
    return typeof granted === 'string' ? [] : [claimStep('fault', { ...asked, job }, granted)];
  });
}

/** A settlement whose answer is lost, so that it comes again, from memory or from the spool; and a worker that drains and is out of time. */
function settleFaults(job: Job, { rules }: Surroundings): Step[] {
  return job.claims.flatMap(({ turn, spooled }, fence): Step[] => {
    const step = (name: string, move: Step['move'], after: Job): Step => ({
      kind: 'fault',
      name,
      move,
      after,
    });
    const settled = turn === 'unaware' ? [] : settle(job, fence, rules);
    const again = settled.flatMap(({ move, after }) =>
      move ? [step('settle, unheard', move, withClaim(after, fence, { turn, spooled }))] : [],
    );
    if (turn !== 'claimed' && turn !== 'sent') return again;
    const { move, after } = giveBack(job, fence, rules);
    return [...again, step('drain', move, after)];
  });
}
