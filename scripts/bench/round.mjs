import os from 'node:os';
import { saturate, steady } from './load.mjs';
import { bodyOf, CONCURRENCY } from './side.mjs';

const POLLED_JOBS = 50;
const JOBS = '/v1/jobs';
const ACCEPTED = 202;

/**
 * One round of one side, on fresh processes: end to end with everything running, then the API alone (accepts, submits
 * at half that rate, polls), then the worker alone with what has piled up, then submits while the worker runs.
 */
export async function runRound(side, { jobs, warmUpJobs, loadMs }) {
  const load = os.loadavg()[0];
  await side.startApi();
  await side.startWorker();
  await submit(side, warmUpJobs);
  await side.untilAllDone();
  await side.sql('CHECKPOINT');
  const whole = await endToEnd(side, jobs);
  await side.stopWorker();
  const alone = await apiAlone(side, { amount: Math.ceil(jobs / 2), loadMs });
  const backlog = await workBacklog(side);
  const busy = await submitEvenly(side, { perSecond: whole.jobsPerSecond / 2, loadMs });
  await side.untilAllDone();
  await side.stop();
  return {
    ...whole,
    ...alone,
    ...backlog,
    busySubmitP50Ms: busy.p50Ms,
    busySubmitP99Ms: busy.p99Ms,
    load,
  };
}

const submit = ({ url }, amount) =>
  saturate({
    ...{ url: `${url}${JOBS}`, amount, connections: Math.min(CONCURRENCY, amount), expect: ACCEPTED },
    requests: [{ method: 'POST', headers: { 'content-type': 'application/json' }, body: bodyOf() }],
  });

const submitEvenly = ({ url }, { perSecond, loadMs }) =>
  steady({
    ...{ url, path: JOBS, body: bodyOf(), perSecond, durationMs: loadMs },
    ...{ connections: CONCURRENCY, expect: ACCEPTED },
  });

async function endToEnd(side, jobs) {
  const since = await side.now();
  const before = side.cpuMs();
  await submit(side, jobs);
  await side.untilAllDone();
  const after = side.cpuMs();
  const [{ seconds, count }] = await side.sql(
    `SELECT count(*)::int AS count, extract(epoch FROM max(completed_at) - min(created_at))::float8 AS seconds
     FROM jobs WHERE created_at >= $1::timestamptz`,
    [since],
  );
  const perJob = (name) => (before[name] === null ? null : (after[name] - before[name]) / count);
  return {
    jobsPerSecond: count / seconds,
    apiCpuMs: perJob('api'),
    workerCpuMs: perJob('worker'),
    postgresCpuMs: perJob('postgres'),
    redisCpuMs: perJob('redis'),
    upstreamCpuMs: perJob('upstream'),
  };
}

async function apiAlone(side, { amount, loadMs }) {
  const accepts = await submit(side, amount);
  const evenly = await submitEvenly(side, { perSecond: accepts.perSecond / 2, loadMs });
  const paths = (await side.sql(`SELECT id FROM jobs WHERE status = 'queued' LIMIT ${POLLED_JOBS}`)).map(
    ({ id }) => `${JOBS}/${id}`,
  );
  const poll = (requests, expect) =>
    saturate({ url: side.url, connections: CONCURRENCY, durationMs: loadMs, requests, expect });
  const polls = await poll(
    paths.map((path) => ({ path })),
    200,
  );
  const known = side.name === 'longhaul' ? await poll(await withTags(side.url, paths), 304) : null;
  return {
    acceptsPerSecond: accepts.perSecond,
    submitP50Ms: evenly.p50Ms,
    submitP99Ms: evenly.p99Ms,
    pollsPerSecond: polls.perSecond,
    notModifiedPerSecond: known?.perSecond ?? null,
  };
}

const withTags = (url, paths) =>
  Promise.all(
    paths.map(async (path) => {
      const answer = await fetch(`${url}${path}`);
      await answer.arrayBuffer();
      return { path, headers: { 'if-none-match': answer.headers.get('etag') } };
    }),
  );

/** From the first claim to the last end: what a worker does when nobody submits. */
async function workBacklog(side) {
  const since = await side.now();
  await side.startWorker();
  await side.untilAllDone();
  const [{ seconds, count }] = await side.sql(
    `SELECT count(*)::int AS count, extract(epoch FROM max(completed_at) - min(started_at))::float8 AS seconds
     FROM jobs WHERE started_at >= $1::timestamptz`,
    [since],
  );
  return { backlogJobsPerSecond: count / seconds };
}
