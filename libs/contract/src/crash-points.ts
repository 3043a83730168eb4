/**
 * Statements that move something, by the name under which they are prepared. Before: it is about to be sent. After: it
 * is done, and has moved something; what found nothing to do is no visit.
 */
export const CRASH_STATEMENTS = [
  'accept',
  'accept_together',
  'accept_bulk',
  'cancel',
  'ring_again',
  'unring',
  'spare',
  'leave_to_newer',
  'reserve',
  'unreserve',
  'claim',
  'claim_together',
  'renew',
  'probe_passed',
  'settle_rate',
  'see_limits',
  'settle',
  'settle_together',
  'free_dead',
  'end_overdue',
  'move_unheld',
  'purge_jobs',
  'remove_job',
] as const;

/**
 * The other ways out of a process. A feed is a transaction: marked and not committed, and then not rung. A call begins, has
 * its status line and its first piece, and is over; its answer is put into the spool, and taken out of it.
 */
export const CRASH_PLACES = [
  ...(['within:feed', 'after:feed', 'before:ring', 'after:ring'] as const),
  ...(['before:call', 'at:first-byte', 'at:first-token', 'after:call'] as const),
  ...(['before:spool', 'after:spool', 'after:unspool'] as const),
] as const;
export type CrashPlace = (typeof CRASH_PLACES)[number];

/**
 * `kill`: SIGKILL to itself. `stop`: SIGSTOP to itself, until somebody sends SIGCONT. `timeout`: what was asked of the
 * store is done, and its answer is not heard.
 */
export const CRASH_MODES = ['kill', 'stop', 'timeout'] as const;
export type CrashMode = (typeof CRASH_MODES)[number];

/** Every point at which a process can be made to crash, for `LONGHAUL_CRASH_POINT`. */
export const CRASH_POINTS: readonly string[] = [
  ...CRASH_STATEMENTS.flatMap((name) => [`before:${name}`, `after:${name}`]),
  ...CRASH_PLACES,
];

/** Of a store alone the answer can be lost. */
const ANSWERED_BY_A_STORE: ReadonlySet<string> = new Set([
  ...(['after:feed', 'after:ring'] satisfies CrashPlace[]),
  ...CRASH_STATEMENTS.map((name) => `after:${name}`),
]);
/** How a process can crash at that point. */
export const crashModesOf = (point: string): readonly CrashMode[] =>
  ANSWERED_BY_A_STORE.has(point) ? CRASH_MODES : ['kill', 'stop'];

/** What a process was started with. */
export interface ArmedCrash {
  readonly point: string;
  readonly mode: CrashMode;
  /** The first visit is 1. */
  readonly visit: number;
}
