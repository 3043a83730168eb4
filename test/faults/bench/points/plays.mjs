import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { CAP, TARGETS, TOTAL_CAP } from '../work.mjs';

const HAS_ENDED = ({ ended }) => ended !== null;
const LONG_MS = 2_000;
const SHORT_MS = 250;
/** Still in flight when a process has died and started again. */
const SLOW_MS = 4_000;
const ROUNDS_EVERY_MS = 400;
const MOST_ROUNDS = 12;

/** Long enough to be in flight when the short one comes to its point. */
const inFlight = (scene) => scene.submit(3, { ms: LONG_MS });

/** Alone with three long ones, so that the first whole answer is the one that comes to the point. */
const oneAnswer = (at) => async (scene) => {
  await inFlight(scene);
  await scene.submit(1, { ms: SHORT_MS, at });
};

/** Who feeds a lane is who comes first: mostly the API that has accepted. */
async function accept(scene, at = null) {
  for (let round = 0; round < MOST_ROUNDS && !scene.isReached; round += 1) {
    scene.send({ ms: SHORT_MS, at });
    await pause(ROUNDS_EVERY_MS);
  }
}

async function withoutKey(scene) {
  scene.send({ ms: SHORT_MS, isKeyless: true });
  scene.send({ ms: SHORT_MS, isKeyless: true });
}

const bulk = (scene) => scene.sendTogether(4, { ms: SHORT_MS });

async function cancel(scene) {
  const jobs = await scene.submit(1, { ms: LONG_MS });
  await scene.untilCalled(1);
  await scene.cancel(jobs);
}

/** Redis takes no ticket, and does not say so: the ring runs out of time, and its marks are taken back. */
async function redisFrozen(scene) {
  const redis = scene.site.stores.redis;
  const entry = scene.begin({ kind: 'redis-freeze', hits: 'redis', name: 'redis', isDown: true });
  redis.freeze();
  entry.downAt = Date.now();
  scene.atReach(() => {
    entry.upAt = Date.now();
    redis.thaw();
    scene.site.log.end(entry);
  });
  await accept(scene);
}

/** Tickets lie in Redis, and no worker is there. */
async function unclaimed(scene) {
  await scene.killWorkers();
  await scene.submit(2, { ms: SHORT_MS });
  await pause(1.1 * scene.options.leaseMs);
  await scene.arm();
}

async function workersDead(scene) {
  await inFlight(scene);
  await scene.untilCalled(1);
  await scene.killWorkers();
  await scene.arm();
}

async function overdue(scene) {
  await scene.killWorkers();
  await scene.submit(2, { ms: SHORT_MS, deadlineSeconds: 2 });
  await scene.arm();
}

/** The first job loses glm its key for an hour; those after it go elsewhere. */
async function barred(scene) {
  const [first] = await scene.submit(1, { ms: SHORT_MS, at: 'glm', snag: 'locked' });
  await scene.untilRows([first], HAS_ENDED);
  await accept(scene, 'glm');
}

/** PostgreSQL is away for the worker alone, which gets its answer, spools it, and dies. */
async function leftInTheSpool(scene) {
  await scene.alone();
  await scene.submit(1, { ms: LONG_MS });
  await scene.untilCalled(1);
  await scene.shutOff(scene.worker);
  await scene.until(() => linesInSpool(scene) > 0);
  await scene.killWorkers({ isPastSpool: true });
  await scene.worker.doors.postgres.accept();
  await scene.arm();
}

function linesInSpool({ site, jobs }) {
  const folder = path.join(site.directory, 'data', 'spool');
  if (!existsSync(folder)) return 0;
  const ids = jobs.map((job) => job.id);
  return readdirSync(folder)
    .filter((name) => name.endsWith('.log'))
    .flatMap((name) => readFileSync(path.join(folder, name), 'utf8').split('\n').slice(0, -1))
    .filter((line) => ids.some((id) => line.startsWith(`${id} `))).length;
}

async function cutOff(scene) {
  await scene.submit(1, { ms: LONG_MS, at: 'moonshot' });
  await scene.untilCalled(1);
  const shut = scene.shutOff(scene.worker);
  // Before it is done: the point may be reached at once.
  scene.atReach(async () => {
    await scene.worker.doors.postgres.accept();
    scene.site.log.end(await shut);
  });
  await shut;
}

async function retry(scene) {
  await inFlight(scene);
  await scene.submit(1, { ms: SHORT_MS, at: 'moonshot', snag: 'empty' });
}

async function handOver(scene) {
  await inFlight(scene);
  await scene.submit(1, { ms: SHORT_MS, at: 'moonshot', snag: 'cut' });
}

/** The answer says a limit that is lower than the lane's; what was said by an earlier one is forgotten. */
async function limitsTold(scene) {
  await scene.site.sql('UPDATE lanes SET limits_seen_at = NULL');
  await oneAnswer('openai')(scene);
}

