import { setTimeout as pause } from 'node:timers/promises';

const DISK_MB = 256;
const GAP_MS = 40;
/** Rows of this size find no room in pages that are there already. */
const MOST_JOBS = 1_500;

/** Jobs come in all the time; what was called before the disk is full is answered while it is. */
async function whileJobsCome(stage, work) {
  let isOver = false;
  const done = work().finally(() => (isOver = true));
  while (!isOver && stage.jobs.length < MOST_JOBS) {
    stage.client.send(stage.newJob({ ms: 250 }));
    await pause(GAP_MS);
  }
  await done;
}

/** Full for longer than leases last, with room again for less than a renewal in between. */
async function postgresFull(stage) {
  const { leaseMs } = stage.options;
  await stage.submit(24, { ms: 12_000 });
  await stage.submit(12, { ms: 2_000 });
  await stage.untilCalled(30);
  await whileJobsCome(stage, async () => {
    await stage.strike('postgres-full', { lastsMs: 2.5 * leaseMs });
    await pause(leaseMs);
    await stage.strike('postgres-full', { lastsMs: leaseMs });
  });
}

/** Its write-ahead log cannot grow: it panics, and cannot recover before there is room. */
async function postgresWalFull(stage) {
  const { leaseMs } = stage.options;
  await stage.submit(24, { ms: 4_000 });
  await stage.untilCalled(24);
  await whileJobsCome(stage, () => stage.strike('postgres-wal-full', { lastsMs: 2.5 * leaseMs }));
}

/** `diskMb`: PostgreSQL stands on a small disk in memory, which needs root on Linux. */
export const DISK_SCENARIOS = {
  'postgres-full': {
    what: 'the disk of PostgreSQL is full (needs root on Linux)',
    diskMb: DISK_MB,
    play: postgresFull,
  },
  'postgres-wal-full': {
    what: 'PostgreSQL panics for want of write-ahead log (needs root on Linux)',
    diskMb: DISK_MB,
    play: postgresWalFull,
  },
};
