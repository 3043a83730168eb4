import { Statement } from './database';
import { isReadable } from './payloads';
import { startsFrom } from './starts-from';

/** What a provider's headers have said of a limit holds so long: they change with plans, and with the model that was called. */
export const SEEN_HOLDS = `interval '10 minutes'`;

/** The limit in force: the lower one of what is configured and what the provider has said lately. */
const inForce = (limit: string): string =>
  `least(${limit}, CASE WHEN ${limit} IS NOT NULL AND limits_seen_at > statement_timestamp() - ${SEEN_HOLDS} THEN seen_${limit} END)`;

export const dayOf = (moment: string): string => `(${moment} AT TIME ZONE 'UTC')::date`;

/** True of the row of a lane whose claims need a reservation. Read in the claim itself, so that it holds at once everywhere. */
export const HAS_LIMITS = `num_nonnulls(requests_per_minute, tokens_per_minute, tokens_per_day) > 0`;

/** As `ClaimWork` clamps the budget that the provider is told. */
const OUTPUT_TOKENS = `
  least((chain->position->>'maxOutputTokens')::bigint,
        greatest((chain->position->>'minOutputTokens')::bigint,
                 coalesce(output_budget, (decision->'need'->>'outputTokens')::bigint)))`;

/** Estimates are made without a tokenizer. */
const INPUT_TOKENS = `ceil(1.25 * (decision->'need'->>'inputTokens')::numeric)::bigint`;

/** First half of the advisory key; the second is the lane's hash. A lane has one credential at a time. */
const RATE_LOCK = 72_151;

/** One at a time per lane, until the end of the transaction. Inputs: $1 lane. */
const LOCK = `SELECT pg_advisory_xact_lock(${String(RATE_LOCK)}, hashtext($1))`;

/**
 * Guarantees: under LOCK, as a statement of its own, so that its snapshot is younger than the lock: what a lane's
 * credential has reserved in any span of the window never exceeds a limit, whoever claims where. Lock and statement go
 * out together, so that no process that stands still has the lock in its hands. A job that is larger
 * than a limit reserves all of it, and so starts when nothing else has been reserved: alone in its window.
 * Whoever finds no room is first in line (a row of fence 0, which counts for nothing) until it claims, or has not asked
 * for $5; nobody overtakes it, or many small jobs would keep a large one out for ever. What a day has left is not waited
 * for, unless running calls may give it back.
 * What a claim that never came has reserved for the same call is taken over, and its day has paid twice.
 * Inputs: $1 lane, $2 job, $3 ring, $4 window ms, $5 ms for which the first in line need not ask, $6 payloads that can be read.
 * Returns: one row. `unlimited` = the lane has no limits, `none` = nothing to claim for, `newer` = nothing that this process can read, else what became of it.
 */
