import { scopesIn } from './circuit.records';
import { Statement } from './database';
import { startsFrom } from './starts-from';

/**
 * Ends several jobs with their answers: the plain ones, each held by its worker and on its first claim, with no cancel
 * asked for. What it passes over is no answer: `settle` has to be asked for that job.
 * Guarantees: those of `settle`, for each job it returns. A first claim has no other ledger row, so its cost is the
 * job's; a held job stands on the target of its claim. Waits for no job's lock, and locks jobs before slots.
 * The job is looked up in a subquery of its own: joined plainly, a plan made while the table was empty would read all of it.
 * Inputs: $1 settlements as JSON. Returns: the settled, with their place in $1, and their status.
 */
export const SETTLE_TOGETHER: Statement = {
  name: 'settle_together',
  text: `
    WITH mine AS MATERIALIZED (
      SELECT * FROM ROWS FROM (json_to_recordset($1::json) AS (
        id text, fence bigint, status text, output jsonb, reason text, usage jsonb, nano_usd bigint, price jsonb,
        call text, attempt text, call_phase text, upstream_status int, upstream_request_id text, first_token_ms int,
        warm text, worker text, adjustments jsonb
      )) WITH ORDINALITY AS m (
        id, fence, status, output, reason, usage, nano_usd, price, call, attempt, call_phase, upstream_status,
        upstream_request_id, first_token_ms, warm, worker, adjustments, place
      )
    ), held AS MATERIALIZED (
      SELECT mine.*
      FROM mine, LATERAL (
        SELECT fence, status, lease_owner, attempts, cancel_requested_at FROM jobs
        WHERE id = mine.id FOR NO KEY UPDATE SKIP LOCKED
      ) j
      WHERE j.fence = mine.fence AND ${startsFrom('answer', 'j.status')} AND j.lease_owner = mine.worker AND j.attempts = 1
        AND j.cancel_requested_at IS NULL
    ), c AS (
      UPDATE jobs SET status = held.status, phase = NULL, progress = NULL, output = held.output, error = NULL,
        incomplete_reason = held.reason, usage = held.usage, cost_nano_usd = held.nano_usd,
        completed_at = clock_timestamp(), rung_at = NULL, lease_owner = NULL, lease_until = NULL
      FROM held WHERE jobs.id = held.id
      RETURNING jobs.caller, jobs.provider, jobs.target_model, held.*
    ), a AS (
      UPDATE attempts t SET status = c.attempt, code = NULL, message = NULL, call_phase = c.call_phase,
        upstream_status = c.upstream_status, upstream_request_id = c.upstream_request_id,
        first_token_ms = c.first_token_ms, adjustments = c.adjustments, ended_at = clock_timestamp()
      FROM c WHERE t.job_id = c.id AND t.fence = c.fence
    ), l AS (
      INSERT INTO ledger (job_id, fence, caller, provider, model, call, usage, price, nano_usd)
      SELECT id, fence, caller, provider, target_model, call, usage, price, nano_usd FROM c
    ), s AS (
      UPDATE slots t SET lane = NULL, job_id = NULL, fence = NULL, lease_until = NULL
      FROM c WHERE t.job_id = c.id AND t.fence = c.fence
    ), warm AS MATERIALIZED (
      SELECT scope FROM cooldowns
      WHERE strikes > 0 AND until <= clock_timestamp() AND scope = ANY (ARRAY(
        SELECT unnest(ARRAY[${scopesIn('c.provider', 'c.target_model', 'l.credential')}])
        FROM c LEFT JOIN lanes l ON l.name = c.provider WHERE c.warm IS NOT NULL))
      ORDER BY scope FOR NO KEY UPDATE
    ), warmed AS (
      UPDATE cooldowns SET strikes = 0, probe_job = NULL, probe_fence = NULL FROM warm WHERE cooldowns.scope = warm.scope
    )
    SELECT place::int, status FROM c`,
};
