import { setTimeout as pause } from 'node:timers/promises';
import { HELD } from '../work.mjs';

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

/**
 * As a dump does, somebody reads from one snapshot: what was written over since cannot be cleared away, so that every
 * renewal needs new room, and is refused. Calls are in flight all the time; when there is room again their leases have
 * run out, and whoever has none to renew was never refused.
 */
async function postgresFullWhileRead(stage) {
  const { leaseMs } = stage.options;
  const reader = await stage.site.pool.connect();
  try {
    await stage.submit(24, { ms: HELD });
    await stage.untilCalled(24);
    await reader.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1');
    await stage.strike('postgres-full', { lastsMs: 3 * leaseMs });
    // Time for whoever would judge the leases now.
    await pause(leaseMs);
    await stage.strike('postgres-full', { lastsMs: 3 * leaseMs });
    await pause(leaseMs);
  } finally {
    reader.release(true);
  }
  await stage.release();
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
  'postgres-full-while-read': {
    what: 'the disk of PostgreSQL is full, and an old snapshot keeps what renewals leave (needs root on Linux)',
    diskMb: DISK_MB,
    play: postgresFullWhileRead,
  },
  'postgres-wal-full': {
    what: 'PostgreSQL panics for want of write-ahead log (needs root on Linux)',
    diskMb: DISK_MB,
    play: postgresWalFull,
  },
};
