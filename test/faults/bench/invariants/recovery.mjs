import { overAt } from '../joined.mjs';
import { PROFILES } from '../profiles.mjs';
import { SCENARIOS } from '../scenarios/index.mjs';
import { inSeconds, outagesOf, percentile, postgresIsWell, redisIsWell } from '../spans.mjs';

const TAKEOVER_MS = 5_000;
const FLUSH_MS = 15_000;
const RESUME_MS = 3_000;
const FIRED_SHARE = 0.5;
const FIRED_LEAST = 3;

/** A visit to a crash point names itself as a scenario, and is none of these. */
function isJudged({ options: { profile, scenario } }, name) {
  const run = scenario === null ? PROFILES[profile] : SCENARIOS[scenario];
  return run?.judges?.includes(name) ?? false;
}

/** From the fault, or from the end of a PostgreSQL outage that met it, until the job runs elsewhere or has ended. */
function takeover(evidence) {
  const { joined, rows, options } = evidence;
  const outages = outagesOf(evidence, 'postgres');
  const took = rows.flatMap((row) => {
    const attempts = joined.attemptsByJob.get(row.id) ?? [];
    return attempts.flatMap((attempt, index) => {
      const fault = attempt.code === 'worker_lost' ? joined.excuseOf(attempt) : undefined;
      if (!fault) return [];
      const againAt = attempts[index + 1]?.startedAt ?? row.completedAt;
      const outage = outages.findLast(({ from, to }) => from < againAt && to > fault.startedAt);
      const begunAt = Math.max(fault.startedAt, outage?.to ?? 0);
      const isFirst = !attempts.slice(0, index).some(({ code }) => code === 'worker_lost');
      return [{ jobId: row.id, ms: againAt - begunAt, leases: outage ? 2 : 1, kind: fault.kind, isFirst }];
    });
  });
  const late = (most) => took.filter(({ ms, leases }) => ms > leases * options.leaseMs + most);
  const isBroken = late(TAKEOVER_MS).length > took.length * 0.01;
  const bad =
    isJudged(evidence, 'takeover') && isBroken
      ? late(TAKEOVER_MS).map(({ jobId, ms, kind }) => `${jobId}: ${inSeconds(ms)} after ${kind}`)
      : [];
  const firsts = took.filter(({ isFirst }) => isFirst);
  return {
    said: `${timesOf(took)}; of a job's first lost worker ${timesOf(firsts)}`,
    bad,
    seen: took.length,
    isJudged: isJudged(evidence, 'takeover'),
  };
}

function timesOf(took) {
  const times = took.map(({ ms }) => ms);
  const [half, most] = [0.5, 0.99].map((share) => inSeconds(percentile(times, share)));
  return `${took.length}, p50 ${half}, p99 ${most}`;
}

/** Where tickets were wiped, and nothing else was done to a store meanwhile. */
function flushRecovery(evidence) {
  const flushes = evidence.faults.filter(({ number, flushedAt, backAt }) => {
    const others = { ...evidence, faults: evidence.faults.filter((fault) => fault.number !== number) };
    return (
      flushedAt &&
      backAt &&
      postgresIsWell(others, flushedAt, backAt) &&
      redisIsWell(others, flushedAt, backAt)
    );
  });
  const met = flushes.filter(({ waiting }) => waiting.length > 0);
  const took = met.map(({ flushedAt, backAt }) => backAt - flushedAt);
  const bad = took.filter((ms) => ms > FLUSH_MS).map((ms) => `${inSeconds(ms)} until all were rung again`);
  const waiting = met.reduce((sum, fault) => sum + fault.waiting.length, 0);
  return {
    said: `${flushes.length} flushes, ${met.length} of them wiped ${waiting} tickets, most ${inSeconds(percentile(took, 1))}`,
    bad,
    seen: met.length,
  };
}

/** Where jobs waited when Redis came back, and nothing else was wrong. */
function dispatchResumes(evidence) {
  const started = evidence.attempts.map(({ startedAt }) => startedAt).sort((one, other) => one - other);
  const waited = (at) =>
    evidence.rows.some((row) => row.createdAt < at && row.completedAt > at && !wasRunning(evidence, row, at));
  const took = evidence.faults
    .filter(({ hits, upAt, endedAt }) => hits === 'redis' && upAt && waited(endedAt))
    .filter(({ number, startedAt, endedAt }) => {
      const others = { ...evidence, faults: evidence.faults.filter((fault) => fault.number !== number) };
      return (
        redisIsWell(others, startedAt, endedAt + RESUME_MS) &&
        postgresIsWell(evidence, startedAt, endedAt + RESUME_MS)
      );
    })
    .map(({ endedAt }) => (started.find((at) => at >= endedAt) ?? Infinity) - endedAt);
  const late = took.filter((ms) => ms > RESUME_MS);
  const bad = isJudged(evidence, 'dispatch-resume')
    ? late.map((ms) => `${inSeconds(ms)} until the first claim`)
    : [];
  return {
    said: `${took.length} returns of Redis, most ${inSeconds(percentile(took, 1))}`,
    bad,
    seen: took.length,
    isJudged: isJudged(evidence, 'dispatch-resume'),
  };
}

const wasRunning = ({ joined }, { id }, at) =>
  (joined.attemptsByJob.get(id) ?? []).some(
    ({ startedAt, endedAt }) => startedAt <= at && (endedAt ?? Infinity) > at,
  );

function crashed({ members }) {
  const all = members.flatMap(({ name, lives }) => lives.map((life) => ({ name, ...life })));
  const own = all.filter(({ isOwnWish }) => isOwnWish);
  const bad = own
    .filter(({ readyAt }) => readyAt !== null)
    .map(({ name, pid, how, lastWords }) => `${name} (pid ${pid}) ended by itself: ${how}\n${lastWords}`);
  return {
    said: `${all.length} processes, ${bad.length} ended by themselves, ${own.length - bad.length} boots in vain`,
    bad,
  };
}

function fired({ faults, lines, options }) {
  const inFlight = faults.map(
    ({ startedAt }) =>
      lines.filter((line) => line.receivedAt <= startedAt && overAt(line) > startedAt).length,
  );
  const met = inFlight.filter((count) => count > 0).length;
  const isEnough = options.scenario !== null || (met >= FIRED_LEAST && met >= faults.length * FIRED_SHARE);
  const calls = inFlight.reduce((sum, count) => sum + count, 0);
  return {
    said: `${met} of ${faults.length} faults met calls in flight, ${calls} in all`,
    bad: isEnough ? [] : ['too few to say anything: the run is void'],
  };
}

export const RECOVERY = [
  { name: 'crashed', what: 'no process ends by itself', judge: crashed },
  { name: 'faults-fired', what: 'the faults met calls in flight', judge: fired },
  { name: 'takeover', what: 'takeover p99 ≤ lease + 5 s', isTime: true, judge: takeover },
  {
    name: 'flush-recovery',
    what: 'after FLUSHALL tickets are back ≤ 15 s',
    isTime: true,
    judge: flushRecovery,
  },
  {
    name: 'dispatch-resume',
    what: 'dispatch resumes ≤ 3 s after Redis',
    isTime: true,
    judge: dispatchResumes,
  },
];
