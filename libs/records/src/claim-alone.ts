import { PROBE_IS_HELD, scopesIn } from './circuit.records';
import { Statement } from './database';
import { JOB_COLUMNS } from './job.row';
import { othersToBlame } from './last-chance';
import { isReadable } from './payloads';
import { HAS_LIMITS } from './reserve';
import { startsFrom } from './starts-from';
import { whyStale } from './stale';
import { wantsTotal } from './total-share';

/** A lane with limits answers nobody else. */
const IS_UNRESERVED = `
  EXISTS (SELECT 1 FROM lanes WHERE name = jobs.provider AND ${HAS_LIMITS})
  AND NOT EXISTS (SELECT 1 FROM reservations r WHERE r.job_id = jobs.id AND r.fence = jobs.fence + 1
                  AND r.at > clock_timestamp() - $8 * interval '1 millisecond')`;

/** When the claim that is taken over began. */
const SINCE = '(SELECT a.started_at FROM attempts a WHERE a.job_id = jobs.id AND a.fence = jobs.fence)';

/**
 * Guarantees: a job has at most one claim; a claim holds one slot of its provider and one of `*`, both with n ≤ cap,
 * or nothing is taken at all; the attempt row is there before the caller can send a byte. Locks the job, then circuits
 * by their scope, then slots. A half-open circuit has at most one claim: its row must be, once locked, what the snapshot
 * has shown, since in an older snapshot the claim of another probe looks as if it were over.
 * Over an expired lease it closes the old attempt as `worker_lost`, books its call as `unknown` and counts a death.
 * In a lane with limits it takes nothing, and writes nothing, without a reservation for this claim.
 * Keys are parameters where they can be, so that a store without statistics is not read from end to end.
 * A status outside queued/in_progress, another ring, a future ready_at, a live lease: `stale`. A payload that this process
 * cannot read: `newer`, and the job is not touched.
 * Inputs: $1 id, $2 ring, $3 worker, $4 lease ms, $5 may take over until, $6 yield ms, $7 deaths that are too many, $8 how old in ms
 * a reservation may be, $9 payloads that can be read.
 */
