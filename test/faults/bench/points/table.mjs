const KILL_AND_STOP = ['kill', 'stop'];
const ALL = [...KILL_AND_STOP, 'timeout'];

const at = (role, play, points, more = {}) => points.map((point) => ({ role, play, point, ...more }));

/** Before and after a statement; of the later one the answer can be lost too. */
const around = (name) => [`before:${name}`, `after:${name}`];

/** By now the answer that is being ended lies in the spool, so that nobody may call for it again. */
const PAST_SPOOL = { isPastSpool: true };

const STOPS = [
  ...at('api', 'accept', [...around('accept'), 'within:feed', 'after:feed', 'before:ring', 'after:ring']),
  ...at('api', 'without-key', around('accept_together')),
  ...at('api', 'bulk', around('accept_bulk')),
  ...at('api', 'cancel', around('cancel')),
  ...at('api', 'redis-frozen', around('unring')),
  ...at('api', 'unclaimed', around('ring_again')),
  ...at('api', 'workers-dead', around('free_dead')),
  ...at('api', 'overdue', around('end_overdue')),
  ...at('api', 'barred', around('move_unheld')),
  ...at('api', 'delete', around('remove_job')),
  // An API settles nothing but the answers that a dead worker has left in the spool.
  ...at('api', 'left-in-the-spool', around('settle'), PAST_SPOOL),
  ...at('worker', 'answers', [...around('claim_together'), ...around('renew')]),
  ...at('worker', 'answers', [
    'before:call',
    'at:first-byte',
    'at:first-token',
    'after:call',
    'before:spool',
  ]),
  ...at('worker', 'answers', ['after:spool', ...around('settle_together'), 'after:unspool'], PAST_SPOOL),
  ...at('worker', 'reserved', around('reserve')),
  // The first one finds that the lane has limits.
  ...at('worker', 'reserved', around('claim'), { visit: 2 }),
  ...at('worker', 'reserved', around('settle_rate'), PAST_SPOOL),
  ...at('worker', 'limits-told', around('see_limits'), PAST_SPOOL),
  ...at('worker', 'probed', around('probe_passed')),
  ...at('worker', 'all-full', around('unreserve')),
  ...at('worker', 'last-chances', around('spare')),
  ...at('worker', 'newer', around('leave_to_newer')),
  // It purges when it starts, and then seldom.
  ...at('worker', 'outlived', around('purge_jobs')),
  ...at('worker', 'cut-off', ['before:spool']),
  ...at('worker', 'cut-off', ['after:spool'], PAST_SPOOL),
  ...at('worker', 'retry', around('settle')),
  ...at('worker', 'hand-over', around('settle')),
  ...at('worker', 'drain', around('settle')),
];

/** Which modes a point has is said by libs/contract/src/crash-points.ts; test/architecture compares the two. */
const NO_ANSWER_TO_LOSE = new Set([
  ...['within:feed', 'after:call', 'after:spool', 'after:unspool'],
  ...['at:first-byte', 'at:first-token'],
]);
const modesOf = (point) =>
  point.startsWith('before:') || NO_ANSWER_TO_LOSE.has(point) ? KILL_AND_STOP : ALL;

/**
 * Every visit: `{ name, point, mode, visit, role, play, isPastSpool }`. `role`: who is armed; `play`: what brings it there;
 * `visit`: which time it crashes.
 */
export const VISITS = STOPS.flatMap(({ point, ...rest }) =>
  modesOf(point).map((mode) => ({
    ...{ name: `${point}:${mode} ${rest.role} ${rest.play}`, point, mode },
    ...{ visit: 1, isPastSpool: false, ...rest },
  })),
);
