import { setTimeout as pause } from 'node:timers/promises';

/**
 * PostgreSQL is away for longer than a lease, and for one worker a little longer. All live, and nothing may be called twice.
 * Redis forgets the tickets meanwhile: while they lie there in the hands of who runs the jobs, no other gets one, and only
 * the grace rule is to keep them apart here.
 */
async function postgresLaterForOne(stage) {
  const { leaseMs } = stage.options;
  await stage.submit(24, { ms: 12_000 });
  await stage.untilCalled(24);
  const away = stage.strike('postgres-later-for-one', { lastsMs: 1.4 * leaseMs, laterMs: leaseMs / 6 });
  await stage.until(() => stage.isAway('postgres'));
  await stage.flushRedis();
  await away;
}

/** Answers come while PostgreSQL is away, and their worker dies before it returns: they lie in the spool alone. */
async function answersInTheSpool(stage) {
  await stage.submit(24, { ms: 2_000 });
  await stage.untilCalled(24);
  const away = stage.strike('postgres-kill', { lastsMs: 7_000 });
  await pause(6_500);
  // It comes back after the others have taken its jobs over.
  await Promise.all([away, stage.strike('worker-kill', { lastsMs: 12_000 })]);
}

/** What has ended is committed, and its worker is not told. */
async function settleLost(stage) {
  const jobs = stage.submit(90, { ms: 500 });
  for (const target of [0, 1, 2, 3, 0, 1]) await stage.strike('postgres-settle-lost', { target });
  await jobs;
}

/** Redis forgets the tickets of jobs that wait. */
async function redisFlushed(stage) {
  await stage.submit(100, { ms: 1_000 });
  await stage.untilCalled(30);
  await stage.flushRedis();
}

export const STORE_SCENARIOS = {
  'postgres-later-for-one': {
    what: 'PostgreSQL away for longer than a lease, and back later for one worker; FLUSHALL meanwhile',
    play: postgresLaterForOne,
  },
  'answers-in-the-spool': {
    what: 'a worker dies whose answers PostgreSQL could not take',
    play: answersInTheSpool,
  },
  'settle-lost': { what: 'the commit of an ending is not confirmed', play: settleLost },
  'redis-flushed': { what: 'FLUSHALL while jobs wait', play: redisFlushed },
};