export const CLAIM_ALONE: Statement = {
  name: 'claim',
  text: `
    WITH j AS MATERIALIZED (
      SELECT id, provider, target_model, fence, lease_owner IS NOT NULL AS taken_over, deaths,
        (lease_owner IS NOT NULL AND NOT ${othersToBlame({ job: 'jobs.id', worker: 'jobs.lease_owner', since: SINCE }, '$7')})::int AS charged,
        (SELECT credential FROM lanes WHERE name = provider) AS credential
      FROM jobs
      WHERE id = $1 AND ring = $2 AND ${startsFrom('claim')}
        AND ready_at <= clock_timestamp() AND deadline_at > clock_timestamp() AND cancel_requested_at IS NULL
        AND (lease_owner IS NULL OR ($5::timestamptz > clock_timestamp() AND lease_until < clock_timestamp()
             AND deaths + 1 < $7 AND attempts < max_calls))
        AND ${isReadable('$9')} AND NOT (${IS_UNRESERVED})
      FOR NO KEY UPDATE
    ), circuits AS MATERIALIZED (
      SELECT c.*, c.until > clock_timestamp() AS open, c.probe_job <> j.id AND ${PROBE_IS_HELD} AS probed
      FROM cooldowns c, j
      WHERE (c.until > clock_timestamp() OR c.strikes > 0)
        AND c.scope IN (${scopesIn('j.provider', 'j.target_model', 'j.credential')})
    ), bar AS MATERIALIZED (
      SELECT max(until) AS until FROM (
        SELECT until FROM circuits WHERE open
        UNION ALL
        SELECT 'infinity'::timestamptz FROM lanes, j WHERE name = provider AND coalesce(override_cap, lanes.cap) = 0
      ) bars
    ), half_open AS MATERIALIZED (
      SELECT c.scope FROM cooldowns c JOIN circuits seen USING (scope)
      WHERE (SELECT until FROM bar) IS NULL AND seen.probed IS NOT TRUE
        AND (c.until, c.strikes) = (seen.until, seen.strikes)
        AND (c.probe_job, c.probe_fence) IS NOT DISTINCT FROM (seen.probe_job, seen.probe_fence)
      ORDER BY c.scope FOR NO KEY UPDATE OF c
    ), probing AS MATERIALIZED (
      SELECT (SELECT until FROM bar) IS NULL AND (SELECT count(*) FROM circuits) > (SELECT count(*) FROM half_open) AS yes
    ), spared AS MATERIALIZED (
      SELECT NOT $10 AND EXISTS (SELECT 1 FROM j WHERE deaths + charged >= $7 - 1) AS yes
    ), ps AS MATERIALIZED (
      SELECT s.n FROM slots s
      WHERE s.scope = (SELECT provider FROM j) AND (SELECT until FROM bar) IS NULL AND NOT (SELECT yes FROM probing)
        AND NOT (SELECT yes FROM spared)
        AND s.n <= (SELECT coalesce(override_cap, cap) FROM lanes WHERE name = (SELECT provider FROM j))
        AND (s.job_id IS NULL OR ($5::timestamptz > clock_timestamp() AND s.lease_until < clock_timestamp()))
      ORDER BY s.n LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
    ), held AS MATERIALIZED (
      SELECT lane, count(*) AS n FROM slots WHERE scope = '*' AND job_id IS NOT NULL GROUP BY lane
    ), yields AS MATERIALIZED (
      SELECT EXISTS (
        SELECT 1 FROM lanes o, j
        WHERE o.name NOT IN ('*', j.provider) AND ${wantsTotal('$6')}
          AND coalesce((SELECT n FROM held WHERE lane = o.name), 0) < coalesce((SELECT n FROM held WHERE lane = j.provider), 0)
      ) AS yes
    ), ts AS MATERIALIZED (
      SELECT s.n FROM slots s
      WHERE s.scope = '*' AND EXISTS (SELECT 1 FROM ps) AND NOT (SELECT yes FROM yields)
        AND s.n <= (SELECT coalesce(override_cap, cap) FROM lanes WHERE name = '*')
        AND (s.job_id IS NULL OR ($5::timestamptz > clock_timestamp() AND s.lease_until < clock_timestamp()))
      ORDER BY s.n LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
    ), took AS (
      UPDATE jobs SET status = 'in_progress', phase = 'running', progress = NULL, fence = jobs.fence + 1, lease_owner = $3,
        lease_until = clock_timestamp() + $4 * interval '1 millisecond', attempts = jobs.attempts + 1,
        deaths = jobs.deaths + j.charged, started_at = coalesce(jobs.started_at, clock_timestamp())
      FROM j, ps, ts WHERE jobs.id = j.id
      RETURNING ${JOB_COLUMNS}, j.taken_over, j.fence AS old_fence, ps.n AS provider_slot, ts.n AS total_slot
    ), probes AS (
      UPDATE cooldowns c SET probe_job = t.id, probe_fence = t.fence FROM took t, half_open WHERE c.scope = half_open.scope
    ), put_back AS (
      UPDATE jobs SET rung_at = NULL, ring = jobs.ring + 1
      FROM j WHERE jobs.id = j.id AND NOT j.taken_over AND (SELECT yes FROM probing)
    ), slots_taken AS (
      UPDATE slots s SET lane = t.provider, job_id = t.id, fence = t.fence, lease_until = t."leaseUntil"
      FROM took t WHERE (s.scope, s.n) IN ((t.provider, t.provider_slot), ('*', t.total_slot))
    ), slots_left AS (
      UPDATE slots s SET lane = NULL, job_id = NULL, fence = NULL, lease_until = NULL
      FROM took t WHERE t.taken_over AND s.job_id = $1 AND s.fence = t.old_fence
        AND (s.scope, s.n) NOT IN ((t.provider, t.provider_slot), ('*', t.total_slot))
    ), lost AS (
      UPDATE attempts a SET status = 'failed', code = 'worker_lost', ended_at = clock_timestamp(),
        message = 'The worker died or was cut off; its lease ran out and another worker took the job over.'
      FROM took t WHERE t.taken_over AND a.job_id = $1 AND a.fence = t.old_fence AND a.status = 'running'
      RETURNING a.job_id, a.fence, a.lane, a.model
    ), booked AS (
      INSERT INTO ledger (job_id, fence, caller, provider, model, call)
      SELECT l.job_id, l.fence, t.caller, l.lane, l.model, 'unknown' FROM lost l, took t
      ON CONFLICT (job_id, fence) DO NOTHING
    ), opened AS (
      INSERT INTO attempts (job_id, fence, number, lane, model, ring, worker, started_at)
      SELECT id, fence, attempts, provider, "targetModel", ring, $3, clock_timestamp() FROM took
      RETURNING started_at
    ), stamped AS (
      UPDATE lanes SET refused = lanes.refused + (NOT EXISTS (SELECT 1 FROM took))::int,
        wants_total_at = CASE WHEN EXISTS (SELECT 1 FROM took) THEN NULL
                              WHEN EXISTS (SELECT 1 FROM ps) THEN clock_timestamp() ELSE lanes.wants_total_at END
      FROM j WHERE lanes.name = j.provider AND (SELECT until FROM bar) IS NULL AND NOT (SELECT yes FROM probing) AND NOT (SELECT yes FROM spared)
        AND (lanes.wants_total_at IS NOT NULL OR NOT EXISTS (SELECT 1 FROM took))
    )
    SELECT CASE WHEN took.id IS NOT NULL THEN 'claimed'
                WHEN NOT EXISTS (SELECT 1 FROM j) THEN CASE
                  WHEN EXISTS (SELECT 1 FROM jobs WHERE id = $1 AND ring = $2 AND ${startsFrom('claim')} AND NOT ${isReadable('$9')}) THEN 'newer'
                  WHEN EXISTS (SELECT 1 FROM jobs WHERE id = $1 AND ring = $2 AND ${IS_UNRESERVED}) THEN 'unreserved' ELSE 'stale' END
                WHEN (SELECT until FROM bar) IS NOT NULL THEN 'barred'
                WHEN (SELECT yes FROM probing) THEN 'probing'
                WHEN (SELECT yes FROM spared) THEN 'last_chance'
                WHEN NOT EXISTS (SELECT 1 FROM ps) THEN 'full_provider' ELSE 'full_total' END AS answer,
           CASE WHEN NOT EXISTS (SELECT 1 FROM j) THEN ${whyStale('$1', '$2')} END AS why,
           (SELECT CASE WHEN isfinite(until) THEN until END FROM bar) AS until, EXISTS (SELECT 1 FROM half_open) AS probe,
           (extract(epoch FROM took."deadlineAt" - opened.started_at) * 1000)::float8 AS "msToDeadline", took.*
    FROM (SELECT 1) one LEFT JOIN took ON true LEFT JOIN opened ON true`,
};
