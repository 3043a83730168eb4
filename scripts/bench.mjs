/**
 * `npm run bench`: how far Longhaul is from the floor of this machine. The floor is what any such service must do: one
 * INSERT and one `queue.add` to accept, one UPDATE, one HTTP call, one UPDATE to work. docs/performance.md has the method.
 * The exit code speaks of faults, never of speed.
 */
import { writeFileSync } from 'node:fs';
import os from 'node:os';
import { measureBackEnd } from './bench/back-end.mjs';
import { Bed } from './bench/bed.mjs';
import { measureHistory } from './bench/history.mjs';
import { measureInFlight } from './bench/in-flight.mjs';
import { readOptions } from './bench/options.mjs';
import { measureRouting, routingTable } from './bench/routing.mjs';
import { tableOf, verdictsOf } from './bench/table.mjs';
import { buildOrExit } from './launch/build-first.mjs';
import { runWith, say, untilStopped } from './launch/run.mjs';
import { findRedisServer } from './stores/redis.mjs';
import { Refusal } from './system/files.mjs';

const PARTS = { history: measureHistory, inflight: measureInFlight };
const options = optionsOrExit();
await buildOrExit();
await runWith(new Bed(), async (bed, signal) => {
  signal.addEventListener('abort', () => (process.exitCode = 130));
  // What still waits for something when the person has had enough is not waited for.
  const measured = options.part === null ? measureAll(bed) : PARTS[options.part.name](bed, options.part);
  measured.catch(() => undefined);
  await Promise.race([measured, untilStopped(signal)]);
});

function optionsOrExit() {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(2);
  }
}

async function measureAll(bed) {
  const redis = findRedisServer(process.env);
  const backEnds = options.backEnds.filter(
    (backEnd) => backEnd !== 'redis' || redis.program || options.isChosen,
  );
  if (backEnds.length < options.backEnds.length) say(`!! Redis is left out: ${redis.reason}.\n`);
  const startedAt = performance.now();
  const results = [];
  for (const [index, backEnd] of backEnds.entries()) {
    const endsAtMs = startedAt + (options.budgetMs * (index + 1)) / backEnds.length;
    results.push(await measureBackEnd(backEnd, { bed, options, endsAtMs, say }));
  }
  const routing = measureRouting();
  const machine = { ...describeMachine(), redis: redis.version ?? null };
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  report({ machine, results, routing, seconds });
  if (options.json)
    writeFileSync(options.json, `${JSON.stringify({ machine, seconds, results, routing }, null, 2)}\n`);
}

function describeMachine() {
  return {
    node: process.version,
    system: `${os.type()} ${os.release()} ${os.arch()}`,
    processor: os.cpus()[0]?.model ?? 'unknown',
    cores: os.cpus().length,
    memoryGb: Math.round(os.totalmem() / 2 ** 30),
    at: new Date().toISOString(),
  };
}

function report({ machine, results, routing, seconds }) {
  say(
    `\nNode ${machine.node}, ${machine.cores} cores (${machine.processor}), ${machine.memoryGb} GB, ${machine.system}; ${seconds} s`,
  );
  for (const { backEnd, versions, figures, targets, honesty, rounds } of results) {
    const { fsync, synchronous_commit } = versions.settings;
    const store = backEnd === 'redis' ? `Redis ${machine.redis}` : "BullMQ's PostgreSQL back end";
    say(
      `\n## ${store}; ${versions.postgres}, fsync ${fsync}, synchronous_commit ${synchronous_commit}; ` +
        `median of ${rounds.longhaul.length} round(s), least – most\n`,
    );
    say(`${tableOf(figures)}\n\n${verdictsOf(targets)}\n`);
    say(
      `Honest: ${honesty.jobs} jobs of Longhaul, all completed, ${honesty.ledgerRows} ledger rows, 0 slots held; at most ` +
        `${honesty.maxInFlight} calls in flight; ${honesty.claimsRefused} claims found no slot.`,
    );
  }
  say(`\n## The choice of a model\n\n${routingTable(routing)}`);
}
