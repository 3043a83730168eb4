import { setTimeout as pause } from 'node:timers/promises';
import { HELD } from '../work.mjs';

/** For a thawed worker to settle what lay in its sockets. */
const THAWED_MS = 2_000;

/** Of the jobs of the worker that is cut off; of twelve it has four, where no more than three workers run. */
const CALLED_AGAIN = 2;

/** A worker dies with calls in flight; others take its jobs over. */
async function workerKilled(stage) {
  const jobs = await stage.submit(24, { ms: HELD });
  await stage.untilCalled(24);
  const { target } = await stage.busiest(jobs);
  await stage.strike('worker-kill', { target, lastsMs: 500 });
  await stage.release();
}

/** All die, and come back when the deadline of what they ran is over: the lease has put it into retry_wait meanwhile. */
async function deadlineWhileNobodyWorks(stage) {
  const jobs = await stage.submit(8, { ms: HELD, deadlineSeconds: 12 });
  await stage.untilCalled(8);
  let deadline;
  const passed = async () => {
    await stage.untilRows(jobs, ({ phase }) => phase === 'retry_wait');
    await stage.untilRows(jobs, ({ isOverdue }) => isOverdue);
  };
  const dies = (_, target) => stage.strike('worker-kill', { target, until: () => (deadline ??= passed()) });
  await Promise.all(stage.workers.map(dies));
}

/**
 * Frozen until its jobs run elsewhere, and thawed before they end there: its own answers lie in its sockets. A slow way to
 * PostgreSQL keeps it from hearing first that it has lost them.
 */
async function workerFrozen(stage) {
  const jobs = await stage.submit(12, { ms: HELD });
  await stage.untilCalled(12);
  const { target, own } = await stage.busiest(jobs);
  const { postgres } = stage.workers[target].doors;
  await postgres.delay(100);
  const runElsewhere = async () => {
    await stage.release(own);
    await stage.untilAnswered(own);
    await stage.untilCalled(own.length, own);
  };
  await stage.strike('worker-freeze', { target, until: runElsewhere });
  await pause(THAWED_MS);
  await postgres.delay(0);
  await stage.release();
}

/**
 * Cut off until none of its jobs is its own any more. Two are answered when they run elsewhere by then: it commits those
 * answers as soon as it is back, under fences that are gone. The others are answered at once: whoever frees their leases
 * finds them in the spool, and calls nothing. Its tickets stay in its hands at Redis all the while.
 */
async function workerCutOff(stage) {
  const jobs = await stage.submit(12, { ms: HELD });
  await stage.untilCalled(12);
  const { target, own } = await stage.busiest(jobs);
  const [lost, spooled] = [own.slice(0, CALLED_AGAIN), own.slice(CALLED_AGAIN)];
  const runElsewhere = async () => {
    await stage.release(spooled);
    await stage.untilRows(own, (row) => stage.holderOf(row) !== target);
    await stage.untilCalled(2 * lost.length, lost);
    await stage.release(lost);
    await stage.untilOpen(lost.length, lost);
  };
  await stage.strike('worker-cut-off', { target, until: runElsewhere });
  await pause(THAWED_MS);
  await stage.release();
}

/** Whoever runs that job dies; four times, if there is a fourth. */
async function poison(stage) {
  const [job] = await stage.submit(1, { ms: HELD, isPoison: true });
  await stage.submit(8, { ms: 1_000 });
  const deaths = [];
  while (deaths.length < 4) {
    let row;
    await stage.until(async () => {
      [row] = await stage.rows([job]);
      if (row === undefined || row.ended !== null) return row !== undefined;
      const holder = stage.workers[stage.holderOf(row)];
      return holder?.isUp && !holder.isHeld && (await stage.openCalls([job])).length > 0;
    });
    if (row.ended !== null) break;
    deaths.push(stage.strike('worker-kill', { target: stage.holderOf(row), lastsMs: 300 }));
  }
  await Promise.all(deaths);
  await stage.release();
}

export const WORKER_SCENARIOS = {
  'worker-killed': { what: 'a worker dies with calls in flight', play: workerKilled },
  'deadline-passes': { what: 'a deadline passes while no worker lives', play: deadlineWhileNobodyWorks },
  'worker-frozen': { what: 'a worker thaws while its jobs run elsewhere', play: workerFrozen },
  'worker-cut-off': {
    what: 'a worker is cut off from PostgreSQL until its jobs run elsewhere; some of its answers are in the spool',
    play: workerCutOff,
  },
  poison: { what: 'a job kills each of its workers', play: poison },
};
