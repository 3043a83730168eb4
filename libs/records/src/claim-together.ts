import { scopesIn } from './circuit.records';
import { Statement } from './database';
import { JOB_COLUMNS } from './job.row';
import { DEATHS_UNTIL_POISON } from './last-chance';
import { isReadable } from './payloads';
import { startsFrom } from './starts-from';
import { wantsTotal } from './total-share';

/**
 * Claims the plain ones of several tickets of one lane: jobs that nobody holds and that are not on their last chance, in a lane where no circuit of
 * theirs is open or half-open, that has no limits, and no other lane waits for a total slot. What it passes over is no answer: `claim` has to be asked for that job.
 * Guarantees: those of `claim`, for each job it returns. Each takes one free slot of the provider and one of `*`, both
 * with n ≤ cap, or nothing; the attempt row is there before the caller can send a byte. A ticket that comes twice is
 * claimed once. Waits for no lock, and so takes part in no deadlock.
 * The job is looked up in a subquery of its own: joined plainly, a plan made while the table was empty would read all of it.
 * Inputs: $1 lane, $2 ids, $3 rings, $4 workers, $5 lease ms each, $6 yield ms, $7 payloads that can be read. Returns: the claimed, with their place in $2.
 */
export const CLAIM_TOGETHER: Statement = {
  name: 'claim_together',
  text: `
    WITH lane AS MATERIALIZED (
      SELECT coalesce(l.override_cap, l.cap) AS cap, coalesce(t.override_cap, t.cap) AS total_cap,
        l.credential, ARRAY(SELECT scope FROM cooldowns WHERE until > clock_timestamp() OR strikes > 0) AS circuits
      FROM lanes l, lanes t
      WHERE l.name = $1 AND t.name = '*' AND l.wants_total_at IS NULL
        AND num_nonnulls(l.requests_per_minute, l.tokens_per_minute, l.tokens_per_day) = 0 AND NOT EXISTS (
        SELECT 1 FROM lanes o
        WHERE o.name NOT IN ('*', $1) AND ${wantsTotal('$6')})
    ), free AS MATERIALIZED (
      SELECT j.id, mine.place, mine.worker, mine.lease_ms
      FROM unnest($2::text[], $3::int[], $4::text[], $5::float8[]) WITH ORDINALITY AS mine (id, ring, worker, lease_ms, place),
      LATERAL (
        SELECT id, type, payload_version, ring, status, provider, target_model, ready_at, deadline_at, cancel_requested_at, deaths FROM jobs
        WHERE id = mine.id AND coalesce(lease_owner, '') = '' FOR NO KEY UPDATE SKIP LOCKED
      ) j, lane
      WHERE j.ring = mine.ring AND ${startsFrom('claim', 'j.status')} AND j.provider = $1 AND lane.cap > 0
        AND j.ready_at <= clock_timestamp() AND j.deadline_at > clock_timestamp() AND j.cancel_requested_at IS NULL
        AND ${isReadable('$7', 'j')} AND j.deaths < ${String(DEATHS_UNTIL_POISON - 1)}
        AND NOT (lane.circuits && ARRAY[${scopesIn('$1', 'j.target_model', 'lane.credential')}])
    ), ps AS MATERIALIZED (
      SELECT s.n FROM slots s
      WHERE s.scope = $1 AND s.job_id IS NULL AND s.n <= (SELECT cap FROM lane)
      ORDER BY s.n LIMIT (SELECT count(*) FROM free) FOR NO KEY UPDATE SKIP LOCKED
    ), ts AS MATERIALIZED (
      SELECT s.n FROM slots s
      WHERE s.scope = '*' AND s.job_id IS NULL AND s.n <= (SELECT total_cap FROM lane)
      ORDER BY s.n LIMIT (SELECT count(*) FROM ps) FOR NO KEY UPDATE SKIP LOCKED
    ), pairs AS MATERIALIZED (
      SELECT f.*, p.n AS provider_slot, t.n AS total_slot
      FROM (SELECT *, row_number() OVER (ORDER BY place) AS k FROM free) f
      JOIN (SELECT n, row_number() OVER (ORDER BY n) AS k FROM ps) p USING (k)
      JOIN (SELECT n, row_number() OVER (ORDER BY n) AS k FROM ts) t USING (k)
    ), took AS (
      UPDATE jobs SET status = 'in_progress', phase = 'running', progress = NULL, fence = jobs.fence + 1, lease_owner = pairs.worker,
        lease_until = clock_timestamp() + pairs.lease_ms * interval '1 millisecond', attempts = jobs.attempts + 1,
        started_at = coalesce(jobs.started_at, clock_timestamp())
      FROM pairs WHERE jobs.id = pairs.id
      RETURNING ${JOB_COLUMNS}, pairs.place, pairs.provider_slot, pairs.total_slot
    ), slots_taken AS (
      UPDATE slots s SET lane = $1, job_id = t.id, fence = t.fence, lease_until = t."leaseUntil"
      FROM (
        SELECT $1 AS scope, provider_slot AS n, id, fence, "leaseUntil" FROM took
        UNION ALL SELECT '*', total_slot, id, fence, "leaseUntil" FROM took
      ) t WHERE s.scope = t.scope AND s.n = t.n
    ), opened AS (
      INSERT INTO attempts (job_id, fence, number, lane, model, ring, worker, started_at)
      SELECT id, fence, attempts, provider, "targetModel", ring, "leaseOwner", clock_timestamp() FROM took
      RETURNING job_id, started_at
    )
    SELECT (extract(epoch FROM took."deadlineAt" - opened.started_at) * 1000)::float8 AS "msToDeadline", took.*
    FROM took JOIN opened ON opened.job_id = took.id`,
};
