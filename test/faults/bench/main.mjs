/**
 * `npm run test:faults`: real processes, PostgreSQL and Redis under a seeded schedule of faults; the log of the scripted
 * upstream is the judge. docs/guarantees.md says what it proves. The exit code speaks of every invariant.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { buildOrExit } from '../../../scripts/launch/build-first.mjs';
import { runWith, say, untilStopped } from '../../../scripts/launch/run.mjs';
import { findRedisServer } from '../../../scripts/stores/redis.mjs';
import { Refusal } from '../../../scripts/system/files.mjs';
import { ROOT } from '../../../scripts/system/paths.mjs';
import { gather } from './evidence.mjs';
import { machineSince, processorTicks } from './machine.mjs';
import { readOptions, USAGE } from './options.mjs';
import { visitAll } from './points/run.mjs';
import { print, verdictsOf, writeJson } from './report.mjs';
import { run } from './run.mjs';
import { runScenario } from './scenario.mjs';
import { scheduleOf } from './schedule.mjs';
import { Site } from './site.mjs';

endWithTheSabotage();
if (process.argv[2] === '--sabotage') {
  // It brings a compiler along, which every other run would wait for.
  const { proveBench } = await import('../sabotage/run.mjs');
  await proveBench(process.argv.slice(3));
}
const options = optionsOrExit();
const redisProgram = redisOrExit();
await buildOrExit();
if (!options.asBuilt) buildOther(options.root);
await runWith(new Site({ options, redisProgram }), async (site, signal) => {
  const judged = judge(site);
  judged.catch(() => undefined);
  await Promise.race([judged, untilStopped(signal)]);
});

/** However the one that started this run ends: a kill -9 closes the channel too, and what the run has started must not stay. */
function endWithTheSabotage() {
  if (!process.connected) return;
  process.channel.unref();
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
}

function optionsOrExit() {
  try {
    const read = readOptions(process.argv.slice(2));
    if (read !== null) {
      scheduleOf(read).next();
      return read;
    }
    say(USAGE);
    process.exit(0);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(2);
  }
}

function redisOrExit() {
  const { program, reason } = findRedisServer(process.env);
  if (program) return program;
  process.stderr.write(
    `The fault bench needs a Redis of its own to kill: ${reason}. Install redis-server.\n`,
  );
  process.exit(2);
}

/** The judge is always of this checkout; what is judged may be another. */
function buildOther(root) {
  if (root === ROOT) return;
  const built = spawnSync(process.execPath, [path.join(root, 'scripts/build.mjs')], {
    cwd: root,
    stdio: 'inherit',
  });
  if (built.status !== 0) process.exit(1);
}

async function judge(site) {
  if (options.points) {
    if (!(await visitAll({ site, options, say }))) process.exitCode = 1;
    if (options.keep) say(`Logs: ${site.logDir}`);
    return;
  }
  const { seed, jobs, profile, processes, seconds, leaseMs, keep } = options;
  const { scenario } = options;
  if (scenario !== null) say(`seed ${seed}: scenario ${scenario}, ${processes} workers`);
  else
    say(
      `seed ${seed}: ${jobs} jobs, profile ${profile}, 2 APIs, ${processes} workers, LEASE_SECS ${leaseMs / 1000}, faults for ${seconds} s`,
    );
  const before = processorTicks();
  const ran = await (scenario === null ? run : runScenario)({ site, options, say });
  const machine = machineSince(before);
  const evidence = await gather({ site, options: { ...options, jobs: ran.jobsWanted ?? options.jobs }, ran });
  const verdicts = verdictsOf(evidence);
  if (options.json) writeJson(options.json, { verdicts, evidence, machine });
  if (!print({ verdicts, evidence, machine, say })) process.exitCode = 1;
  if (keep) say(`Logs: ${site.logDir}`);
}
