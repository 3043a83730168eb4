/**
 * `node scripts/bench/rate.mjs`: whether the limits of a key hold in real minutes. Two API and three worker processes,
 * more jobs than the limits let through, answers whose input is up to a fifth more or less than estimated; the judge is
 * the upstream's own log. Ends after about three minutes, whatever is left. `--seconds n` and `--redis` change it.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { buildOrExit } from '../launch/build-first.mjs';
import { runWith, say, untilStopped } from '../launch/run.mjs';
import { Bed } from './bed.mjs';
import { callsOf, launchFleet, send } from './fleet.mjs';

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
const LIMITS = { SANDBOX_TOKENS_PER_MINUTE: String(TOKENS), SANDBOX_REQUESTS_PER_MINUTE: String(REQUESTS) };

const body = {
  type: 'chat',
  model: 'sandbox/echo',
  input: { messages: [{ role: 'user', content: PROMPT }], max_output_tokens: OUTPUT },
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
  const apis = await launchFleet(bed, { stores, upstream, env: LIMITS });
  const { need } = await send('POST', `${apis[0]}/v1/routes/explain`, body);
  await send('PUT', `${upstream.url}/script`, { replies: repliesOf(need.input_tokens) });
  say(
    `${backEnd}: ${JOBS} jobs of ${need.input_tokens} estimated input tokens; at most ${REQUESTS} calls and ${TOKENS} tokens a minute.`,
  );
  await Promise.all(
    Array.from({ length: JOBS }, (_, index) => send('POST', `${apis[index % 2]}/v1/jobs`, body)),
  );
  const endsAtMs = performance.now() + Number(values.seconds) * 1000;
  while (performance.now() < endsAtMs) await pause(LOOK_MS);
  report((await callsOf(upstream)).filter(({ model }) => model === 'echo'));
}

function report(calls) {
  const [tokens, requests] = [worst(calls, tokensOf), worst(calls, () => 1)];
  const spanSeconds = ((calls.at(-1)?.receivedAt ?? 0) - (calls[0]?.receivedAt ?? 0)) / 1000;
  say(`${calls.length} calls in ${spanSeconds.toFixed(0)} s.`);
  say(`worst minute: ${tokens} of ${TOKENS} tokens, ${requests} of ${REQUESTS} calls`);
  if (tokens > TOKENS || requests > REQUESTS) process.exitCode = 1;
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
