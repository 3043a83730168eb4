/**
 * `npm test`: every tier that this machine can serve, in a scrubbed environment, on stores of its own.
 *   npm test -- --project unit --project e2e     some tiers
 *   npm test -- --project unit lease -t fence    path patterns and Jest's own flags
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from './build.mjs';
import { say } from './launch/run.mjs';
import { findRedisServer } from './stores/redis.mjs';
import { openPostgres } from './stores/postgres.mjs';
import { openDataDir, Refusal } from './system/files.mjs';
import { ROOT } from './system/paths.mjs';
import { runTier } from './test/jest-tier.mjs';
import { endLeftovers } from './test/leftovers.mjs';
import { readTestWords } from './test/words.mjs';
import { NEEDS_BUILD, suitesThatUse } from './test/suites.mjs';

/** Everything else, every key and every proxy, stays outside. */
const ALLOWED =
  /^(?:PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_\w+|TZ|TMPDIR|TERM|COLORTERM|NO_COLOR|FORCE_COLOR|CI|LONGHAUL_SLOW)$/;

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => stop.abort());

const wanted = readTestWords(process.argv.slice(2));
const scratch = mkdtempSync(path.join(os.tmpdir(), 'longhaul-test-'));
const totals = { passed: 0, failed: 0, skipped: 0 };
try {
  await main();
} catch (error) {
  totals.failed += 1;
  say(error instanceof Refusal ? error.message : error.stack);
}
const left = await endLeftovers(scratch);
if (left.length > 0) say(`\nLeft running by a test, ended now: ${left.join(', ')}`);
rmSync(scratch, { recursive: true, force: true });
if (wanted.patterns.length > 0 && totals.passed + totals.failed === 0) {
  say(`\nNo test ran: nothing in ${wanted.tiers.join(', ')} matches ${wanted.patterns.join(' ')}.`);
  process.exitCode = 1;
}
say(totals.skipped > 0 ? `\n${totals.skipped} skipped` : '');
say(`${totals.passed} passed, ${totals.failed} failed`);
process.exit(stop.signal.aborted ? 130 : totals.failed > 0 ? 1 : process.exitCode);

async function main() {
  // The database's own user has to walk through, when this is root.
  chmodSync(scratch, process.getuid?.() === 0 ? 0o711 : 0o700);
  if (wanted.tiers.some((tier) => NEEDS_BUILD.includes(tier))) await build({ say });
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => ALLOWED.test(name)));
  env.NODE_ENV = 'test';
  env.NODE_OPTIONS = `--import=${pathToFileURL(path.join(ROOT, 'scripts/test/loopback-only.mjs')).href}`;
  env.LONGHAUL_TEST_DIR = scratch;
  const redis = chooseRedis(env);
  const postgres = await openTestPostgres();
  try {
    await runTiers({ ...env, ...redis, TEST_DATABASE_URL: postgres.url });
  } finally {
    await postgres.stop();
  }
}

async function runTiers(env) {
  for (const tier of wanted.tiers) {
    if (stop.signal.aborted) return;
    say(`\n━━ ${tier}`);
    const result = await runTier(tier, { ...wanted, env, scratch, signal: stop.signal });
    for (const name of Object.keys(totals)) totals[name] += result[name];
    if (result.crashed) {
      say(result.crashed);
      totals.failed += result.failed === 0 ? 1 : 0;
    }
    say(`${tier}: ${result.passed} passed, ${result.failed} failed, ${result.skipped} skipped`);
  }
}

/** Durable against a killed server, not against a power cut: no test cuts the power. */
async function openTestPostgres() {
  const dataDir = openDataDir({ LONGHAUL_DATA_DIR: path.join(scratch, 'stores') });
  const parameters = { fsync: 'off', full_page_writes: 'off', max_connections: 500 };
  const postgres = await openPostgres({ env: {}, dataDir, parameters });
  say(postgres.chosen.replace(' (DATABASE_URL is not set)', ', for this run only'));
  return postgres;
}

function chooseRedis(env) {
  const { program, version, reason } = findRedisServer(env);
  const slow = suitesThatUse(/LONGHAUL_SLOW/, wanted.tiers);
  if (!env.LONGHAUL_SLOW)
    nameLeftOut('slow tests, and bounds of a quiet machine (LONGHAUL_SLOW=1 runs them)', slow);
  if (program) {
    say(`Queue:      both back ends; ${program} ${version} for each suite that asks for Redis`);
    return { TEST_REDIS_SERVER: program };
  }
  const suites = suitesThatUse(/\b(?:backEnds|startRedis)\s*\(/, wanted.tiers);
  nameLeftOut(`everything on Redis: ${reason}. Install redis-server to run it`, suites);
  if (env.CI && env.CI !== 'false' && suites.length > 0) {
    throw new Refusal('CI is set, and a missing Redis is a failure there.');
  }
  return {};
}

function nameLeftOut(what, suites) {
  if (suites.length === 0) return;
  say(`\n!! Left out, ${what}:`);
  for (const suite of suites) say(`!!   ${suite}`);
  say();
}
