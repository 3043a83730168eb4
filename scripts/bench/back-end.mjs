import path from 'node:path';
import { mkdirSync, writeFileSync } from 'node:fs';
import { spreadsOf } from './figures.mjs';
import { checkHonesty } from './honesty.mjs';
import { measureIdle, measurePickUp } from './idle.mjs';
import { runRound } from './round.mjs';
import { Side } from './side.mjs';
import { cpuMsOf, familyCpuMsOf } from './usage.mjs';
import { targetsOf } from './targets.mjs';

const PROFILED = { shared_preload_libraries: 'pg_stat_statements', 'pg_stat_statements.track': 'all' };

/** A picked-up job with its pause, and what else the quiet part takes. */
const PICK_UP_MS = 60;
const BOOTS_MS = 15_000;

/** Everything that is measured on one back end, on stores of its own. After the first no round begins that would end after `endsAtMs`. */
export async function measureBackEnd(backEnd, { bed, options, endsAtMs, say }) {
  const opened = await bed.openStores(backEnd, options.profile ? PROFILED : {});
  const stores = { ...opened, cpuMs: () => cpuOfStores(opened) };
  const upstream = await bed.openUpstream(backEnd);
  const flagsOf = profilingFlags(options.profile);
  const sides = await Promise.all(
    ['floor', 'longhaul'].map((name) => new Side({ name, bed, stores, upstream, flagsOf }).open()),
  );
  const [floor, longhaul] = sides;
  if (options.profile) await longhaul.sql('CREATE EXTENSION pg_stat_statements');
  const rounds = await runRounds(sides, { backEnd, options, endsAtMs, say });
  const idle = await measureQuiet(sides, { options, say });
  const honesty = await checkHonesty({ floor, longhaul, upstream });
  if (options.profile) await writeStatements(longhaul, { backEnd, directory: options.profile });
  const figures = Object.fromEntries(
    sides.map(({ name }) => [name, { ...spreadsOf(rounds[name]), ...spreadsOf([idle[name]]) }]),
  );
  const versions = await versionsOf(longhaul);
  return { backEnd, versions, rounds, idle, figures, honesty, targets: targetsOf(backEnd, figures) };
}

/** Floor and Longhaul take turns, each beginning every other time, so that the machine's moods meet both. */
async function runRounds(sides, { backEnd, options, endsAtMs, say }) {
  const rounds = { floor: [], longhaul: [] };
  const quietMs = 2 * options.pickUps * PICK_UP_MS + options.idleMs + BOOTS_MS;
  let longestMs = 0;
  for (let number = 1; number <= options.rounds; number += 1) {
    const startedAt = performance.now();
    if (number > 1 && startedAt + longestMs + quietMs > endsAtMs) {
      say(`${backEnd}: only ${number - 1} of ${options.rounds} rounds fit into the time.`);
      break;
    }
    for (const side of number % 2 === 1 ? sides : [...sides].reverse()) {
      say(`${backEnd}: round ${number} of ${options.rounds}, ${side.name} ...`);
      rounds[side.name].push(await runRound(side, { ...options, jobs: options.jobs[backEnd] }));
    }
    longestMs = Math.max(longestMs, performance.now() - startedAt);
  }
  return rounds;
}

async function measureQuiet(sides, { options, say }) {
  const figures = {};
  for (const side of sides) {
    say(`${side.stores.backEnd}: one job at a time, ${side.name} ...`);
    await side.startApi();
    await side.startWorker();
    figures[side.name] = {
      ...(await measurePickUp(side, options.pickUps)),
      ...(await measureIdle(
        side,
        side.name === 'longhaul' ? options.idleMs : Math.min(3_000, options.idleMs),
      )),
    };
    await side.stop();
  }
  return figures;
}

const cpuOfStores = ({ pid, redisPid }) => ({
  postgres: familyCpuMsOf(pid),
  redis: redisPid === null ? null : cpuMsOf(redisPid),
});

const versionsOf = async (side) => {
  const [{ postgres }] = await side.sql(`SELECT split_part(version(), ' on ', 1) AS postgres`);
  const settings = await side.sql(
    `SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes')`,
  );
  return { postgres, settings: Object.fromEntries(settings.map(({ name, setting }) => [name, setting])) };
};

/** The profile of a process is written when it ends. */
function profilingFlags(directory) {
  if (directory === null) return () => [];
  const folder = path.resolve(directory);
  return ({ name, isFloor }) =>
    isFloor ? [] : ['--cpu-prof', `--cpu-prof-dir=${folder}`, `--cpu-prof-name=${name}.cpuprofile`];
}

async function writeStatements(side, { backEnd, directory }) {
  const rows = await side.sql(`
    SELECT calls::int, total_exec_time::float8 AS "totalMs", mean_exec_time::float8 AS "meanMs", rows::int,
           shared_blks_hit::int AS "blocksHit", wal_bytes::float8 AS "walBytes", toplevel, query
    FROM pg_stat_statements WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
    ORDER BY total_exec_time DESC LIMIT 60`);
  mkdirSync(directory, { recursive: true });
  writeFileSync(path.join(directory, `${backEnd}-statements.json`), JSON.stringify(rows, null, 2));
}
