import { JobPhase, JobStatus } from './job';

/**
 * What must be true for a job to be moved. Statements on PostgreSQL check them under the lock of the job's row, at the
 * moment of the move and never before it; the rest are checked by the decision that asks for the move.
 */
export const GUARDS = {
  key: 'no other job was accepted with this Idempotency-Key',
  status: 'the job is in a status that the move starts from',
  ring: 'the ticket, or the decision, belongs to the last bell that was rung for the job',
  ready: '`ready_at` has come',
  in_time: 'the deadline has not passed',
  due: 'the deadline has passed, or a cancel was acknowledged',
  uncancelled: 'no cancel was acknowledged',
  unheld: 'nobody holds the job',
  lapsed: 'the lease has run out, if there is one',
  grace: 'whoever judges that lease has reached PostgreSQL at every quarter of a lease for one whole lease',
  owner: 'the worker still holds the lease',
  fence: 'the claim is the last one that was made',
  open: 'the target may be called: on, not cooling, no probe under way',
  slot: 'the provider and the total have a free slot',
  unpaid: 'no answer of the job lies in the spool',
  deaths: 'fewer workers have died with the job than make it poison',
  calls: 'the job may make another call',
} as const;
export type Guard = keyof typeof GUARDS;

/** `null` = the job has ended. */
type Phases = readonly (JobPhase | null)[];

export interface Move {
  /** Empty: there was no job before. */
  readonly from: readonly JobStatus[];
  /** Empty: the status stays. */
  readonly to: readonly JobStatus[];
  readonly during: Phases;
  /** Empty: the phase stays. */
  readonly after: Phases;
  readonly guards: readonly Guard[];
}

const LIVE = ['queued', 'in_progress'] as const;
const ENDED = ['completed', 'incomplete', 'failed', 'cancelled'] as const;
const WAITING = ['scheduled', 'waiting', 'retry_wait', 'fallback'] as const;
const HELD = ['running', 'cancelling'] as const;
const OVER = [null] as const;

/**
 * The only list of what may happen to a job. Terminal never changes, status never goes back. A bell needs no guard:
 * whoever rings, and however often, the claim decides. A guard that others imply is left out: each that stands here is
 * needed, and test/model shows for each what breaks without it.
 */
export const MOVES = {
  accept: { from: [], to: ['queued'], during: [], after: ['scheduled', 'waiting'], guards: ['key'] },
  ring: { from: LIVE, to: [], during: WAITING, after: WAITING, guards: [] },
  claim: {
    ...{ from: LIVE, to: ['in_progress'], during: [...WAITING, 'running'], after: ['running'] },
    guards: [
      ...(['status', 'ring', 'ready', 'in_time', 'uncancelled', 'lapsed', 'grace'] as const),
      ...(['open', 'slot', 'unpaid', 'deaths', 'calls'] as const),
    ],
  },
  renew: { from: ['in_progress'], to: [], during: HELD, after: [], guards: ['fence', 'owner'] },
  /** A paid answer is taken from memory or spool even after its lease was freed. */
  answer: {
    ...{
      from: ['in_progress'],
      to: ['completed', 'incomplete'],
      during: [...WAITING, 'running'],
      after: OVER,
    },
    guards: ['status', 'fence', 'uncancelled'],
  },
  fail: {
    ...{ from: ['in_progress'], to: ['failed'], during: ['running'], after: OVER },
    guards: ['fence', 'owner', 'uncancelled'],
  },
  retry: {
    ...{ from: ['in_progress'], to: ['in_progress'], during: ['running'], after: ['retry_wait'] },
    guards: ['fence', 'owner', 'calls'],
  },
  hand_over: {
    ...{ from: ['in_progress'], to: ['in_progress'], during: ['running'], after: ['fallback'] },
    guards: ['fence', 'owner', 'calls'],
  },
  /** By a worker that drains, or that never learned of its claim. */
  give_back: {
    ...{ from: ['in_progress'], to: ['in_progress'], during: ['running'], after: ['waiting'] },
    guards: ['fence', 'owner', 'calls'],
  },
  /** However the call of a cancelled job has ended. */
  stop: {
    ...{ from: ['in_progress'], to: ['cancelled'], during: ['cancelling'], after: OVER },
    guards: ['fence', 'owner'],
  },
  /** A dead worker's job waits again, or ends when that was one death or one call too many. */
  free: {
    ...{ from: ['in_progress'], to: ['in_progress', 'failed', 'cancelled'], during: HELD },
    ...{ after: ['retry_wait', null], guards: ['lapsed', 'grace', 'unpaid', 'deaths', 'calls'] },
  },
  cancel: {
    ...{ from: LIVE, to: ['cancelled'], during: WAITING, after: OVER, guards: ['status', 'unheld'] },
  },
  /** Of a held job: whoever holds it stops. */
  ask_cancel: { from: LIVE, to: [], during: HELD, after: ['cancelling'], guards: ['status'] },
  /** The end of a job that nobody holds, and that nobody will. */
  expire: {
    ...{ from: LIVE, to: ['failed', 'cancelled'], during: WAITING, after: OVER },
    guards: ['status', 'unheld', 'due'],
  },
  /** To another time or another rung, without a call: its target is barred. */
  shift: { from: LIVE, to: [], during: WAITING, after: WAITING, guards: ['status', 'unheld', 'ring'] },
  /** Likewise, but there is no time and no rung before its deadline. */
  give_up: {
    ...{ from: LIVE, to: ['failed'], during: WAITING, after: OVER },
    guards: ['status', 'unheld', 'ring', 'unpaid'],
  },
  remove: { from: ENDED, to: [], during: OVER, after: [], guards: ['status'] },
} as const satisfies Readonly<Record<string, Move>>;

export type MoveName = keyof typeof MOVES;
export type GuardOf<Name extends MoveName> = (typeof MOVES)[Name]['guards'][number];
/** The statuses, or the phases, that a move leads to. */
export type StatusAfter<Name extends MoveName> = (typeof MOVES)[Name]['to'][number];
export type PhaseAfter<Name extends MoveName> = Exclude<(typeof MOVES)[Name]['after'][number], null>;

export const hasEnded = (status: JobStatus): boolean => !LIVE.some((live) => live === status);

/** Where a job stands, as its log tells it. */
export interface Stand {
  readonly status: JobStatus;
  readonly phase: JobPhase | null;
}

const isIn = <Value>(list: readonly Value[], value: Value): boolean => list.includes(value);

/** Which moves lead from one stand to the other. @param before null = there was no job */
export function movesBetween(before: Stand | null, after: Stand): MoveName[] {
  const leads = ({ from, to, during, after: phases }: Move): boolean => {
    if (before === null) return from.length === 0 && isIn(to, after.status) && isIn(phases, after.phase);
    if (!isIn(from, before.status) || !isIn(during, before.phase)) return false;
    const isStatus = to.length === 0 ? after.status === before.status : isIn(to, after.status);
    const isPhase = phases.length === 0 ? after.phase === before.phase : isIn(phases, after.phase);
    return isStatus && isPhase && hasEnded(after.status) === (after.phase === null);
  };
  return (Object.keys(MOVES) as MoveName[]).filter((name) => leads(MOVES[name]));
}
