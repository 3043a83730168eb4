import { setTimeout as pause } from 'node:timers/promises';
import { HELD, TOTAL_CAP } from '../work.mjs';

const HAS_ENDED = ({ ended }) => ended !== null;
/** A machine that has other work needs no longer for the flush; whoever dies later has no excuse. */
const SPOOLED_MS = 500;

/**
 * PostgreSQL is away for longer than a lease, and for one worker a little longer. All live, and nothing may be called twice.
 * Redis forgets the tickets meanwhile: while they lie there in the hands of who runs the jobs, no other gets one, and only
 * the grace rule is to keep them apart here.
 */
async function postgresLaterForOne(stage) {
  const { leaseMs } = stage.options;
  const jobs = await stage.submit(24, { ms: HELD });
  await stage.untilCalled(24);
  const { target } = await stage.busiest(jobs);
  const away = stage.strike('postgres-later-for-one', {
    ...{ target, lastsMs: 1.4 * leaseMs, laterMs: leaseMs / 3 },
  });
  await stage.until(() => stage.isAway('postgres'));
  await stage.flushRedis();
  await away;
  // Time for whoever would judge the leases now.
  await pause(leaseMs);
  await stage.release();
}

/** Answers come while PostgreSQL is away, and their worker dies before it returns: they lie in the spool alone. */
async function answersInTheSpool(stage) {
  const jobs = await stage.submit(24, { ms: HELD });
  await stage.untilCalled(24);
  const { target, own } = await stage.busiest(jobs);
  let death;
  const answeredInVain = async () => {
    await stage.release();
    await stage.untilAnswered();
    await pause(stage.options.leaseMs + SPOOLED_MS);
    // It comes back after the others have taken its jobs over.
    death = stage.strike('worker-kill', { target, until: () => stage.untilRows(own, HAS_ENDED) });
    await stage.until(() => !stage.workers[target].isUp);
  };
  await stage.strike('postgres-kill', { until: answeredInVain });
  await death;
}

/** What has ended is committed, and its worker is not told. */
async function settleLost(stage) {
  await stage.submit(24, { ms: HELD });
  await stage.untilCalled(24);
  const lost = stage.workers.map((_, target) => stage.strike('postgres-settle-lost', { target }));
  await stage.release();
  await Promise.all(lost);
}

/** Redis forgets the tickets of jobs that wait. */
async function redisFlushed(stage) {
  await stage.submit(100, { ms: HELD });
  await stage.untilCalled(TOTAL_CAP);
  await stage.flushRedis();
  await stage.release();
}

const AWAY_SECONDS = [1, 3, 10, 30, 60];
/** Longer than a return of Redis is judged for, so that no outage is taken for a part of the one before. */
const APART_MS = 7_000;

/** Callers hand jobs in all the while. */
async function redisAway(stage) {
  for (const seconds of AWAY_SECONDS) {
    const away = stage.strike('redis-kill', { lastsMs: 1000 * seconds });
    await stage.until(() => stage.isAway('redis'));
    while (stage.isAway('redis')) {
      await stage.submit(5, { ms: 250 });
      await pause(500);
    }
    await away;
    await stage.untilRows(stage.jobs, HAS_ENDED);
    await pause(APART_MS);
  }
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
  'redis-away': {
    what: 'Redis away for 1, 3, 10, 30 and 60 s while jobs come in',
    judges: ['dispatch-resume'],
    play: redisAway,
  },
  'redis-flushed': { what: 'FLUSHALL while jobs wait', play: redisFlushed },
};
