import { setTimeout as pause } from 'node:timers/promises';
import { percentile } from './figures.mjs';
import { bodyOf } from './side.mjs';

const SETTLE_MS = 1_000;
const LOOK_MS = 5;
/** Between two jobs, so that no timer of either side falls in step with ours. */
const pauseMs = () => 5 + Math.random() * 30;

/** One job at a time on a system that does nothing else: from the accept to the claim, and to the upstream's own log. */
export async function measurePickUp(side, count) {
  const since = await side.now();
  const prefix = `${side.name}-${process.pid}`;
  await pause(SETTLE_MS);
  for (let index = 0; index < count; index += 1) {
    const id = await submitOne(side.url, `${prefix}-${index}`);
    await untilDone(side, id);
    await pause(pauseMs());
  }
  const rows = await side.sql(
    `SELECT extract(epoch FROM created_at)::float8 * 1000 AS "createdMs",
            extract(epoch FROM started_at - created_at)::float8 * 1000 AS "claimMs"
     FROM jobs WHERE created_at >= $1::timestamptz ORDER BY created_at`,
    [since],
  );
  const calls = await arrivals(side.upstream.url, prefix);
  const callMs = rows.map(({ createdMs }, index) => calls[index] - createdMs);
  const claimMs = rows.map((row) => row.claimMs);
  return {
    pickUpP50Ms: percentile(claimMs, 0.5),
    pickUpP99Ms: percentile(claimMs, 0.99),
    callP50Ms: percentile(callMs, 0.5),
    callP99Ms: percentile(callMs, 0.99),
  };
}

async function submitOne(url, marker) {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${url}/v1/jobs`, { method: 'POST', headers, body: bodyOf(marker) });
  return (await answer.json()).id;
}

async function untilDone(side, id) {
  const look = () =>
    side
      .sql('SELECT completed_at IS NOT NULL AS done FROM jobs WHERE id = $1', [id])
      .then(([row]) => row.done);
  while (!(await look())) await pause(LOOK_MS);
}

/** When the upstream saw each job, in the order in which they were sent: one at a time, so that the order is theirs. */
async function arrivals(upstreamUrl, prefix) {
  const calls = await (await fetch(`${upstreamUrl}/calls`)).json();
  return calls.filter(({ marker }) => marker?.startsWith(prefix)).map(({ receivedAt }) => receivedAt);
}

/** A worker that has just started and one that has worked, after the same idle time. */
export async function measureIdle(side, idleMs) {
  const fresh = await side.launchWorker();
  await pause(idleMs);
  const figures = {
    idleWorkerMb: fresh.rssMb(),
    idleAfterWorkMb: side.worker.rssMb(),
    apiMb: side.api.rssMb(),
  };
  await fresh.stop();
  return figures;
}
