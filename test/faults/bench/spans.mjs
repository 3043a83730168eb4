/** A store needs no longer than this to be itself again for every process, once it answers. */
const AFTER_MS = 2_500;

const overlaps = (fault, from, to, afterMs = 0) =>
  fault.startedAt <= to && (fault.endedAt ?? Infinity) + afterMs >= from;

/** The times at which a store was down for all, and surely: `{ from, to }`. */
export const outagesOf = ({ faults }, store) =>
  faults
    .filter(({ hits, downAt, upAt }) => hits === store && downAt && upAt)
    .map(({ downAt, upAt }) => ({ from: downAt, to: upAt }));

/** When one API alone could surely not reach PostgreSQL, and what else was done meanwhile: `{ api, from, to, others }`. */
export const cutOffsOf = ({ faults }) =>
  faults
    .filter(({ hits, downAt, upAt }) => hits === 'api' && downAt && upAt)
    .map((fault) => ({
      ...{ api: fault.name, from: fault.downAt, to: fault.upAt },
      others: faults.filter((other) => other !== fault),
    }));

/** Whether nothing was done to PostgreSQL, or to anybody's connection to it, that this span could feel. */
export const postgresIsWell = ({ faults }, from, to) =>
  !faults.some((fault) => reachesPostgres(fault) && overlaps(fault, from, to, AFTER_MS));

const reachesPostgres = ({ hits, kind }) =>
  hits === 'postgres' || /^(?:worker|api)-(?:cut-off|half-open)$/.test(kind);

export const redisIsWell = ({ faults }, from, to) =>
  !faults.some((fault) => fault.hits === 'redis' && overlaps(fault, from, to, AFTER_MS));

/** Whether the process of that name ran all the time and was neither killed nor frozen. */
export function isWell({ faults, members }, name, { from, to }) {
  if (faults.some((fault) => fault.name === name && overlaps(fault, from, to, AFTER_MS))) return false;
  const { lives } = members.find((member) => member.name === name);
  return lives.some(
    ({ readyAt, endedAt }) => readyAt !== null && readyAt + AFTER_MS <= from && (endedAt ?? Infinity) >= to,
  );
}

/** The smallest number that `share` of all do not exceed; null of nothing. */
export function percentile(numbers, share) {
  const sorted = [...numbers].sort((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? null;
}

export const ms = (number) => (number === null ? 'none' : `${Math.round(number)} ms`);
export const inSeconds = (number) => (number === null ? 'none' : `${(number / 1000).toFixed(1)} s`);
