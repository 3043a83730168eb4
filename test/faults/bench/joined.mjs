const groupBy = (rows, keyOf) => {
  const groups = new Map();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return groups;
};

/** The statement that opens an attempt runs before its call; the two clocks are one machine's. */
const CLOCK_MS = 20;

/**
 * The upstream's lines beside our rows. The upstream sees the job (its marker) but no attempt. It gives each call a
 * number, and an attempt that got so far as a reply keeps it: those are joined by that number. What is left of a job on
 * both sides is joined in order, a line only to an attempt of the same lane that had begun.
 */
export class Joined {
  constructor({ rows, attempts, ledger, lines, faults, members, ran }) {
    Object.assign(this, { faults, members });
    this.rowsByMarker = groupBy(rows, ({ marker }) => marker);
    this.jobsByMarker = new Map(ran.jobs.map((job) => [job.marker, job]));
    this.attemptsByJob = groupBy(attempts, ({ jobId }) => jobId);
    this.linesByMarker = groupBy(lines, ({ marker }) => marker);
    this.ledgerByClaim = groupBy(ledger, keyOf);
    this.lineOf = new Map();
    this.attemptOf = new Map();
    for (const row of rows) this.#joinJob(row);
  }

  /** A line that no attempt owns up to has no entry in `attemptOf`. */
  #joinJob({ id, marker }) {
    const attempts = this.attemptsByJob.get(id) ?? [];
    const lines = this.linesByMarker.get(marker) ?? [];
    const byNumber = new Map(lines.map((line) => [`sandbox-${line.seq}`, line]));
    for (const attempt of attempts) {
      const line = byNumber.get(attempt.requestId);
      if (line && !this.attemptOf.has(line)) this.#pair(attempt, line);
    }
    const silent = attempts.filter((attempt) => attempt.requestId === null);
    for (const line of lines.filter((one) => !this.attemptOf.has(one))) {
      const fitting = silent.filter(
        (attempt) =>
          !this.lineOf.has(attempt) &&
          attempt.lane === line.provider &&
          attempt.startedAt <= line.receivedAt + CLOCK_MS,
      );
      // The latest that had begun: an earlier one that is left had sent nothing.
      const attempt = fitting.at(-1);
      if (attempt) this.#pair(attempt, line);
    }
  }

  #pair(attempt, line) {
    this.lineOf.set(attempt, line);
    this.attemptOf.set(line, attempt);
  }

  /** Whether it was the first whole answer that its worker had. */
  isFirstWhole(line) {
    const { worker } = this.attemptOf.get(line);
    const before = (other) => other.outcome === 'whole' && overAt(other) < overAt(line);
    return ![...this.attemptOf].some(([other, attempt]) => attempt.worker === worker && before(other));
  }

  bookedOf(attempt) {
    return this.ledgerByClaim.get(keyOf(attempt)) ?? [];
  }

  /** undefined = no process of this run. */
  memberOf({ worker }) {
    const pid = pidOf(worker);
    return this.members.find(({ lives }) => lives.some((life) => life.pid === pid));
  }

  lifeOf(attempt) {
    const pid = pidOf(attempt.worker);
    return this.memberOf(attempt)?.lives.find((life) => life.pid === pid) ?? null;
  }

  /** The kill, freeze or cut of its worker for which an attempt may have lost its call; undefined = there was none. */
  excuseOf(attempt) {
    return this.#excuses(attempt, { from: attempt.startedAt, to: attempt.endedAt ?? Infinity })[0];
  }

  excusesWithin(attempt, span) {
    return this.#excuses(attempt, span);
  }

  #excuses(attempt, { from, to }) {
    const pid = pidOf(attempt.worker);
    const life = this.lifeOf(attempt);
    const isKill = (fault) =>
      life !== null &&
      life.endedAt !== null &&
      fault.startedAt <= life.endedAt + 50 &&
      /kill|poison/.test(fault.kind);
    return this.faults.filter(
      (fault) =>
        fault.excuses &&
        fault.pid === pid &&
        fault.startedAt <= to &&
        (isKill(fault) || (fault.endedAt ?? Infinity) >= from),
    );
  }
}

const keyOf = ({ jobId, fence }) => `${jobId}:${fence}`;
export const pidOf = (worker) => Number(worker.split(':')[1]);
export const overAt = (line) => line.endedAt ?? line.clientClosedAt ?? Infinity;