const TAKE = `
    WITH lane AS MATERIALIZED (
      SELECT coalesce(credential, name) AS credential, ${inForce('requests_per_minute')} AS rpm,
        ${inForce('tokens_per_minute')} AS tpm, tokens_per_day AS tpd
      FROM lanes WHERE name = $1 AND ${HAS_LIMITS}
    ), j AS MATERIALIZED (
      SELECT id, fence + 1 AS fence, least(${INPUT_TOKENS} + ${OUTPUT_TOKENS}, tpm, tpd) AS tokens
      FROM jobs, lane
      WHERE id = $2 AND ring = $3 AND provider = $1 AND ${startsFrom('claim')}
        AND ready_at <= clock_timestamp() AND deadline_at > clock_timestamp() AND cancel_requested_at IS NULL
        AND (lease_owner IS NULL OR lease_until < clock_timestamp()) AND ${isReadable('$6')}
    ), recent AS MATERIALIZED (
      SELECT r.at, r.tokens FROM lane, reservations r
      WHERE r.credential = lane.credential AND r.fence > 0
        AND r.at > statement_timestamp() - $4 * interval '1 millisecond'
        AND (r.job_id <> $2 OR r.fence <> coalesce((SELECT fence FROM j), 0))
    ), used AS MATERIALIZED (
      SELECT count(*) AS requests, coalesce(sum(tokens), 0) AS tokens FROM recent
    ), today AS MATERIALIZED (
      SELECT coalesce((SELECT tokens FROM usage_days u
                       WHERE u.credential = lane.credential AND u.day = ${dayOf('statement_timestamp()')}), 0) AS tokens,
        coalesce((SELECT sum(r.tokens) FROM slots s JOIN reservations r ON r.job_id = s.job_id AND r.fence = s.fence
                  WHERE s.scope = $1 AND ${dayOf('r.at')} = ${dayOf('statement_timestamp()')}), 0) AS running
      FROM lane
    ), first AS MATERIALIZED (
      SELECT r.job_id FROM lane, reservations r, jobs w
      WHERE r.credential = lane.credential AND r.fence = 0 AND r.job_id <> $2
        AND r.at > statement_timestamp() - $5 * interval '1 millisecond'
        AND w.id = r.job_id AND w.provider = $1 AND w.lease_owner IS NULL AND ${startsFrom('claim', 'w.status')}
      LIMIT 1
    ), verdict AS MATERIALIZED (
      SELECT CASE WHEN today.tokens - today.running + j.tokens > lane.tpd THEN 'day'
                  WHEN EXISTS (SELECT 1 FROM first) THEN 'behind'
                  WHEN used.requests + 1 > lane.rpm OR used.tokens + j.tokens > lane.tpm
                    OR today.tokens + j.tokens > lane.tpd THEN 'full'
                  ELSE 'reserved' END AS answer
      FROM j, lane, used, today
    ), taken AS (
      INSERT INTO reservations (job_id, fence, credential, at, tokens)
      SELECT j.id, CASE answer WHEN 'reserved' THEN j.fence ELSE 0 END, lane.credential, statement_timestamp(), j.tokens
      FROM j, lane, verdict WHERE answer IN ('reserved', 'full')
      ON CONFLICT (job_id, fence) DO UPDATE SET credential = EXCLUDED.credential, at = EXCLUDED.at, tokens = EXCLUDED.tokens
    ), counted AS (
      INSERT INTO usage_days (credential, day, tokens)
      SELECT lane.credential, ${dayOf('statement_timestamp()')}, j.tokens FROM j, lane, verdict WHERE answer = 'reserved'
      ON CONFLICT (credential, day) DO UPDATE SET tokens = usage_days.tokens + EXCLUDED.tokens
    ), left_line AS (
      DELETE FROM reservations USING verdict WHERE job_id = $2 AND fence = 0 AND answer = 'reserved'
    )
    SELECT CASE WHEN lane.credential IS NULL THEN 'unlimited' ELSE coalesce(verdict.answer,
        (SELECT 'newer' FROM jobs WHERE id = $2 AND ring = $3 AND ${startsFrom('claim')} AND NOT ${isReadable('$6')}), 'none') END AS answer,
      (SELECT fence FROM j) AS fence,
      CASE verdict.answer WHEN 'full' THEN $2 WHEN 'behind' THEN (SELECT job_id FROM first) END AS first,
      CASE WHEN verdict.answer = 'full' THEN (
        SELECT (extract(epoch FROM at - statement_timestamp()) * 1000 + $4)::float8
        FROM (SELECT at, sum(tokens) OVER (ORDER BY at) AS freed, count(*) OVER (ORDER BY at) AS gone FROM recent) r, used, j
        WHERE (lane.rpm IS NULL OR used.requests - gone + 1 <= lane.rpm)
          AND (lane.tpm IS NULL OR used.tokens - freed + j.tokens <= lane.tpm)
        ORDER BY at LIMIT 1) END AS "afterMs",
      CASE WHEN verdict.answer = 'day'
           THEN (${dayOf('statement_timestamp()')} + 1)::timestamp AT TIME ZONE 'UTC' END AS until
    FROM (SELECT 1) one LEFT JOIN lane ON true LEFT JOIN verdict ON true`;

/** Two statements, with the inputs of the second. */
export const RESERVE: Statement = { name: 'reserve', text: `${LOCK}; ${TAKE}` };

