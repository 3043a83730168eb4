import { overAt } from '../joined.mjs';
import { CAP, TARGETS, TOTAL_CAP } from '../work.mjs';

/** A busy upstream may read the next call before it hears that another was closed. */
const HEARD_MS = 100;
const HEARD_LENIENT_MS = 1_000;

/** When a call was over for its worker. One that the worker closed itself was closed before its claim was settled. */
const closedAt =
  ({ joined, options }) =>
  (line) => {
    const heardAt = overAt(line);
    const settledAt = joined.attemptOf.get(line)?.endedAt ?? null;
    if (line.outcome !== 'client_closed' || settledAt === null) return heardAt;
    const heardMs = options.lenient ? HEARD_LENIENT_MS : HEARD_MS;
    return Math.min(heardAt, Math.max(settledAt, heardAt - heardMs));
  };

/** The most calls that were open at one instant. A call that ends in the millisecond of another's start was first. */
function mostAtOnce(lines, endOf) {
  const moves = lines.flatMap((line) => [
    { at: line.receivedAt, by: 1 },
    { at: endOf(line), by: -1 },
  ]);
  moves.sort((one, other) => one.at - other.at || one.by - other.by);
  let [open, most] = [0, 0];
  for (const { by } of moves) {
    open += by;
    most = Math.max(most, open);
  }
  return most;
}

/** Such a worker cannot close its calls, or does not learn that it should. Of one that dies or drains the upstream hears the close. */
const GOES_ON = /freeze|cut-off|half-open/;

/** When the worker of a call was first frozen or cut off under it: from then on the call may hold no slot any more. */
const hitAt =
  ({ joined }) =>
  (line) => {
    const attempt = joined.attemptOf.get(line);
    if (attempt === undefined) return Infinity;
    const faults = joined.excusesWithin(attempt, { from: line.receivedAt, to: overAt(line) });
    const startedAt = faults.filter(({ kind }) => GOES_ON.test(kind)).map((fault) => fault.startedAt);
    return Math.max(line.receivedAt, Math.min(Infinity, ...startedAt));
  };

function cap(evidence) {
  const endOf = closedAt(evidence);
  const hitOf = hitAt(evidence);
  const countedUntil = (line) => Math.min(endOf(line), hitOf(line));
  const scopes = [
    ...TARGETS.map(({ provider }) => ({
      name: provider,
      most: CAP,
      lines: evidence.lines.filter((line) => line.provider === provider),
    })),
    { name: 'all', most: TOTAL_CAP, lines: evidence.lines },
  ];
  const seen = scopes.map(({ name, most, lines }) => ({
    ...{ name, most },
    withAll: mostAtOnce(lines, endOf),
    withoutHit: mostAtOnce(lines, countedUntil),
  }));
  const bad = seen
    .filter(({ withoutHit, most }) => withoutHit > most)
    .map(({ name, withoutHit, most }) => `${name}: ${withoutHit} calls at once, and the cap is ${most}`);
  const beyond = seen.reduce((sum, { withAll, most }) => sum + Math.max(0, withAll - most), 0);
  const peaks = seen.map(({ name, withoutHit, most }) => `${name} ${withoutHit}/${most}`).join(', ');
  return { said: `${peaks}; with calls of workers that were hit ${beyond} beyond`, bad };
}

export const CAPS = [
  { name: 'cap', what: 'never more calls in flight than the caps', judge: cap },
  {
    ...{ name: 'slots-free', what: 'every slot is free at the end' },
    judge: ({ heldSlots }) => ({
      said: `${heldSlots.length} held`,
      bad: heldSlots.map(({ scope, n, jobId }) => `slot ${n} of ${scope} is held by ${jobId}`),
    }),
  },
  {
    ...{ name: 'leases-free', what: 'no lease stands at the end' },
    judge: ({ leases }) => ({
      said: `${leases.length} stand`,
      bad: leases.map(({ id }) => `${id} is leased`),
    }),
  },
];
