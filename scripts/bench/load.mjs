import autocannon from 'autocannon';
import { setTimeout as pause } from 'node:timers/promises';
import { Pool } from 'undici';
import { Refusal } from '../system/files.mjs';
import { percentile } from './figures.mjs';

const TICK_MS = 2;
const ANSWER_MS = 30_000;

/**
 * As many requests as the server takes: each of `connections` sends its next one when it has its answer. Ends after
 * `amount` answers or `durationMs`. Returns `{ perSecond, answers }`, both from the answers themselves: autocannon's
 * own duration is rounded up to its sampling interval.
 */
export async function saturate({ url, connections, amount, durationMs, requests, expect }) {
  const limit = amount === undefined ? { duration: durationMs / 1000 } : { amount };
  const startedAt = performance.now();
  let lastAt = startedAt;
  const statuses = new Map();
  const run = autocannon({ url, connections, requests, sampleInt: 100, timeout: ANSWER_MS / 1000, ...limit });
  run.on('response', (_client, status) => {
    lastAt = performance.now();
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  });
  const { errors } = await run;
  const answers = statuses.get(expect) ?? 0;
  if (errors > 0 || statuses.size !== 1 || answers === 0) {
    throw new Refusal(
      `${url} answered ${JSON.stringify(Object.fromEntries(statuses))} with ${errors} errors, and not ${expect} alone.`,
    );
  }
  return { perSecond: (answers * 1000) / (lastAt - startedAt), answers };
}

/**
 * A constant rate, whatever the server does: requests leave evenly, and each one's time counts from when it was due,
 * so that a stall is seen by all that it held up. Not autocannon's `overallRate`: that sends each second's requests
 * in one burst at its start. Returns `{ p50Ms, p99Ms, sent }`.
 */
export async function steady({ url, path, body, perSecond, durationMs, connections, expect }) {
  const pool = new Pool(url, {
    connections,
    pipelining: 1,
    headersTimeout: ANSWER_MS,
    bodyTimeout: ANSWER_MS,
  });
  const request = { path, method: 'POST', headers: { 'content-type': 'application/json' }, body };
  const total = Math.max(20, Math.round((perSecond * durationMs) / 1000));
  const startedAt = performance.now();
  const dueAt = (index) => startedAt + (index * 1000) / perSecond;
  const send = async (index) => {
    const answer = await pool.request(request);
    await answer.body.dump();
    if (answer.statusCode !== expect) throw new Refusal(`${url}${path} answered ${answer.statusCode}.`);
    return performance.now() - dueAt(index);
  };
  try {
    const sent = [];
    while (sent.length < total) {
      while (sent.length < total && dueAt(sent.length) <= performance.now()) sent.push(send(sent.length));
      await pause(TICK_MS);
    }
    const took = await Promise.all(sent);
    return { p50Ms: percentile(took, 0.5), p99Ms: percentile(took, 0.99), sent: total };
  } finally {
    await pool.destroy();
  }
}
