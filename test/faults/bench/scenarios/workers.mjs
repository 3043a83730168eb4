import { setTimeout as pause } from 'node:timers/promises';

const INTO_CALL_MS = 300;

/** A worker dies with calls in flight; others take its jobs over. */
async function workerKilled(stage) {
  await stage.submit(24, { ms: 4_000 });
  await stage.untilCalled(20);
  await stage.strike('worker-kill', { lastsMs: 500 });
}

/** All die, and come back when the deadline of what they ran is over: the lease has put it into retry_wait meanwhile. */
async function deadlineWhileNobodyWorks(stage) {
  await stage.submit(8, { ms: 12_000, deadlineSeconds: 8 });
  await stage.untilCalled(8);
  const dies = (_, target) => stage.strike('worker-kill', { target, lastsMs: 8_500 });
  await Promise.all(stage.workers.map(dies));
}

/**
 * Frozen until its jobs run elsewhere, and thawed before they end there: its own answers lie in its sockets. A slow way to
 * PostgreSQL keeps it from hearing first that it has lost them.
 */
async function workerFrozen(stage) {
  const jobs = await stage.submit(12, { ms: 6_000 });
  await stage.untilCalled(12);
  const [row] = await stage.rows(jobs);
  const target = stage.holderOf(row);
  const { postgres } = stage.workers[target].doors;
  postgres.delay(100);
  await stage.strike('worker-freeze', { target, lastsMs: 2.8 * stage.options.leaseMs });
  await pause(1_500);
  postgres.delay(0);
}

/** Whoever runs that job dies; four times, if there is a fourth. */
async function poison(stage) {
  const [job] = await stage.submit(1, { ms: 8_000, isPoison: true });
  await stage.submit(8, { ms: 1_000 });
  const deaths = [];
  while (deaths.length < 4) {
    let row;
    await stage.until(async () => {
      [row] = await stage.rows([job]);
      const holder = row && stage.workers[stage.holderOf(row)];
      return row !== undefined && (row.ended !== null || (holder?.isUp && !holder.isHeld));
    });
    if (row.ended !== null) break;
    await pause(INTO_CALL_MS);
    deaths.push(stage.strike('worker-kill', { target: stage.holderOf(row), lastsMs: 300 }));
  }
  await Promise.all(deaths);
}

export const WORKER_SCENARIOS = {
  'worker-killed': { what: 'a worker dies with calls in flight', play: workerKilled },
  'deadline-passes': { what: 'a deadline passes while no worker lives', play: deadlineWhileNobodyWorks },
  'worker-frozen': { what: 'a worker thaws while its jobs run elsewhere', play: workerFrozen },
  poison: { what: 'a job kills each of its workers', play: poison },
};
