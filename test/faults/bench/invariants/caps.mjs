import { overAt } from '../joined.mjs';
import { CAP, TARGETS, TOTAL_CAP } from '../work.mjs';

/** The most calls that were open at one instant. A call that ends in the millisecond of another's start was first. */
function mostAtOnce(lines) {
  const moves = lines.flatMap((line) => [
    { at: line.receivedAt, by: 1 },
    { at: overAt(line), by: -1 },
  ]);
  moves.sort((one, other) => one.at - other.at || one.by - other.by);
  let [open, most] = [0, 0];
  for (const { by } of moves) {
    open += by;
    most = Math.max(most, open);
  }
  return most;
}

/** Calls that go on in a worker that was frozen or cut off hold no slot any more. */
const isOfTheHit =
  ({ joined }) =>
  (line) => {
    const attempt = joined.attemptOf.get(line);
    return (
      attempt !== undefined &&
      joined.excusesWithin(attempt, { from: line.receivedAt, to: overAt(line) }).length > 0
    );
  };

function cap(evidence) {
  const isHit = isOfTheHit(evidence);
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
    withAll: mostAtOnce(lines),
    withoutHit: mostAtOnce(lines.filter((line) => !isHit(line))),
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
