/**
 * `node scripts/bench/next-rung.mjs`: how soon a job goes on when its provider refuses the connection, answers 500, or
 * falls silent. One job at a time for the first two, on closed circuits; the silent ones together. Two API and three
 * worker processes; the judge is the upstream's own log. No cap holds anybody up, unless `--total n` says so
 * (MAX_INFLIGHT_TOTAL). `--jobs n`, `--redis` and `--only refused|errors|silence` change it.
 */
import { loadavg } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { buildOrExit } from '../launch/build-first.mjs';
import { runWith, say, untilStopped } from '../launch/run.mjs';
import { freePort } from '../system/ports.mjs';
import { Bed } from './bed.mjs';
import { percentile } from './figures.mjs';
import { callsOf, launchFleet, send } from './fleet.mjs';

const { values } = parseArgs({
  options: {
    ...{ jobs: { type: 'string', default: '50' }, redis: { type: 'boolean', default: false } },
    ...{ total: { type: 'string' }, only: { type: 'string' } },
  },
});
const JOBS = Number(values.jobs);
/** Jobs of both rungs at once. */
const TOTAL = Number(values.total ?? 2 * JOBS);
const PARTS = { refused: refusedConnections, errors: serverErrors, silence: silences };
const BACKOFF_MS = 1_000;
const IDLE_MS = 2_000;
const NEXT_WANTED_MS = 500;
const LOOK_MS = 20;

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
  const env = {
    ...{ MOONSHOT_API_KEY: 'bench', GLM_API_KEY: 'bench', OPENAI_API_KEY: 'bench' },
    MOONSHOT_BASE_URL: `http://127.0.0.1:${await freePort()}/v1`,
    OPENAI_BASE_URL: `${upstream.url}/openai/v1`,
    GLM_BASE_URL: `${upstream.url}/glm/v1`,
    ...{ RETRY_BACKOFF_SECS: String(BACKOFF_MS / 1000), OPENAI_IDLE_TIMEOUT_SECS: String(IDLE_MS / 1000) },
    MAX_INFLIGHT_OPENAI: String(JOBS),
    MAX_INFLIGHT_GLM: String(JOBS),
    MAX_INFLIGHT_TOTAL: String(TOTAL),
  };
  const [api] = await launchFleet(bed, { stores, upstream, env });
  const database = await bed.connect(stores.urls.longhaul);
  const site = { api, upstream, database };
  say(
    `${backEnd}: ${JOBS} jobs each, ${TOTAL} in flight at most, RETRY_BACKOFF_SECS ${BACKOFF_MS / 1000}, load ${loadavg()[0].toFixed(0)}`,
  );
  const parts = values.only === undefined ? Object.values(PARTS) : [PARTS[values.only]];
  const rows = [];
  for (const part of parts) rows.push(...(await part(site)));
  report(rows);
}

/** Nobody listens at the first rung. Its failure is counted from the start of its attempt, which is earlier. */
async function refusedConnections(site) {
  const { calls, attempts } = await oneByOne(site, 'moonshot/kimi-k2.6');
  const went = attempts.map(([first, retry], index) => ({
    delayMs: retry.startedAt - first.endedAt,
    nextMs: callTo(calls, 'glm', index).receivedAt - retry.startedAt,
  }));
  return rowsOf('refused connection', went);
}

async function serverErrors(site) {
  const replies = [{ status: 500, body: { error: { message: 'broken' } }, repeat: 'forever' }];
  await send('PUT', `${site.upstream.url}/script`, { match: { provider: 'openai' }, replies });
  const { calls } = await oneByOne(site, 'openai/gpt-5.4-mini');
  const went = Array.from({ length: JOBS }, (_, index) => {
    const [first, retry] = calls.filter((call) => isOf(call, 'openai', index));
    return {
      delayMs: retry.receivedAt - first.endedAt,
      nextMs: callTo(calls, 'glm', index).receivedAt - retry.endedAt,
    };
  });
  return rowsOf('500', went);
}

