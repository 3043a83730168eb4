import { setTimeout as pause } from 'node:timers/promises';
import { SCENARIOS } from './scenarios/index.mjs';
import { Stage } from './stage.mjs';

const ENDED_MS = 40_000;
const LOOK_MS = 200;

/** Plays one directed scenario, and waits for the last job. What it answers is judged as any other run is. */
export async function runScenario({ site, options, say }) {
  const stage = new Stage({ site, options, say });
  const startedAt = Date.now();
  await SCENARIOS[options.scenario].play(stage);
  const lastFaultAt = Math.max(startedAt, ...site.log.entries.map(({ endedAt }) => endedAt ?? startedAt));
  await stage.client.allAnswered();
  const open = await untilAllEnded(site);
  stage.client.end();
  const { jobs, client } = stage;
  return { jobs, client, jobsWanted: jobs.length, startedAt, lastFaultAt, open, endedAt: Date.now() };
}

async function untilAllEnded(site) {
  const givesUpAt = Date.now() + ENDED_MS;
  for (;;) {
    const [{ n }] = await site.sql('SELECT count(*)::int AS n FROM jobs WHERE completed_at IS NULL');
    if (n === 0 || Date.now() > givesUpAt) return n;
    await pause(LOOK_MS);
  }
}
