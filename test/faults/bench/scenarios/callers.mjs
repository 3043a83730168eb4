import { setTimeout as pause } from 'node:timers/promises';
import { ringStray } from '../stray-tickets.mjs';

const HAS_ENDED = ({ ended }) => ended !== null;

/** More work than the caps allow, in every lane at once; some of it fails at its first target. */
async function fullLanes(stage) {
  await Promise.all([
    stage.submit(120, { ms: 4_000 }),
    stage.submit(12, { ms: 250, snag: 'cut' }),
    stage.submit(6, { ms: 250, snag: 'broken' }),
  ]);
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
  void deaths.finally(() => (isOver = true));
  while (!isOver && stage.jobs.length < 600) {
    stage.client.send(stage.newJob({ ms: 50 }));
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

/** Cancels of what has ended, and of what ends while its worker stands still for less than a lease. */
async function cancelRaces(stage) {
  const ended = await stage.submit(6, { ms: 50 });
  await stage.untilRows(ended, HAS_ENDED);
  await stage.cancel(ended);
  const jobs = await stage.submit(30, { ms: 1_000 });
  await stage.untilCalled(30);
  const freezes = stage.workers.map((_, target) =>
    stage.strike('worker-freeze-short', { target, lastsMs: 1_500 }),
  );
  await pause(1_100);
  await stage.cancel(jobs);
  await Promise.all(freezes);
}

const ticketsOf = (rows) => rows.map(({ id, ring, provider }) => ({ jobId: id, ring, lane: provider }));

/**
 * Cancels are acknowledged whose workers have just died; doubled tickets come until the leases have run out. Reconcilers
 * are slow here, so that the tickets are first.
 */
async function cancelledOfTheDead(stage) {
  const jobs = await stage.submit(24, { ms: 8_000 });
  await stage.untilCalled(24);
  const rows = await stage.rows(jobs);
  const dead = jobs.filter(({ index }) =>
    rows.some((row) => row.id === stage.idOf({ index }) && stage.holderOf(row) < 2),
  );
  const deaths = [0, 1].map((target) => stage.strike('worker-kill', { target, lastsMs: 8_000 }));
  await stage.until(() => stage.workers.slice(0, 2).every(({ isUp }) => !isUp));
  await stage.cancel(dead);
  for (let turn = 0; turn < 25; turn += 1) {
    await pause(200);
    await ringStray(stage.site.stores.redis.url, ticketsOf(await stage.rows(dead)));
  }
  await Promise.all(deaths);
}

/** A worker that serves one lane alone gets old tickets of jobs that have gone to another; then tickets come twice. */
async function strayTickets(stage) {
  const { url } = stage.site.stores.redis;
  const others = stage.workers.map((_, target) => target).filter((target) => target > 0);
  const freezes = others.map((target) => stage.strike('worker-freeze', { target, lastsMs: 7_000 }));
  const moved = await stage.submit(10, { ms: 250, at: 'moonshot', snag: 'cut' });
  await stage.untilRows(moved, ({ provider, owner }) => provider !== 'moonshot' && owner === null);
  const stale = (await stage.rows(moved)).map(({ id }) => ({ jobId: id, ring: 1, lane: 'moonshot' }));
  await ringStray(url, stale);
  await Promise.all(freezes);
  const running = await stage.submit(12, { ms: 4_000 });
  await stage.untilCalled(12);
  await ringStray(url, ticketsOf(await stage.rows(running)));
}

export const CALLER_SCENARIOS = {
  'full-lanes': { what: 'more work than the caps allow', play: fullLanes },
  'apis-killed': { what: 'the APIs die while jobs come in', play: apisKilled },
  'equal-keys': { what: 'sixty requests under one key at the same instant', play: equalKeys },
  'cancel-races': { what: 'cancels of what ends, or has ended', play: cancelRaces },
  'cancelled-of-the-dead': {
    what: 'cancels whose workers have just died, and doubled tickets',
    env: { RECONCILE_SECS: '8' },
    play: cancelledOfTheDead,
  },
  'stray-tickets': {
    what: 'tickets of older bells, and tickets that come twice',
    lanes: { 'worker-1': ['moonshot'] },
    play: strayTickets,
  },
};