/** Guarantees: takes a reservation away, and its tokens from its day; a second time nothing. Inputs: $1 job, $2 fence. */
export const UNRESERVE: Statement = {
  name: 'unreserve',
  text: `
    WITH gone AS (
      DELETE FROM reservations WHERE job_id = $1 AND fence = $2 RETURNING credential, at, tokens
    )
    UPDATE usage_days u SET tokens = greatest(0, u.tokens - gone.tokens)
    FROM gone WHERE u.credential = gone.credential AND u.day = ${dayOf('gone.at')}`,
};

/**
 * Guarantees: the reservation holds what the call has used, and the day of the reservation the difference; the same
 * again changes nothing. Inputs: $1 job, $2 fence, $3 tokens.
 */
export const SETTLE_RATE: Statement = {
  name: 'settle_rate',
  text: `
    WITH before AS MATERIALIZED (
      SELECT credential, at, tokens FROM reservations WHERE job_id = $1 AND fence = $2 FOR UPDATE
    ), settled AS (
      UPDATE reservations SET tokens = $3::bigint WHERE job_id = $1 AND fence = $2
    )
    UPDATE usage_days u SET tokens = greatest(0, u.tokens + $3::bigint - before.tokens)
    FROM before WHERE u.credential = before.credential AND u.day = ${dayOf('before.at')}`,
};

/**
 * Guarantees: the lowest that a provider has lately said of a limit, where it is below the configured one, is kept; a
 * higher word counts once that is forgotten, since it may be about another model. Written when it changes, or once a
 * minute. Inputs: $1 lane, $2 requests, $3 tokens, each per minute or null.
 */
export const SEE_LIMITS: Statement = {
  name: 'see_limits',
  text: `
    WITH said AS MATERIALIZED (
      SELECT name, CASE WHEN $2::int < requests_per_minute THEN $2::int END AS requests,
        CASE WHEN $3::bigint < tokens_per_minute THEN $3::bigint END AS tokens,
        CASE WHEN limits_seen_at > statement_timestamp() - ${SEEN_HOLDS} THEN seen_requests_per_minute END AS known_requests,
        CASE WHEN limits_seen_at > statement_timestamp() - ${SEEN_HOLDS} THEN seen_tokens_per_minute END AS known_tokens
      FROM lanes WHERE name = $1
    )
    UPDATE lanes SET limits_seen_at = statement_timestamp(),
      seen_requests_per_minute = least(said.requests, said.known_requests),
      seen_tokens_per_minute = least(said.tokens, said.known_tokens)
    FROM said
    WHERE lanes.name = said.name AND num_nonnulls(said.requests, said.tokens) > 0
      AND (limits_seen_at > statement_timestamp() - interval '1 minute' IS NOT TRUE
        OR (least(said.requests, said.known_requests), least(said.tokens, said.known_tokens))
           IS DISTINCT FROM (said.known_requests, said.known_tokens))`,
};

/**
 * Guarantees: this model is not called until then. Most providers count each model for itself, and one that counts the
 * key says the same of the next model that is called. It is no strike: what comes after is no probe.
 * Inputs: $1 the target as `<provider>/<model>`, $2 ms.
 */
export const PACE: Statement = {
  name: 'pace',
  text: `
    INSERT INTO cooldowns (scope, until, code, strikes)
    VALUES ('target:' || $1, clock_timestamp() + $2 * interval '1 millisecond', 'rate_limited', 0)
    ON CONFLICT (scope) DO UPDATE SET until = EXCLUDED.until, code = EXCLUDED.code
    WHERE cooldowns.until < EXCLUDED.until`,
};

/** Reservations are read for a window, and by their own call while it runs. Inputs: $1 most rows. Returns: the deleted. */
export const PURGE_RATES: Statement = {
  name: 'purge_rates',
  text: `
    WITH days AS (
      DELETE FROM usage_days WHERE day < ${dayOf('statement_timestamp()')} - 35
    )
    DELETE FROM reservations WHERE (job_id, fence) IN (
      SELECT job_id, fence FROM reservations WHERE at < statement_timestamp() - interval '1 day' LIMIT $1
    ) RETURNING fence`,
};
