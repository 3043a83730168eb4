/**
 * `node scripts/bench/herd.mjs`: what a provider gets when it comes back from a cool-down to thousands of waiting jobs.
 * Two API and three worker processes; the judge is the upstream's own log. Ends after three minutes, whatever is left.
 * `--jobs n`, `--cap n`, `--limit n` (calls a second), `--call-ms n` and `--redis` change it.
 */
import { loadavg } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { buildOrExit } from '../launch/build-first.mjs';
import { runWith, say, untilStopped } from '../launch/run.mjs';
import { Bed } from './bed.mjs';
import { callsOf, launchFleet, send } from './fleet.mjs';

const number = (text) => ({ type: 'string', default: text });
const { values } = parseArgs({
  options: {
    ...{ jobs: number('5000'), cap: number('40'), limit: number('200'), 'call-ms': number('100') },
    redis: { type: 'boolean', default: false },
  },
});
const JOBS = Number(values.jobs);
const CAP = Number(values.cap);
/** Of each second: `RATE_WINDOW_SECS` says what a minute is. */
const LIMIT = Number(values.limit);
const COOL_SECONDS = 45;
const CALL_MS = Number(values['call-ms']);
const BUDGET_MS = 170_000;
const LOOK_MS = 500;
const AT_ONCE = 50;
const SECOND_MS = 1_000;
const ENV = {
  MAX_INFLIGHT_SANDBOX: String(CAP),
  SANDBOX_REQUESTS_PER_MINUTE: String(LIMIT),
  RATE_WINDOW_SECS: '1',
};
const REPLIES = [
  {
    status: 429,
    headers: { 'retry-after': String(COOL_SECONDS) },
    body: { error: { message: 'slow down' } },
  },
  { text: 'done', delayFirstTokenMs: 3 * CALL_MS },
  { text: 'done', delayFirstTokenMs: CALL_MS, repeat: 'forever' },
];
const JOB = {
  type: 'chat',
  model: 'sandbox/echo',
  input: { messages: [{ role: 'user', content: 'hello' }], max_output_tokens: 100 },
};

await buildOrExit();
await runWith(new Bed(), async (bed, signal) => {
  const measured = measure(bed);
  measured.catch(() => undefined);
  await Promise.race([measured, untilStopped(signal)]);
});

async function measure(bed) {
  const backEnd = values.redis ? 'redis' : 'postgres';
  const stores = await bed.openStores(backEnd, {});
  const upstream = await bed.openUpstream(backEnd);
  const apis = await launchFleet(bed, { stores, upstream, env: ENV });
  const database = await bed.connect(stores.urls.longhaul);
  await send('PUT', `${upstream.url}/script`, { replies: REPLIES });
  const endsAtMs = performance.now() + BUDGET_MS;
  const acceptedAt = await acceptAll(apis);
  const barEndsAt = await endOfBar(database);
  say(
    `${backEnd}: ${JOBS} jobs, the last accepted ${inSeconds(barEndsAt - acceptedAt)} before the end of the cool-down; cap ${CAP}, at most ${LIMIT} calls a second, ${CALL_MS} ms each; load ${loadavg()[0].toFixed(0)}.`,
  );
  while (performance.now() < endsAtMs && (await waiting(database)) > 0) await pause(LOOK_MS);
  const left = await waiting(database);
  report(await callsOf(upstream), { barEndsAt, left });
}

/** The first is refused; the others come while that cools. */
async function acceptAll(apis) {
  const accept = (index) => send('POST', `${apis[index % apis.length]}/v1/jobs`, JOB);
  const { id } = await accept(0);
  while ((await send('GET', `${apis[0]}/v1/jobs/${id}`)).phase !== 'retry_wait') await pause(LOOK_MS / 10);
  let next = 1;
  const accepting = async () => {
    while (next < JOBS) await accept(next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, accepting));
  return Date.now();
}

async function endOfBar(database) {
  const { rows } = await database.query('SELECT max(until) AS until FROM cooldowns');
  return rows[0].until.getTime();
}

async function waiting(database) {
  const { rows } = await database.query(`SELECT count(*) AS n FROM jobs WHERE status <> 'completed'`);
  return Number(rows[0].n);
}

function report([, ...calls], { barEndsAt, left }) {
  const early = calls.filter(({ receivedAt }) => receivedAt < barEndsAt).length;
  const tokenAt = calls[0]?.firstTokenAt ?? Infinity;
  const probes = calls.filter(({ receivedAt }) => receivedAt < tokenAt).length;
  const first = calls.filter(
    ({ receivedAt }) => receivedAt <= (calls[0]?.receivedAt ?? 0) + SECOND_MS,
  ).length;
  const worst = Math.max(0, ...calls.map((call, index) => withinASecond(calls, index)));
  const inFlight = mostInFlight(calls);
  const perJob = (calls.length + 1) / JOBS;
  say(`calls before the end of the cool-down: ${early}; before the probe's first token: ${probes}`);
  say(`calls in the first second: ${first}, in the worst: ${worst}, of ${LIMIT}`);
  say(`most in flight: ${inFlight} of ${CAP}; calls for each job: ${perJob.toFixed(3)}`);
  say(
    `the probe after ${inSeconds((calls[0]?.receivedAt ?? 0) - barEndsAt)}, the last answer after ${inSeconds(Math.max(0, ...calls.map(({ endedAt }) => endedAt ?? 0)) - barEndsAt)}; ${left} jobs left; load ${loadavg()[0].toFixed(0)}`,
  );
  const holds =
    early === 0 && probes === 1 && worst <= LIMIT * 1.1 && inFlight <= CAP && left === 0 && perJob <= 1.05;
  if (!holds) process.exitCode = 1;
}

function inSeconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** `calls` stand in the order of their arrival. */
function withinASecond(calls, last) {
  let count = 0;
  for (let at = last; at >= 0 && calls[at].receivedAt > calls[last].receivedAt - SECOND_MS; at -= 1)
    count += 1;
  return count;
}

/** What ends in the millisecond of another's start ends first. */
function mostInFlight(calls) {
  const steps = calls.flatMap((call) => [
    { at: call.receivedAt, step: 1 },
    { at: call.endedAt ?? call.clientClosedAt ?? Infinity, step: -1 },
  ]);
  let now = 0;
  return steps
    .sort((one, other) => one.at - other.at || one.step - other.step)
    .reduce((most, { step }) => Math.max(most, (now += step)), 0);
}
