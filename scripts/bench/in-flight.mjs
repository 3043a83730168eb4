/**
 * `npm run bench -- --part inflight`: the memory of one worker process with thousands of calls in flight. The upstream
 * holds every answer after its first piece until all calls are there; then it lets them go. Redis where there is one.
 */
import { loadavg } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { say } from '../launch/run.mjs';
import { findRedisServer } from '../stores/redis.mjs';
import { launch, send } from './fleet.mjs';

const WANTED_MB = 600;
const LOOK_MS = 500;
const PATIENCE_MS = 240_000;
const PER_REQUEST = 500;
/** In flight long enough that leases are renewed and progress is shown several times. */
const HOLD_MS = 15_000;

export async function measureInFlight(bed, { jobs }) {
  const site = await open(bed, jobs);
  const { database, upstream, backEnd } = site;
  const worker = { idleMb: await rssMb(site.worker), most: 0 };
  const look = async () => {
    worker.most = Math.max(worker.most, await rssMb(site.worker));
    await pause(LOOK_MS);
  };
  await submit(site.api, jobs);
  const filledS = await lookUntil(look, async () => (await openAt(upstream)) >= jobs);
  const reached = await openAt(upstream);
  const heldSince = performance.now();
  await lookUntil(look, () => performance.now() - heldSince > HOLD_MS);
  const heldMb = worker.most;
  await send('PUT', `${upstream.url}/release`, { n: 'all' });
  const settledS = await lookUntil(look, async () => (await left(database)) === 0);
  const [twice, incomplete] = [await calledTwice(upstream, jobs), await notCompleted(database)];
  report({ ...worker, backEnd, jobs, filledS, reached, heldMb, settledS, twice, incomplete });
}

async function open(bed, jobs) {
  const backEnd = findRedisServer(process.env).program ? 'redis' : 'postgres';
  const stores = await bed.openStores(backEnd, {});
  const upstream = await bed.openUpstream(backEnd);
  await send('PUT', `${upstream.url}/script`, {
    replies: [{ text: ['do', 'ne'], holdBefore: 'end', repeat: 'forever' }],
  });
  const env = {
    ...{ MAX_INFLIGHT_SANDBOX: String(jobs), MAX_INFLIGHT_TOTAL: String(jobs) },
    ...{ FIRST_TOKEN_TIMEOUT_SECS: '600', IDLE_TIMEOUT_SECS: '600' },
  };
  const on = { stores, upstream, env };
  const [api, worker] = [await launch(bed, 'api', on), await launch(bed, 'worker', on)];
  return { backEnd, upstream, api, worker, database: await bed.connect(stores.urls.longhaul) };
}

/** Looks again and again; not for ever. Returns the seconds that it took. */
async function lookUntil(look, isDone) {
  const startedAt = performance.now();
  while (!(await isDone()) && performance.now() - startedAt < PATIENCE_MS) await look();
  return (performance.now() - startedAt) / 1000;
}

/** By the list. */
async function submit(api, jobs) {
  const job = {
    type: 'chat',
    model: 'sandbox/echo',
    input: { messages: [{ role: 'user', content: 'A question of some length. '.repeat(10) }] },
  };
  for (let sent = 0; sent < jobs; sent += PER_REQUEST) {
    const list = Array.from({ length: Math.min(PER_REQUEST, jobs - sent) }, () => job);
    const { accepted } = await send('POST', `${api}/v1/jobs/bulk`, { jobs: list });
    if (accepted !== list.length) throw new Error(`Of ${list.length} jobs ${accepted} were accepted.`);
  }
}

/** As the worker itself says. */
async function rssMb(url) {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^longhaul_process_resident_memory_bytes (\S+)/m.exec(text)?.[1]) / 2 ** 20;
}

/** As the upstream itself says. */
async function summaryOf({ url }) {
  return (await fetch(`${url}/calls/summary`)).json();
}

/** Calls that the upstream has, and has not answered whole. */
const openAt = async (upstream) => (await summaryOf(upstream)).inFlight;

/** Each job is owed one call: whatever our own attempts say, what came beyond that was paid for once more. */
const calledTwice = async (upstream, jobs) => Math.max(0, (await summaryOf(upstream)).count - jobs);

async function count(database, text) {
  return Number((await database.query(`SELECT count(*) AS n FROM ${text}`)).rows[0].n);
}

const left = (database) => count(database, 'jobs WHERE completed_at IS NULL');
const notCompleted = (database) => count(database, `jobs WHERE status <> 'completed'`);

function report({ backEnd, jobs, reached, filledS, idleMb, heldMb, most, twice, settledS, incomplete }) {
  const mb = (number) => `${Math.round(number)} MB`;
  say(`${backEnd}: ${reached} of ${jobs} calls in flight in one worker after ${filledS.toFixed(0)} s`);
  say(
    `worker: ${mb(idleMb)} idle, ${mb(heldMb)} with the calls held, ${mb(most)} at most (≤ ${WANTED_MB} MB)`,
  );
  say(
    `calls made twice: ${twice}; ended ${settledS.toFixed(0)} s after their release, ${incomplete} not completed; load ${loadavg()[0].toFixed(0)}`,
  );
  if (reached < jobs || most > WANTED_MB || twice > 0 || incomplete > 0) process.exitCode = 1;
}