/** A target that has failed has cooled down: the next call there is its probe. */
async function probed(scene) {
  while (!scene.isReached) {
    const failed = await scene.submit(1, { ms: SHORT_MS, at: 'moonshot', snag: 'broken' });
    await scene.untilRows(failed, HAS_ENDED);
    await scene.site.sql('UPDATE cooldowns SET until = clock_timestamp() WHERE until > clock_timestamp()');
    const probes = await scene.submit(1, { ms: LONG_MS, at: 'moonshot' });
    await scene.untilRows(probes, HAS_ENDED);
  }
}

async function deleted(scene) {
  const jobs = await scene.submit(1, { ms: SHORT_MS });
  await scene.untilRows(jobs, HAS_ENDED);
  await scene.remove(jobs);
}

/** The other worker has as many calls as there may be of all lanes: what is reserved for another is not claimed. */
async function allFull(scene) {
  await scene.dies(async () => {
    await scene.worker.kill();
    await scene.submit(TARGETS.length * CAP, { ms: SLOW_MS });
    await scene.untilCalled(TOTAL_CAP);
    await scene.submit(TARGETS.length * CAP, { ms: SLOW_MS });
    await scene.arm();
  });
}

/** Two have lost two workers each: who comes next may run one of them alone. */
async function lastChances(scene) {
  const jobs = await scene.submit(2, { ms: SLOW_MS, at: 'moonshot' });
  await scene.untilCalled(2, jobs);
  await scene.dies(async () => {
    await scene.worker.kill();
    scene.worker.start();
    await scene.worker.ready();
  });
  await scene.untilCalled(2, jobs);
  await scene.dies(() => scene.arm());
}

/** It was rung by whoever could read it, and then only a worker is there that cannot. One that can comes after that. */
async function newer(scene) {
  await scene.killWorkers();
  const jobs = await scene.submit(1, { ms: SHORT_MS, at: 'moonshot' });
  await scene.until(async () => (await scene.site.waitingWithTicket()).includes(scene.idOf(jobs[0])));
  const [{ was }] = await scene.change(jobs, 'payload_version = 1000', 'payload_version AS was');
  scene.atReach(() => scene.change(jobs, `payload_version = ${was}`));
  await scene.arm();
}

/** Jobs whose time to live is over, beside one that is to be kept. Another process may purge them first, so that there are more until it is reached. */
async function outlived(scene) {
  const outlive = async () => {
    const jobs = await scene.submit(2, { ms: SHORT_MS, ttlSeconds: 60 });
    const kept = await scene.submit(1, { ms: SHORT_MS });
    await scene.untilRows([...jobs, ...kept], HAS_ENDED);
    await scene.change(jobs, 'purge_at = clock_timestamp()');
  };
  await outlive();
  await scene.dies(() => scene.arm());
  while (!scene.isReached) await outlive();
}

/** No time to drain in: what runs is given back. */
async function drain(scene) {
  await inFlight(scene);
  await scene.untilCalled(1);
  const { worker } = scene;
  const { pid, name } = worker;
  const life = worker.lives.at(-1);
  const entry = scene.begin({ kind: 'worker-drain', hits: 'worker', name, pid, isDown: true, excuses: true });
  worker.terminate();
  scene.atReach(async () => {
    await scene.until(() => life.endedAt !== null);
    scene.site.log.end(entry);
  });
}

/**
 * What brings a process to a point: `{ play, isLate, isShared }`. `isLate`: the play arms it itself, when there is something
 * to find. `isShared`: both workers serve the lanes; else the armed one alone does, until it is there.
 */
export const PLAYS = {
  accept: { play: (scene) => accept(scene), isShared: true },
  'without-key': { play: withoutKey, isShared: true },
  bulk: { play: bulk, isShared: true },
  cancel: { play: cancel, isShared: true },
  'redis-frozen': { play: redisFrozen, isShared: true },
  unclaimed: { play: unclaimed, isShared: true, isLate: true },
  'workers-dead': { play: workersDead, isShared: true, isLate: true },
  overdue: { play: overdue, isShared: true, isLate: true },
  barred: { play: barred, isShared: true },
  'left-in-the-spool': { play: leftInTheSpool, isShared: true, isLate: true },
  answers: { play: oneAnswer('moonshot') },
  reserved: { play: oneAnswer('openai') },
  'limits-told': { play: limitsTold },
  probed: { play: probed },
  'cut-off': { play: cutOff },
  retry: { play: retry },
  'hand-over': { play: handOver },
  drain: { play: drain },
  delete: { play: deleted, isShared: true },
  'all-full': { play: allFull, isShared: true, isLate: true },
  'last-chances': { play: lastChances, isLate: true },
  newer: { play: newer, isShared: true, isLate: true },
  outlived: { play: outlived, isShared: true, isLate: true },
};
