import { Refusal } from '../system/files.mjs';
import { CONCURRENCY } from './side.mjs';

/** Numbers of a run that lost or doubled something are worth nothing: each job ended once, called once, booked once. */
export async function checkHonesty({ floor, longhaul, upstream }) {
  const [jobs] = await longhaul.sql(`
    SELECT count(*)::int AS jobs, (count(*) FILTER (WHERE status = 'completed'))::int AS completed,
           (SELECT count(*) FROM ledger)::int AS booked, (SELECT count(*) FROM attempts)::int AS attempts,
           (SELECT count(*) FROM jobs j WHERE NOT EXISTS (SELECT 1 FROM ledger l WHERE l.job_id = j.id))::int AS unbooked,
           (SELECT count(*) FROM slots WHERE job_id IS NOT NULL)::int AS held,
           (SELECT sum(refused) FROM lanes)::int AS refused
    FROM jobs`);
  const [bare] = await floor.sql(`
    SELECT count(*)::int AS jobs, (count(*) FILTER (WHERE status = 'completed'))::int AS completed FROM jobs`);
  const { count, maxInFlight } = await (await fetch(`${upstream.url}/calls/summary`)).json();
  const expected = jobs.jobs + bare.jobs;
  const faults = [
    [jobs.completed !== jobs.jobs, `${jobs.jobs - jobs.completed} of Longhaul's jobs are not completed`],
    [bare.completed !== bare.jobs, `${bare.jobs - bare.completed} of the floor's jobs are not completed`],
    [jobs.booked !== jobs.jobs || jobs.unbooked > 0, `${jobs.booked} ledger rows for ${jobs.jobs} jobs`],
    [jobs.attempts !== jobs.jobs, `${jobs.attempts} attempts for ${jobs.jobs} jobs`],
    [jobs.held > 0, `${jobs.held} slots are still held`],
    [count !== expected, `the upstream was called ${count} times for ${expected} jobs`],
    [maxInFlight > CONCURRENCY, `${maxInFlight} calls were in flight, and the cap was ${CONCURRENCY}`],
  ].flatMap(([isFault, what]) => (isFault ? [what] : []));
  if (faults.length > 0) throw new Refusal(`The run is void: ${faults.join('; ')}.`);
  return {
    jobs: jobs.jobs,
    ledgerRows: jobs.booked,
    upstreamCalls: count,
    maxInFlight,
    claimsRefused: jobs.refused,
  };
}
