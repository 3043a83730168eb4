import { overAt } from '../joined.mjs';
import { isWell, ms, percentile, postgresIsWell } from '../spans.mjs';

const CLOSED_MS = 1_000;
const ACKNOWLEDGED_MS = 200;

/** The first acknowledgement of each job that had not ended before. */
function acknowledged({ ran, rows }) {
  const first = new Map();
  for (const cancel of ran.client.cancels) {
    if (cancel.status !== 200 || ['completed', 'incomplete', 'failed'].includes(cancel.jobStatus)) continue;
    if (!first.has(cancel.id)) first.set(cancel.id, cancel);
  }
  return rows.flatMap((row) => (first.has(row.id) ? [{ row, cancel: first.get(row.id) }] : []));
}

function wins(evidence) {
  const all = acknowledged(evidence);
  const bad = all
    .filter(({ row }) => row.status !== 'cancelled')
    .map(
      ({ row, cancel }) =>
        `${row.id} was acknowledged as ${cancel.jobStatus}, and is ${row.status}/${row.code}`,
    );
  return { said: `${all.length} acknowledged, ${bad.length} ended otherwise`, bad };
}

/** A claim that was told of the cancel before it could call is one too many all the same. */
function claimAfter({ joined, ...evidence }) {
  const all = acknowledged(evidence);
  const late = all.flatMap(({ row, cancel }) =>
    (joined.linesByMarker.get(row.marker) ?? [])
      .filter(({ receivedAt }) => receivedAt > cancel.answeredAt)
      .map((line) => ({ row, line })),
  );
  const strayCalls = late
    .filter(({ line }) => !joined.attemptOf.has(line))
    .map(({ row, line }) => `${row.id}: call ${line.seq} after the acknowledgement belongs to no claim`);
  const claims = all.flatMap(({ row }) =>
    (joined.attemptsByJob.get(row.id) ?? [])
      .filter(({ startedAt }) => startedAt > row.cancelledAt)
      .map(({ number }) => `${row.id}: attempt ${number} was claimed after the acknowledgement`),
  );
  return {
    said: `${all.length} acknowledged; ${late.length} calls of earlier claims came after, ${claims.length} claims`,
    bad: [...claims, ...strayCalls],
  };
}

function closes(evidence) {
  const { joined } = evidence;
  const tookMs = [];
  const bad = acknowledged(evidence).flatMap(({ row, cancel }) =>
    (joined.linesByMarker.get(row.marker) ?? []).flatMap((line) => {
      const fromMs = Math.max(line.receivedAt, cancel.answeredAt);
      const took = overAt(line) - fromMs;
      if (took <= 0 || !isCalm(evidence, line, cancel)) return [];
      tookMs.push(took);
      return took > CLOSED_MS
        ? [`${row.id}: call ${line.seq} was open ${ms(took)} after the acknowledgement`]
        : [];
    }),
  );
  return {
    said: `${tookMs.length} calls closed, p99 ${ms(percentile(tookMs, 0.99))}`,
    bad,
    seen: tookMs.length,
  };
}

/** Neither the worker nor PostgreSQL, which tells it, was hit while the cancel went its way. */
function isCalm(evidence, line, cancel) {
  const attempt = evidence.joined.attemptOf.get(line);
  const member = attempt && evidence.joined.memberOf(attempt);
  const span = { from: cancel.sentAt, to: Math.min(overAt(line), cancel.answeredAt + CLOSED_MS) };
  return (
    member !== undefined &&
    isWell(evidence, member.name, span) &&
    postgresIsWell(evidence, span.from, span.to)
  );
}

/**
 * The requests of each cancel, from the first to its acknowledgement; whoever is answered 503, or not at all, waits on. One
 * that is refused for good, since its job is gone, has nothing to wait for.
 */
function askings({ ran }) {
  const byJob = new Map();
  for (const cancel of ran.client.cancels.toSorted((one, other) => one.sentAt - other.sentAt))
    byJob.set(cancel.index, [...(byJob.get(cancel.index) ?? []), cancel]);
  return [...byJob.values()].flatMap((all) => {
    const last = all.findIndex(({ status }) => status !== null && status < 500);
    if (last < 0) return [{ requests: all, tookMs: Infinity }];
    if (all[last].status !== 200) return [];
    const requests = all.slice(0, last + 1);
    return [{ requests, tookMs: all[last].answeredAt - all[0].sentAt }];
  });
}

function acknowledgedFast(evidence) {
  const all = askings(evidence);
  const calm = all.filter(
    ({ requests }) =>
      requests.every(({ api, sentAt, answeredAt }) =>
        isWell(evidence, api, { from: sentAt, to: answeredAt }),
      ) && postgresIsWell(evidence, requests[0].sentAt, requests.at(-1).answeredAt),
  );
  const p99 = percentile(
    calm.map(({ tookMs }) => tookMs),
    0.99,
  );
  const again = calm.filter(({ requests }) => requests.length > 1).length;
  const bad = p99 !== null && p99 > ACKNOWLEDGED_MS ? [`p99 is ${ms(p99)}`] : [];
  const said = `p99 ${ms(p99)} of ${calm.length}, ${again} of them sent again; ${all.length - calm.length} more met a fault of an API or of PostgreSQL`;
  return { said, bad, seen: calm.length };
}

export const CANCELS = [
  { name: 'cancel-wins', what: 'a job whose cancel was acknowledged ends cancelled', judge: wins },
  { name: 'call-after-cancel', what: 'no claim succeeds after the acknowledgement', judge: claimAfter },
  { name: 'cancel-closes', what: 'its call is closed within 1 s', isTime: true, judge: closes },
  {
    name: 'cancel-ack',
    what: 'a cancel is acknowledged, p99 ≤ 200 ms',
    isTime: true,
    judge: acknowledgedFast,
  },
];
