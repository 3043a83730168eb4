import { Random } from './random.mjs';

/** A provider, the model that is asked of it, and what its price in config/models.toml is per token in nano-USD. */
export const TARGETS = [
  { provider: 'moonshot', model: 'kimi-k2.6' },
  { provider: 'glm', model: 'glm-4.7' },
  { provider: 'openai', model: 'gpt-5.4-mini' },
];

/** Calls in flight of each provider, and of all together: so that the total binds too. */
export const CAP = 16;
export const TOTAL_CAP = 40;

/** Jobs that come seldom take longer, so that a fault meets some of them in flight. */
const STRETCHES = [1, 2, 4, 6];
const LONGEST_MS = 16_000;
const LENGTHS = [
  { ms: 50, weight: 30 },
  { ms: 120, weight: 25 },
  { ms: 250, weight: 18 },
  { ms: 500, weight: 12 },
  { ms: 1_000, weight: 8 },
  { ms: 2_000, weight: 6 },
  { ms: 4_000, weight: 4 },
  { ms: 12_000, weight: 1 },
];

/**
 * What a job may meet at its first target. `calls`: how many calls there are owed by policy; then it goes to the next
 * rung, or with `ends` it is over.
 */
export const SNAGS = {
  none: { weight: 88, calls: 1, ends: 'completed' },
  empty: { weight: 4, calls: 2, reply: { text: '' } },
  cut: {
    weight: 3,
    calls: 1,
    reply: { text: 'an answer that breaks off before it is whole', cutAtByte: 300 },
  },
  broken: { weight: 2, calls: 2, reply: { status: 500 } },
  refused: { weight: 3, calls: 1, ends: 'failed', reply: { status: 400 } },
  // By choice alone: it closes the whole lane.
  locked: { weight: 0, calls: 1, reply: { status: 401 } },
};

/** The length of a call that answers when the scenario says so, however slow the machine is. */
export const HELD = 0;

const PIECES = 4;

/** Lower than what the lane with limits has, and more than any run asks. A lane without limits does not listen. */
const LIMITS = { 'x-ratelimit-limit-requests': '50000', 'x-ratelimit-remaining-requests': '49999' };

/** Half of the time goes by before the first token, the rest between the pieces. */
const answerOf = (ms) => ({
  text: ['This is ', '{{call}}', ', which answers', ' in ', `${ms} ms.`],
  delayFirstTokenMs: Math.round(ms / 2),
  paceMs: Math.round(ms / 2 / PIECES),
  headers: LIMITS,
  repeat: 'forever',
});

const stretched = (ms, stretch) => Math.min(ms * stretch, LONGEST_MS);

const ALL_LENGTHS = new Set([
  ...STRETCHES.flatMap((stretch) => LENGTHS.map(({ ms }) => stretched(ms, stretch))),
]);

/** For the upstream; the newest that fits answers. */
export const SCRIPTS = [
  { match: { contains: `<takes ${HELD}>` }, replies: [{ ...answerOf(HELD), holdBefore: 'first_token' }] },
  ...[...ALL_LENGTHS].map((ms) => ({ match: { contains: `<takes ${ms}>` }, replies: [answerOf(ms)] })),
  ...Object.entries(SNAGS).flatMap(([snag, { reply }]) =>
    reply === undefined
      ? []
      : TARGETS.map(({ provider }) => ({
          match: { provider, contains: `<${snag} at ${provider}>` },
          replies: [{ ...reply, repeat: 'forever' }],
        })),
  ),
];

const PLAYS = { twin: 0.1, cancelled: 0.06, hurried: 0.03 };

function weighted(random, rows) {
  let left = random.share() * rows.reduce((sum, { weight }) => sum + weight, 0);
  return rows.find(({ weight }) => (left -= weight) < 0) ?? rows.at(-1);
}

/**
 * The jobs of a run: `{ index, marker, key, snag, first, ms, isTwin, cancelAfterMs, deadlineSeconds, isPoison, body }`.
 * A twin is submitted to both APIs at once under one key. A poisonous one has its worker killed whenever it runs, and does
 * not answer: its killer may be kept from it by an outage.
 */
export function jobsOf({ jobs, seed, seconds, poison, inFlight, hasSnags = true }) {
  const random = new Random(seed, 'work');
  const stretch = stretchFor(jobs / seconds, inFlight);
  return Array.from({ length: jobs }, (_, index) => {
    const isPoison = index > 0 && index <= poison * 10 && index % 10 === 0;
    return jobOf(random, { index, isPoison, seed, stretch, hasSnags });
  });
}

function stretchFor(perSecond, inFlight) {
  const weights = LENGTHS.reduce((sum, { weight }) => sum + weight, 0);
  const meanMs = LENGTHS.reduce((sum, { ms, weight }) => sum + ms * weight, 0) / weights;
  const wanted = (inFlight * 1000) / (perSecond * meanMs);
  return STRETCHES.findLast((stretch) => stretch <= wanted) ?? 1;
}

function jobOf(random, { index, isPoison, seed, stretch, hasSnags }) {
  const targets = [...TARGETS, ...TARGETS].slice(random.below(TARGETS.length)).slice(0, TARGETS.length);
  const snag = weighted(
    random,
    Object.entries(SNAGS).map(([name, row]) => ({ name, ...row })),
  ).name;
  const ms = stretched(weighted(random, LENGTHS).ms, stretch);
  const plays = Object.fromEntries(
    Object.entries(PLAYS).map(([name, share]) => [name, random.share() < share]),
  );
  const job = {
    ...{ index, marker: `b${index}`, key: `bench-${seed}-${index}`, first: targets[0].provider, isPoison },
    ...(isPoison ? { snag: 'none', ms: HELD } : { snag: hasSnags ? snag : 'none', ms }),
    isTwin: plays.twin,
    cancelAfterMs: plays.cancelled && !isPoison ? random.between(0, 1_200) : null,
    deadlineSeconds: plays.hurried && !isPoison ? random.between(1, 4) : null,
  };
  return { ...job, body: bodyOf(job, { targets, priority: random.below(10) }) };
}

export function bodyOf(
  { marker, snag, ms, first, deadlineSeconds, ttlSeconds = null },
  { targets, priority },
) {
  const [wanted, ...fallbacks] = targets.map(({ provider, model }) => `${provider}/${model}`);
  const content = `[[${marker}]] <takes ${ms}> <${snag} at ${first}>`;
  return JSON.stringify({
    ...{ type: 'chat', model: wanted, fallbacks, priority, metadata: { marker } },
    ...(deadlineSeconds === null ? {} : { deadline_s: deadlineSeconds }),
    ...(ttlSeconds === null ? {} : { ttl_s: ttlSeconds }),
    input: { messages: [{ role: 'user', content }], max_output_tokens: 2_000 },
  });
}
