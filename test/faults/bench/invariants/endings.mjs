import { postgresIsWell, inSeconds } from '../spans.mjs';

const ENDED_MS = 60_000;
const DEADLINE_MS = 3_000;
const OVER = ['completed', 'incomplete', 'failed', 'cancelled'];
const NEXT = {
  queued: ['queued', 'in_progress', 'failed', 'cancelled'],
  in_progress: ['in_progress', ...OVER],
};
const DEATHS = 3;
/** Codes that no provider and no caller can cause. */
const OURS = ['internal', 'store_unavailable', 'worker_lost'];

/** Where no job was open when the last fault struck, the bound says nothing. */
function endedInTime({ ran, rows, faults }) {
  const struckAt = Math.max(-Infinity, ...faults.map(({ startedAt }) => startedAt));
  const met = rows.filter(
    ({ createdAt, completedAt }) => createdAt < struckAt && (completedAt ?? Infinity) > struckAt,
  ).length;
  const lastAt = Math.max(ran.lastFaultAt, ...rows.map(({ completedAt }) => completedAt ?? Infinity));
  const tookMs = lastAt - ran.lastFaultAt;
  const bad =
    tookMs > ENDED_MS ? [`${ran.open} jobs were open ${inSeconds(ENDED_MS)} after the last fault`] : [];
  return {
    said: `${inSeconds(tookMs)} after the last fault was over; ${met} jobs were open when it struck`,
    bad,
    seen: met,
  };
}

const eventsByJob = ({ events }) => {
  const byJob = new Map();
  for (const event of events) byJob.set(event.jobId, [...(byJob.get(event.jobId) ?? []), event]);
  return byJob;
};

function terminalStable(evidence) {
  const { ran, rows } = evidence;
  const byJob = eventsByJob(evidence);
  const bad = rows.flatMap(({ id, status }) => {
    const ends = (byJob.get(id) ?? []).map((event) => event.status).filter((one) => OVER.includes(one));
    const told = ran.client.seenEnds.get(id) ?? [];
    const other = [...ends, ...told].filter((one) => one !== status);
    return other.length > 0 || ends.length > 1
      ? [`${id} is ${status}, and was ${[...ends, ...told].join(', ')}`]
      : [];
  });
  return {
    said: `${rows.length} ends, ${ran.client.seenEnds.size} of them read over the API, ${bad.length} changed`,
    bad,
  };
}

function legalEdges(evidence) {
  const bad = [];
  for (const [id, events] of eventsByJob(evidence)) {
    events.forEach((event, index) => {
      const before = events[index - 1];
      const isLegal = before ? NEXT[before.status]?.includes(event.status) : event.status === 'queued';
      if (!isLegal || event.seq !== index || event.attempt < (before?.attempt ?? 0))
        bad.push(`${id}: ${before?.status ?? 'nothing'} → ${event.status} as line ${event.seq}`);
    });
  }
  return { said: `${evidence.events.length} transitions, ${bad.length} not legal`, bad };
}

function oneWinner({ rows, joined }) {
  const bad = rows.flatMap(({ id, status, fence }) => {
    const attempts = joined.attemptsByJob.get(id) ?? [];
    const won = attempts.filter((attempt) => attempt.status === 'succeeded');
    const fences = attempts.map((attempt) => attempt.fence);
    if (won.length > 1) return [`${id} has ${won.length} attempts that succeeded`];
    if (won.length === 0 && status === 'completed')
      return [`${id} is completed, and no attempt has succeeded`];
    if (fences.some((one, index) => one <= (fences[index - 1] ?? 0)) || fences.some((one) => one > fence))
      return [`${id}: fences ${fences.join(', ')} under ${fence}`];
    return attempts.some((attempt) => attempt.status === 'running')
      ? [`${id} has an attempt without an end`]
      : [];
  });
  return { said: `${rows.length} jobs, ${bad.length} with attempts that contradict each other`, bad };
}

function output({ rows, joined }) {
  const completed = rows.filter(({ status }) => status === 'completed');
  const bad = completed.flatMap((row) => {
    const won = (joined.attemptsByJob.get(row.id) ?? []).find(({ status }) => status === 'succeeded');
    const line = won && joined.lineOf.get(won);
    if (!line) return [`${row.id} (${row.marker}) has an output, and the upstream has no call for it`];
    const { ms } = joined.jobsByMarker.get(row.marker);
    const sent = `This is chatcmpl-sandbox-${line.seq}, which answers in ${ms} ms.`;
    if (row.text !== sent) return [`${row.id} holds "${row.text}", and the upstream sent "${sent}"`];
    return line.outcome === 'whole' ? [] : [`${row.id} is completed by a call that was ${line.outcome}`];
  });
  return { said: `${completed.length} outputs, ${bad.length} not what the upstream sent`, bad };
}

/**
 * A death is charged to the job on its last chance, and to all when there was none: a lost attempt that was not charged
 * needs another job that had come so far, and that the same worker held after it had begun.
 */
