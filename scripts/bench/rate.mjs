/**
 * `node scripts/bench/rate.mjs`: whether the limits of a key hold in real minutes. Two API and three worker processes,
 * more jobs than the limits let through, answers whose input is up to a fifth more or less than estimated; the judge is
 * the upstream's own log. Ends after about three minutes, whatever is left. `--seconds n` and `--redis` change it.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { buildOrExit } from '../launch/build-first.mjs';
import { runWith, say, untilStopped } from '../launch/run.mjs';
import { entryOf } from '../system/paths.mjs';
import { freePort } from '../system/ports.mjs';
import { Bed } from './bed.mjs';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '150' }, redis: { type: 'boolean', default: false } },
});
const WINDOW_MS = 60_000;
const TOKENS = 14_000;
const REQUESTS = 25;
const OUTPUT = 100;
const JOBS = 300;
const FACTORS = [1.2, 0.8, 1.1, 1.2, 0.9, 1.2, 1, 1.2];
const PROMPT = 'All the world is a stage. '.repeat(60);
const LOOK_MS = 2_000;

const body = JSON.stringify({
  type: 'chat',
  model: 'sandbox/echo',
  input: { messages: [{ role: 'user', content: PROMPT }], max_output_tokens: OUTPUT },
});

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
  const apis = await Promise.all([1, 2].map(() => launch(bed, 'api', { stores, upstream })));
  await Promise.all([1, 2, 3].map(() => launch(bed, 'worker', { stores, upstream })));
  const { need } = await post(`${apis[0]}/v1/routes/explain`, body);
  await send('PUT', `${upstream.url}/script`, JSON.stringify({ replies: repliesOf(need.input_tokens) }));
  say(
    `${backEnd}: ${JOBS} jobs of ${need.input_tokens} estimated input tokens; at most ${REQUESTS} calls and ${TOKENS} tokens a minute.`,
  );
  await Promise.all(Array.from({ length: JOBS }, (_, index) => post(`${apis[index % 2]}/v1/jobs`, body)));
  const endsAtMs = performance.now() + Number(values.seconds) * 1000;
  while (performance.now() < endsAtMs) await pause(LOOK_MS);
  report(await callsOf(upstream));
}

function report(calls) {
  const [tokens, requests] = [worst(calls, tokensOf), worst(calls, () => 1)];
  const spanSeconds = ((calls.at(-1)?.receivedAt ?? 0) - (calls[0]?.receivedAt ?? 0)) / 1000;
  say(`${calls.length} calls in ${spanSeconds.toFixed(0)} s.`);
  say(`worst minute: ${tokens} of ${TOKENS} tokens, ${requests} of ${REQUESTS} calls`);
  if (tokens > TOKENS || requests > REQUESTS) process.exitCode = 1;
}

async function callsOf({ url }) {
  const calls = await (await fetch(`${url}/calls`)).json();
  return calls.filter(({ model }) => model === 'echo');
}

function tokensOf({ usageBilled }) {
  return usageBilled?.total_tokens ?? 0;
}

/** The most that arrived in any span of a minute. */
function worst(calls, weigh) {
  const sums = calls.map(({ receivedAt: end }) =>
    calls
      .filter(({ receivedAt }) => receivedAt > end - WINDOW_MS && receivedAt <= end)
      .reduce((sum, call) => sum + weigh(call), 0),
  );
  return Math.max(0, ...sums);
}

function repliesOf(input) {
  return Array.from({ length: JOBS }, (_, index) => {
    const prompt_tokens = Math.floor(input * FACTORS[index % FACTORS.length]);
    const completion_tokens = 10 + ((index * 37) % 90);
    const usage = { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens };
    return { text: 'done', delayFirstTokenMs: (index * 211) % 5000, usage };
  });
}

async function launch(bed, role, { stores, upstream }) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const { urls, redisUrl, dataDir, backEnd } = stores;
  const env = {
    ...{ DATABASE_URL: urls.longhaul, LONGHAUL_DATA_DIR: dataDir, LOG_LEVEL: 'warn', DRAIN_SECS: '1' },
    ...(redisUrl ? { REDIS_URL: redisUrl } : {}),
    ...{ HOST: '127.0.0.1', PORT: String(port), WORKER_PORT: String(port) },
    SANDBOX_BASE_URL: `${upstream.url}/v1`,
    SANDBOX_TOKENS_PER_MINUTE: String(TOKENS),
    SANDBOX_REQUESTS_PER_MINUTE: String(REQUESTS),
  };
  const name = `${backEnd}-${role}-${port}`;
  await bed.launch({ name, file: entryOf(role), env, readyUrl: `${url}/readyz` });
  return url;
}

function post(url, sent) {
  return send('POST', url, sent);
}

async function send(method, url, sent) {
  const answer = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json' },
    body: sent,
  });
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}
