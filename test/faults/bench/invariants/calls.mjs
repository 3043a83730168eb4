import { overAt, pidOf } from '../joined.mjs';
import { SNAGS } from '../work.mjs';

/** How long the worker of an answer may need until it has flushed it to the spool; nobody can see that from outside. */
const SPOOL_MS = 500;

/** Around the start of a claim that nobody heard of something must have kept its answer back. */
const BEFORE_CLAIM_MS = 100;
const BEFORE_CLAIM_LENIENT_MS = 1_000;
const AFTER_CLAIM_MS = 2_000;

/** A machine that has other work may let a process wait for seconds. */
const spoolMsOf = ({ options }) => (options.lenient ? options.leaseMs : SPOOL_MS);

const linesOf = ({ joined }, { marker }) => joined.linesByMarker.get(marker) ?? [];

/** The calls that policy owes a job are at most those at its first target that fail, and one that answers. */
function partsOf(evidence, row) {
  const { first, snag } = evidence.joined.jobsByMarker.get(row.marker);
  const fails = ({ provider }) => snag !== 'none' && provider === first;
  const lines = linesOf(evidence, row);
  return {
    failing: lines.filter(fails),
    answering: lines.filter((line) => !fails(line)),
    owed: SNAGS[snag].calls,
  };
}

/** Taken from a worker that was hit, or given back by one that had no time left to drain. */
const givenUpOf = ({ joined }, { id }) =>
  (joined.attemptsByJob.get(id) ?? []).filter(
    ({ code, status }) => code === 'worker_lost' || status === 'abandoned',
  );

const lostOf = ({ joined }, { id }) =>
  (joined.attemptsByJob.get(id) ?? []).filter(({ code }) => code === 'worker_lost');

/** Only what had a call in flight leaves one behind. */
const isExcused = ({ joined }, attempt) =>
  joined.lineOf.has(attempt) && joined.excuseOf(attempt) !== undefined;

function extraCalls(evidence) {
  let [extra, excused] = [0, 0];
  const bad = evidence.rows.flatMap((row) => {
    const { failing, answering, owed } = partsOf(evidence, row);
    const more = Math.max(0, failing.length - owed) + Math.max(0, answering.length - 1);
    const allowed = givenUpOf(evidence, row).filter((attempt) => isExcused(evidence, attempt)).length;
    extra += more;
    excused += Math.min(more, allowed);
    if (more <= allowed) return [];
    return [
      `${row.id} (${row.marker}): ${failing.length + answering.length} calls, ${more - allowed} of them for no fault that excuses it`,
    ];
  });
  return {
    said: `${evidence.lines.length} calls, ${extra} extra, ${excused} of them for a worker killed, frozen or cut off`,
    bad,
  };
}

/**
 * Granted by a PostgreSQL whose answer was lost, and not given back: neither it, nor the worker, nor the connection between
 * them was well. A frozen server grants what waits in it when it thaws, on a busy machine a little later.
 */
function wasUnheard({ joined, faults, options }, attempt) {
  const from = attempt.startedAt - (options.lenient ? BEFORE_CLAIM_LENIENT_MS : BEFORE_CLAIM_MS);
  const names = ['postgres', joined.memberOf(attempt)?.name];
  return faults.some(
    ({ hits, name, startedAt, endedAt }) =>
      hits !== 'redis' &&
      names.includes(name) &&
      startedAt <= attempt.startedAt + AFTER_CLAIM_MS &&
      (endedAt ?? Infinity) >= from,
  );
}

function falseTakeover(evidence) {
  const { joined, rows } = evidence;
  const lost = rows.flatMap((row) => lostOf(evidence, row));
  const ofTheLiving = lost.filter((attempt) => !joined.excuseOf(attempt));
  const isUnheard = (attempt) => !joined.lineOf.has(attempt) && wasUnheard(evidence, attempt);
  const bad = ofTheLiving
    .filter((attempt) => !isUnheard(attempt))
    .map((attempt) => {
      const { jobId, number, worker } = attempt;
      const call = joined.lineOf.has(attempt) ? '' : '; it made no call, and no fault kept the claim from it';
      return `attempt ${number} of ${jobId} was taken from ${worker}, which lived${call}`;
    });
  const unheard = ofTheLiving.length - bad.length;
  return {
    said: `${lost.length} takeovers, ${bad.length} from the living; ${unheard} claims that nobody heard of`,
    bad,
  };
}

/**
 * The answer was whole, and its worker had the time to spool it: the job was called again all the same, or it failed, though
 * it was in time. What is spooled in time is committed however late PostgreSQL is back; but `expire` of
 * libs/contract/src/transitions.ts asks no spool: a job that was freed before its answer came, and that nobody has claimed
 * since, ends by its deadline.
 */
function paidLost(evidence) {
  const spoolMs = spoolMsOf(evidence);
  const counts = { paid: 0, killed: 0, frozen: 0, freed: 0 };
  const bad = evidence.rows.flatMap((row) => {
    const { answering } = partsOf(evidence, row);
    return answering.flatMap((line) => {
      if (line.outcome !== 'whole' || cameTooLate(evidence, row, line)) return [];
      counts.paid += 1;
      const loss = lossOf(evidence, row, line);
      if (loss === null) return [];
      const risk =
        riskOf(evidence, line) ?? (loss === CALLED_AGAIN ? null : riskAtTheEnd(evidence, row, line));
      if (risk === null)
        return [
          `${row.id}: the answer of call ${line.seq} was whole, and ${loss}: ${storyOf(evidence, row)}`,
        ];
      counts[risk] += 1;
      return [];
    });
  });
  const { paid, killed, frozen, freed } = counts;
  return {
    said: `${paid} whole answers, ${bad.length} lost; ${killed} whose worker died within ${spoolMs} ms, ${frozen} whose worker stood still, ${freed} past the deadline of a freed job`,
    bad,
  };
}

