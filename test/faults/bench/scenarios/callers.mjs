import { setTimeout as pause } from 'node:timers/promises';
import { ringStray, ticketsLeft } from '../tickets.mjs';
import { HELD, TOTAL_CAP } from '../work.mjs';

/** Each is sent again and again while nobody takes it: more of them would take the processor from whoever starts. */
const MOST_PENDING = 40;

/** For whoever would take one call more than the caps allow. */
const FULL_MS = 2_500;

const HAS_ENDED = ({ ended }) => ended !== null;

/** More work than the caps allow, in every lane at once; some of it fails at its first target. */
async function fullLanes(stage) {
  await Promise.all([
    stage.submit(120, { ms: HELD }),
    stage.submit(12, { ms: 250, snag: 'cut' }),
    stage.submit(6, { ms: 250, snag: 'broken' }),
  ]);
  await stage.untilCalled(TOTAL_CAP);
  await pause(FULL_MS);
  await stage.release();
}

/** Each API dies twice while jobs come in. */
async function apisKilled(stage) {
  const deaths = (async () => {
    for (const target of [0, 1, 0, 1]) {
      await pause(500);
      await stage.strike('api-kill', { target, lastsMs: 200 });
    }
  })();
  let isOver = false;
  const end = () => (isOver = true);
  deaths.then(end, end);
  while (!isOver && stage.jobs.length < 600) {
    if (stage.client.pending < MOST_PENDING) stage.client.send(stage.newJob({ ms: 50 }));
    await pause(25);
  }
  await deaths;
}

/** Many requests under one key at the same instant, at both APIs. */
async function equalKeys(stage) {
  for (let key = 0; key < 6; key += 1) {
    const job = stage.newJob({ ms: 250, isTwin: true });
    for (let repeat = 0; repeat < 30; repeat += 1) stage.client.send(job);
    await stage.client.allAnswered();
  }
}

/** Cancels of what has ended, and of what was answered while its worker stood still for less than a lease. */
async function cancelRaces(stage) {
  const ended = await stage.submit(6, { ms: 50 });
  await stage.untilRows(ended, HAS_ENDED);
  await stage.cancel(ended);
  const jobs = await stage.submit(30, { ms: HELD });
  await stage.untilCalled(30);
  let cancels;
  const cancelled = async () => {
    await stage.release();
    await stage.untilAnswered();
    await stage.cancel(jobs);
  };
  const freezes = stage.workers.map((_, target) =>
    stage.strike('worker-freeze-short', { target, until: () => (cancels ??= cancelled()) }),
  );
  await Promise.all(freezes);
}

const ticketsOf = (rows) => rows.map(({ id, ring, provider }) => ({ jobId: id, ring, lane: provider }));

/**
 * Cancels are acknowledged whose workers have just died; doubled tickets come until all have ended. Reconcilers are slow
 * here, so that the tickets come between the end of the leases and their round.
 */
async function cancelledOfTheDead(stage) {
  const { url } = stage.site.stores.redis;
  const jobs = await stage.submit(24, { ms: HELD });
  await stage.untilCalled(24);
  const rows = await stage.rows(jobs);
  const dead = jobs.filter((job) =>
    rows.some((row) => row.id === stage.idOf(job) && stage.holderOf(row) < 2),
  );
  let cancels;
  const cancelled = async () => {
    await stage.until(() => stage.workers.slice(0, 2).every(({ isUp }) => !isUp));
    await stage.cancel(dead);
    await stage.untilRows(dead, HAS_ENDED, async (open) => {
      await ringStray(url, ticketsOf(open));
      await pause(200);
    });
  };
  const deaths = [0, 1].map((target) =>
    stage.strike('worker-kill', { target, until: () => (cancels ??= cancelled()) }),
  );
  await Promise.all(deaths);
  await stage.release();
}

/** A worker that serves one lane alone gets old tickets of jobs that have gone to another; then tickets come twice. */
async function strayTickets(stage) {
  const { url } = stage.site.stores.redis;
  const others = stage.workers.map((_, target) => target).filter((target) => target > 0);
  let tickets;
  const stale = async () => {
    const moved = await stage.submit(10, { ms: 250, at: 'moonshot', snag: 'cut' });
    await stage.untilRows(moved, ({ provider, owner }) => provider !== 'moonshot' && owner === null);
    const rows = await stage.rows(moved);
    const strays = await ringStray(
      url,
      rows.map(({ id }) => ({ jobId: id, ring: 1, lane: 'moonshot' })),
    );
    await stage.until(async () => (await ticketsLeft(url, strays)) === 0);
  };
  await Promise.all(
    others.map((target) => stage.strike('worker-freeze', { target, until: () => (tickets ??= stale()) })),
  );
  const running = await stage.submit(12, { ms: HELD });
  await stage.untilCalled(12, running);
  const strays = await ringStray(url, ticketsOf(await stage.rows(running)));
  const isTaken = async () => (await ticketsLeft(url, strays)) === 0;
  const isDoubled = async () => (await stage.openCalls(running)).length > running.length;
  await stage.until(async () => (await isTaken()) || (await isDoubled()));
  await stage.release();
}

export const CALLER_SCENARIOS = {
  'full-lanes': { what: 'more work than the caps allow', play: fullLanes },
  'apis-killed': { what: 'the APIs die while jobs come in', play: apisKilled },
  'equal-keys': { what: 'sixty requests under one key at the same instant', play: equalKeys },
  'cancel-races': { what: 'cancels of what ends, or has ended', play: cancelRaces },
  'cancelled-of-the-dead': {
    what: 'cancels whose workers have just died, and doubled tickets',
    env: { RECONCILE_SECS: '15' },
    play: cancelledOfTheDead,
  },
  'stray-tickets': {
    what: 'tickets of older bells, and tickets that come twice',
    lanes: { 'worker-1': ['moonshot'] },
    play: strayTickets,
  },
};