function isSparedIn({ rows, joined }) {
  const onLastChance = rows.filter(({ deaths }) => deaths >= DEATHS - 1);
  const held = onLastChance.flatMap(({ id }) => joined.attemptsByJob.get(id) ?? []);
  return ({ jobId, worker, startedAt }) =>
    held.some(
      (other) => other.jobId !== jobId && other.worker === worker && (other.endedAt ?? Infinity) > startedAt,
    );
}

function poison({ rows, joined }) {
  const isSpared = isSparedIn({ rows, joined });
  const bad = rows.flatMap(({ id, marker, status, code, deaths }) => {
    const lost = (joined.attemptsByJob.get(id) ?? []).filter((attempt) => attempt.code === 'worker_lost');
    const spared = lost.filter(isSpared).length;
    const isPoison = status === 'failed' && code === 'poison';
    if (isPoison && (deaths !== DEATHS || lost.length < DEATHS))
      return [`${id} is poison after ${lost.length} lost workers (${deaths} deaths)`];
    if (deaths > DEATHS) return [`${id} has ${deaths} deaths`];
    if (lost.length - spared > deaths)
      return [`${id} has lost ${lost.length} workers, ${spared} of them to another job: ${deaths} deaths`];
    const shouldBe =
      deaths === DEATHS && !isPoison && !['cancelled', 'deadline_exceeded'].includes(code ?? '');
    if (shouldBe) return [`${id} has ${deaths} deaths, and is ${status}/${code}`];
    return joined.jobsByMarker.get(marker).isPoison && !isPoison
      ? [`${id} killed its workers, and is ${status}/${code}`]
      : [];
  });
  const count = rows.filter(({ code }) => code === 'poison').length;
  return { said: `${count} jobs are poison, ${bad.length} wrongly judged`, bad };
}

/** A fault of a store or of ours is no reason for a job to fail: it waits. */
function failsForNoFaultOfOurs({ rows }) {
  const failed = rows.filter(({ status }) => status === 'failed');
  const bad = failed
    .filter(({ code }) => OURS.includes(code))
    .map(({ id, marker, code }) => `${id} (${marker}) failed with ${code}`);
  return { said: `${failed.length} failed, ${bad.length} of them for a fault of ours`, bad };
}

/** A claim whose statement was held up past the deadline ends it, and sends nothing. */
function callAfterDeadline({ rows, joined }) {
  const late = rows.flatMap(({ id, deadlineAt }) =>
    (joined.attemptsByJob.get(id) ?? []).filter(({ startedAt }) => startedAt > deadlineAt),
  );
  const bad = late
    .filter((attempt) => joined.lineOf.has(attempt))
    .map(({ jobId, number }) => `attempt ${number} of ${jobId} began after the deadline, and called`);
  const ended = rows.filter(({ code }) => code === 'deadline_exceeded').length;
  const unsent = late.length - bad.length;
  return {
    said: `${ended} jobs ended by it, ${bad.length} called after it; ${unsent} claims without a call`,
    bad,
  };
}

/** A job whose worker was lost ends when its lease is judged: the bound of takeovers, not this one, holds for it. */
function deadlineEnds(evidence) {
  const { rows, options, joined } = evidence;
  const boundMs = options.leaseMs + DEADLINE_MS;
  const isLost = ({ id }) => (joined.attemptsByJob.get(id) ?? []).at(-1)?.code === 'worker_lost';
  const late = rows
    .filter(({ completedAt, deadlineAt }) => completedAt > deadlineAt)
    .filter(({ deadlineAt }) => postgresIsWell(evidence, deadlineAt, deadlineAt + boundMs))
    .map((row) => ({ ...row, lateMs: row.completedAt - row.deadlineAt, isLost: isLost(row) }));
  const most = (list) => list.reduce((sum, { lateMs }) => Math.max(sum, lateMs), 0);
  const held = late.filter((row) => !row.isLost);
  const lost = late.filter((row) => row.isLost);
  const bad = held
    .filter(({ lateMs }) => lateMs > boundMs)
    .map(({ id, lateMs }) => `${id} ended ${inSeconds(lateMs)} after its deadline`);
  const ofTheLost = `${lost.length} whose worker was lost, at most ${inSeconds(most(lost))}`;
  return { said: `${held.length}, at most ${inSeconds(most(held))} after it; ${ofTheLost}`, bad };
}

export const ENDINGS = [
  {
    ...{ name: 'ended-in-time', what: 'all have ended 60 s after the last fault', isTime: true },
    judge: endedInTime,
  },
  { name: 'terminal-stable', what: 'an end never changes', judge: terminalStable },
  { name: 'legal-edges', what: 'the log of each job has legal edges only', judge: legalEdges },
  {
    name: 'one-winner',
    what: 'at most one attempt succeeds; fences grow; none is left open',
    judge: oneWinner,
  },
  { name: 'output', what: 'the output is what the upstream sent to the winning attempt', judge: output },
  { name: 'no-fault-of-ours', what: 'no job fails because of a store', judge: failsForNoFaultOfOurs },
  { name: 'poison', what: 'three lost workers end a job, and no fewer', judge: poison },
  {
    name: 'call-after-deadline',
    what: 'no call is made by a claim after the deadline',
    judge: callAfterDeadline,
  },
  { name: 'deadline-ends', what: 'the deadline ends a job in any phase', isTime: true, judge: deadlineEnds },
];
