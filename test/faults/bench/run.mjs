import { setTimeout as pause } from 'node:timers/promises';
import { Client } from './client.mjs';
import { PoisonWatch } from './poison-watch.mjs';
import { PROFILES } from './profiles.mjs';
import { scheduleOf } from './schedule.mjs';
import { stallInTurn } from './stall.mjs';
import { jobsOf } from './work.mjs';

/** More than this many open jobs are not piled up. */
const MOST_OPEN = 400;
const READERS = 2;
const MOST_AT_ONCE = 3;
/** Times the time that was meant. */
const SLOWEST = 4;
const ENDED_MS = 180_000;
const TOLD_MS = 5_000;
const LOOK_MS = 200;

/** Submits all jobs under the faults of the schedule, ends the faults, and waits for the last job. */
export async function run({ site, options, say }) {
  const profile = PROFILES[options.profile];
  const client = new Client({ site, seed: options.seed });
  const jobs = jobsOf({ ...options, ...profile });
  const poison = new PoisonWatch(
    site,
    jobs.filter(({ isPoison }) => isPoison),
  );
  const startedAt = Date.now();
  const stage = { site, options, say, client, isOver: false };
  const readers = Array.from({ length: READERS }, () => client.readOn());
  const stalls = profile.stallMs ? stallInTurn(stage, profile.stallMs) : null;
  const faults = strikeAll(stage);
  const sent = await submitAll(stage, jobs);
  await until(() => Date.now() - startedAt >= options.seconds * 1000);
  stage.isOver = true;
  await faults;
  await poison.end();
  await site.upstream.release();
  await stalls;
  const lastFaultAt = Math.max(startedAt, ...site.log.entries.map(doneAt));
  say(
    `The last fault is over; ${site.log.entries.length} in ${seconds(lastFaultAt - startedAt)}. Waiting for the last job ...`,
  );
  await client.allAnswered();
  const open = await untilAllEnded(site, say);
  client.end();
  await Promise.all(readers);
  return { jobs: sent, client, startedAt, lastFaultAt, open, endedAt: Date.now() };
}

/** When nothing more was done to it; a process that was killed may still be booting. */
const doneAt = ({ startedAt, upAt, endedAt }) => upAt ?? endedAt ?? startedAt;

const seconds = (ms) => `${Math.round(ms / 1000)} s`;

/**
 * Evenly over the time of the faults, but never more than the window open at once. @returns those that were sent: a machine
 * that is far too slow does not get them all.
 */
async function submitAll({ site, options, client, say }, jobs) {
  const gapMs = (options.seconds * 1000) / jobs.length;
  const startedMs = performance.now();
  let open = 0;
  let lateMs = 0;
  const givesUpMs = startedMs + options.seconds * 1000 * SLOWEST;
  for (const job of jobs) {
    if (performance.now() > givesUpMs) return jobs.slice(0, job.index);
    if (job.index % 25 === 0) open = await openJobs(site, client, open);
    while (open > MOST_OPEN) {
      const sinceMs = performance.now();
      await pause(LOOK_MS);
      open = await openJobs(site, client, open);
      lateMs += performance.now() - sinceMs;
    }
    const dueMs = startedMs + lateMs + job.index * gapMs;
    if (dueMs > performance.now()) await pause(dueMs - performance.now());
    client.send(job);
    if (job.index > 0 && job.index % 1_000 === 0)
      say(`${job.index} jobs are submitted, ${open} of them open.`);
  }
  return jobs;
}

async function openJobs(site, client, last) {
  const rows = await site
    .sql('SELECT count(*)::int AS n FROM jobs WHERE completed_at IS NULL')
    .catch(() => null);
  return (rows?.[0].n ?? last) + client.pending;
}

async function until(isTime) {
  while (!isTime()) await pause(LOOK_MS);
}

/** Each fault runs beside the next ones, but never more than a few: somebody has to be left. */
async function strikeAll(stage) {
  const { site, options, say } = stage;
  const underWay = new Set();
  for (const fault of scheduleOf(options)) {
    await waitFor(fault.gapMs, () => stage.isOver);
    while (underWay.size >= MOST_AT_ONCE) await Promise.race(underWay);
    if (stage.isOver) break;
    const work = fault.kind
      .strike(site, fault)
      .then((entry) => say(lineOf(fault, entry)))
      .catch((error) => say(`fault ${fault.number} ${fault.kind.name} went wrong: ${error.stack}`))
      .finally(() => underWay.delete(work));
    underWay.add(work);
  }
  await Promise.all(underWay);
}

function lineOf(fault, entry) {
  const what = `fault ${fault.number} ${fault.kind.name}`;
  if (entry === null) return `${what}: nobody was there to be hit`;
  const took = entry.endedAt - entry.startedAt;
  return `${what}: ${entry.name}, ${(took / 1000).toFixed(1)} s${entry.note ? `, ${entry.note}` : ''}`;
}

async function waitFor(ms, isOver) {
  const endsMs = performance.now() + ms;
  while (performance.now() < endsMs && !isOver()) await pause(Math.min(LOOK_MS, endsMs - performance.now()));
}

/** @returns how many are still open when there is no use in waiting longer */
async function untilAllEnded(site, say) {
  const givesUpAt = Date.now() + ENDED_MS;
  for (let toldAt = Date.now(); ;) {
    const [{ n }] = await site.sql('SELECT count(*)::int AS n FROM jobs WHERE completed_at IS NULL');
    if (n === 0 || Date.now() > givesUpAt) return n;
    if (Date.now() - toldAt > TOLD_MS) {
      toldAt = Date.now();
      say(`${n} jobs are open.`);
    }
    await pause(LOOK_MS);
  }
}