const CALLED_AGAIN = 'it was called again';

/** What became of a job that had this answer; null = it has it, or its end was before. */
function lossOf(evidence, row, line) {
  const { joined } = evidence;
  const spoolMs = spoolMsOf(evidence);
  const { answering } = partsOf(evidence, row);
  if (answering.some((other) => isClaimedAfter(joined, other, { line, spoolMs }))) return CALLED_AGAIN;
  const isInTime = overAt(line) + spoolMs < Math.min(row.deadlineAt, row.completedAt ?? Infinity);
  return row.status === 'failed' && isInTime ? `the job failed with ${row.code}` : null;
}

/** A freeze that excuses no other call is short; but what it leaves in the socket a deadline may overtake. */
function riskAtTheEnd(evidence, { code }, line) {
  const { joined, faults } = evidence;
  const attempt = joined.attemptOf.get(line);
  if (attempt === undefined) return null;
  const [from, to] = [-1, 1].map((sign) => overAt(line) + sign * spoolMsOf(evidence));
  const pid = pidOf(attempt.worker);
  const stoodStill = faults.some(
    (fault) =>
      fault.pid === pid &&
      !fault.excuses &&
      /freeze/.test(fault.kind) &&
      fault.startedAt <= to &&
      (fault.endedAt ?? Infinity) >= from,
  );
  if (stoodStill) return 'frozen';
  const wasFreed = attempt.code === 'worker_lost' && attempt.endedAt < to;
  return wasFreed && code === 'deadline_exceeded' ? 'freed' : null;
}

/** Another claim had begun before it was whole: its fence was gone. */
function cameTooLate({ joined }, { id }, line) {
  const own = joined.attemptOf.get(line);
  const attempts = joined.attemptsByJob.get(id) ?? [];
  return (
    own !== undefined &&
    attempts.some(({ number, startedAt }) => number > own.number && startedAt < overAt(line))
  );
}

/** By a later claim, which began when the answer had long been whole: not by an older one that was frozen before its call. */
function isClaimedAfter({ attemptOf }, other, { line, spoolMs }) {
  const begunAt = attemptOf.get(other)?.startedAt ?? other.receivedAt;
  return other !== line && begunAt > overAt(line) + spoolMs;
}

/** What happened to a job, in seconds from its first attempt, for whoever looks into a breach. */
function storyOf({ joined, faults }, { id }) {
  const attempts = joined.attemptsByJob.get(id) ?? [];
  const from = attempts[0]?.startedAt ?? 0;
  const at = (time) => (time === null ? '…' : ((time - from) / 1000).toFixed(2));
  const told = attempts.map((attempt) => {
    const { number, worker, status, code, startedAt, endedAt } = attempt;
    const line = joined.lineOf.get(attempt);
    const call = line
      ? `call ${line.seq} ${at(line.receivedAt)}–${at(overAt(line))} ${line.outcome}`
      : 'no call';
    return `attempt ${number} by ${pidOf(worker)} ${at(startedAt)}–${at(endedAt)} ${code ?? status}, ${call}`;
  });
  const pids = attempts.map(({ worker }) => pidOf(worker));
  const hits = faults
    .filter(({ pid, hits: what }) => pids.includes(pid) || what === 'postgres')
    .map(({ kind, pid, startedAt, endedAt }) => `${kind} ${pid ?? ''} ${at(startedAt)}–${at(endedAt)}`);
  return [...told, ...hits].join('; ');
}

/** Its worker died before the flush, or stood still and has never read it. A cut connection to a store is no excuse. */
function riskOf(evidence, line) {
  const { joined } = evidence;
  const spoolMs = spoolMsOf(evidence);
  const attempt = joined.attemptOf.get(line);
  if (!attempt) return null;
  const span = { from: overAt(line) - spoolMs, to: overAt(line) + spoolMs };
  const faults = joined.excusesWithin(attempt, span);
  if (faults.some(({ isPastSpool }) => isPastSpool) && joined.isFirstWhole(line)) return null;
  const kinds = faults.map(({ kind }) => kind);
  if (kinds.some((kind) => kind.endsWith('freeze'))) return 'frozen';
  return kinds.some((kind) => /kill|poison/.test(kind)) ? 'killed' : null;
}

/** A worker that serves some lanes alone calls for no other, whatever tickets lie in its own. */
function ownLanes({ attempts, members, lanes }) {
  const bad = Object.entries(lanes).flatMap(([name, served]) => {
    const pids = new Set(members.find((member) => member.name === name).lives.map(({ pid }) => pid));
    return attempts
      .filter(({ worker, lane }) => pids.has(pidOf(worker)) && !served.includes(lane))
      .map(({ jobId, number, lane }) => `attempt ${number} of ${jobId} in ${lane} was made by ${name}`);
  });
  return { said: `${Object.keys(lanes).length} workers of few lanes, ${bad.length} claims beyond`, bad };
}

export const CALLS = [
  {
    name: 'extra-calls',
    what: 'no call twice, but for a call in flight in a worker that was hit',
    judge: extraCalls,
  },
  { name: 'false-takeover', what: 'no call is taken from a worker that lives', judge: falseTakeover },
  { name: 'own-lanes', what: 'a worker claims in lanes that it serves', judge: ownLanes },
  { name: 'paid-lost', what: 'no answer that was spooled is paid again', judge: paidLost },
];