/** Not repeated: from the last piece to the end of the connection, and from there to the next rung. */
async function silences({ api, upstream, database }) {
  const replies = [{ text: ['do', 'ne'], stallAfterChunk: 1, repeat: 'forever' }];
  await reset({ upstream, database });
  await send('PUT', `${upstream.url}/script`, { match: { provider: 'openai' }, replies });
  const indexes = Array.from({ length: JOBS }, (_, index) => index);
  await Promise.all(indexes.map((index) => submit(api, 'openai/gpt-5.4-mini', index)));
  await allEnded(database);
  const calls = await callsOf(upstream);
  const went = indexes.map((index) => ({
    stalled: callTo(calls, 'openai', index),
    next: callTo(calls, 'glm', index),
  }));
  return [
    {
      what: `silence: the idle clock of ${IDLE_MS} ms, off by`,
      wantedMs: 1_000,
      took: went.map(({ stalled }) => Math.abs(stalled.clientClosedAt - stalled.firstTokenAt - IDLE_MS)),
    },
    {
      what: 'silence: to the call of the next rung',
      wantedMs: NEXT_WANTED_MS,
      took: went.map(({ stalled, next }) => next.receivedAt - stalled.clientClosedAt),
    },
  ];
}

/** Each on closed circuits: else the second would wait for the first one's probe. */
async function oneByOne(site, model) {
  const { api, upstream, database } = site;
  await send('DELETE', `${upstream.url}/calls`);
  const attempts = [];
  for (let index = 0; index < JOBS; index += 1) {
    await database.query('DELETE FROM cooldowns');
    const { id } = await submit(api, model, index);
    await allEnded(database);
    attempts.push(await attemptsOf(database, id));
  }
  return { calls: await callsOf(upstream), attempts };
}

async function reset({ upstream, database }) {
  await send('DELETE', `${upstream.url}/calls`);
  await database.query('DELETE FROM cooldowns');
}

function submit(api, model, index) {
  const content = `hello [[job-${index}]]`;
  return send('POST', `${api}/v1/jobs`, {
    ...{ type: 'chat', model, fallbacks: ['glm/glm-4.7'] },
    input: { messages: [{ role: 'user', content }], max_output_tokens: 2_000 },
  });
}

async function allEnded(database) {
  const left = async () =>
    Number((await database.query('SELECT count(*) AS n FROM jobs WHERE completed_at IS NULL')).rows[0].n);
  while ((await left()) > 0) await pause(LOOK_MS);
}

async function attemptsOf(database, id) {
  const text = 'SELECT started_at, ended_at FROM attempts WHERE job_id = $1 ORDER BY number';
  const { rows } = await database.query(text, [id]);
  return rows.map((row) => ({ startedAt: row.started_at.getTime(), endedAt: row.ended_at.getTime() }));
}

function isOf(call, provider, index) {
  return call.provider === provider && call.marker === `job-${index}`;
}

function callTo(calls, provider, index) {
  const call = calls.find((one) => isOf(one, provider, index));
  if (!call) throw new Error(`Job ${index} never reached ${provider}.`);
  return call;
}

function rowsOf(what, went) {
  return [
    { what: `${what}: the retry, after`, wantedMs: BACKOFF_MS, took: went.map(({ delayMs }) => delayMs) },
    {
      what: `${what}: from the retry's failure to the call of the next rung`,
      wantedMs: NEXT_WANTED_MS,
      took: went.map(({ nextMs }) => nextMs),
    },
  ];
}

function report(rows) {
  say('| | wanted, ms | median | p99 | most |');
  say('| --- | ---: | ---: | ---: | ---: |');
  for (const { what, wantedMs, took } of rows) {
    const [median, p99, most] = [0.5, 0.99, 1].map((share) => Math.round(percentile(took, share)));
    say(`| ${what} | ≤ ${wantedMs} | ${median} | ${p99} | ${most} |`);
  }
  say(`load ${loadavg()[0].toFixed(0)}`);
}
