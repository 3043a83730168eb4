import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { gatherOwn } from '../evidence.mjs';
import { FaultLog } from '../fault-log.mjs';
import { verdictsOf } from '../report.mjs';
import { PLAYS } from './plays.mjs';
import { Scene } from './scene.mjs';
import { VISITS } from './table.mjs';

const ENDED_MS = 60_000;
/** The living have taken theirs away by then. */
const OF_THE_DEAD_MS = 2_500;
const LOOK_MS = 50;
const EXAMPLES = 2;

/** Some work after the crash: the system goes on, with a retry, a hand-over and a cancel. */
const AFTERWARDS = [{ ms: 50 }, { ms: 50, snag: 'empty' }, { ms: 50, snag: 'cut' }, { ms: 120 }];

/** Visits every crash point in each of its modes, one after the other. @returns whether all were reached and all held */
export async function visitAll({ site, options, say }) {
  const visits = VISITS.filter(({ name }) => options.only.some((text) => name.includes(text)));
  const width = Math.max(0, ...visits.map(({ name }) => name.length));
  const counts = { visited: 0, hold: 0 };
  for (const [number, visit] of visits.entries()) {
    const startedMs = performance.now();
    const { isReached, bad } = await visitOne({ site, options, say, visit, number });
    counts.visited += isReached ? 1 : 0;
    counts.hold += isReached && bad.length === 0 ? 1 : 0;
    const word = !isReached ? 'MISSED' : bad.length === 0 ? 'holds ' : 'BROKEN';
    say(`${word}  ${visit.name.padEnd(width)}  ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
    for (const line of bad) say(`        ${line}`);
  }
  const points = new Set(visits.map(({ point }) => point)).size;
  say(
    `\n${visits.length} points × modes: ${counts.visited} visited, ${counts.hold} hold (${points} points, seed ${options.seed})`,
  );
  return visits.length > 0 && counts.hold === visits.length;
}

async function visitOne({ site, options, say, visit, number }) {
  site.log = new FaultLog();
  const startedAt = Date.now();
  const scene = new Scene({ site, options, say, visit, number });
  const reader = scene.client.readOn();
  const fault = await playAndHeal(scene).catch((error) => error);
  if (fault) await scene.giveUp();
  for (const words of AFTERWARDS) scene.send(words);
  scene.sendCancelled();
  await endOf(scene);
  scene.client.end();
  await reader;
  const bad = fault ? [fault.message] : await judge(scene, startedAt);
  await leaveClean(site);
  return { isReached: scene.isReached, bad };
}

async function playAndHeal(scene) {
  const { play, isLate = false, isShared = false } = PLAYS[scene.visit.play];
  if (!isShared) await scene.alone();
  if (!isLate) await scene.arm();
  // It may hang on what crashes, until that is healed.
  scene.played = play(scene);
  const failed = new Promise((_, reject) => scene.played.catch(reject));
  await Promise.race([scene.untilReached(), failed]);
  await scene.heal();
}

/** Everything that was sent is answered, and everything that was taken has ended; or there is no use in waiting longer. */
async function endOf(scene) {
  const givesUpAt = performance.now() + ENDED_MS;
  const left = async () => {
    const [{ n }] = await scene.site.sql('SELECT count(*)::int AS n FROM jobs WHERE completed_at IS NULL');
    return n + scene.client.pending;
  };
  while ((await left()) > 0 && performance.now() < givesUpAt) await pause(LOOK_MS);
  await Promise.race([scene.played, pause(1_000)]).catch(() => undefined);
}

async function judge(scene, startedAt) {
  const { site, options, jobs, client, visit } = scene;
  const entries = site.log.entries;
  const lastFaultAt = Math.max(startedAt, ...entries.map(({ endedAt }) => endedAt ?? startedAt));
  const ran = { jobs, client, startedAt, lastFaultAt, open: 0, endedAt: Date.now() };
  const words = { ...options, jobs: jobs.length, scenario: visit.name };
  const evidence = await gatherOwn({ site, options: words, ran });
  return verdictsOf(evidence)
    .filter(({ isTime, bad }) => !isTime && bad.length > 0)
    .flatMap(({ name, bad }) => bad.slice(0, EXAMPLES).map((line) => `${name}: ${line}`));
}

/** Nothing of one visit may be felt in the next. */
async function leaveClean(site) {
  await Promise.all(site.members.map((member) => member.ready()));
  await site.sql('DELETE FROM cooldowns');
  // A living process takes its own away a second after the last answer; killed before that it would be one of the dead.
  while (dropSpoolOfTheDead(site) > 0) await pause(LOOK_MS);
  await fetch(`${site.upstream.url}/calls`, { method: 'DELETE' });
}

/** What they left was settled long ago, but would be read once more by whoever starts next. @returns how many are left */
function dropSpoolOfTheDead({ directory }) {
  const folder = path.join(directory, 'data', 'spool');
  if (!existsSync(folder)) return 0;
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.log'))
    .map((name) => path.join(folder, name));
  const isOld = (file) =>
    Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0) > OF_THE_DEAD_MS;
  const old = files.filter(isOld);
  for (const file of old) rmSync(file, { force: true });
  return files.length - old.length;
}
