import { nameOf } from '@longhaul/contract';
import type { NewJob } from './accept.records';
import { Statement } from './database';
import { SUMMARY_COLUMNS } from './job.row';
import { KEY_LIFE, TWIN_PATIENCE } from './key-life';

/** What an accept writes; the values below are in this order. */
export const ACCEPTED_COLUMNS = `id, caller, type, model, input, chain, decision, provider, target_model, max_calls,
                      priority, ready_at, deadline_at, deadline_ms, timeout_ms, fallback_on_refusal, metadata, retry_of,
                      ttl_ms, payload_version, created_at, phase`;

/** The same out of `mine`: each job has a time of its own, in their order. */
const VALUES = `id, caller, type, model, input, chain, decision, provider, target_model, max_calls, priority,
           greatest(run_at, clock_timestamp()),
           greatest(run_at, clock_timestamp()) + deadline_ms * interval '1 millisecond',
           deadline_ms, timeout_ms, fallback_on_refusal, metadata, retry_of, ttl_ms, payload_version, clock_timestamp(),
           CASE WHEN run_at > clock_timestamp() THEN 'scheduled' ELSE 'waiting' END`;

const FIELDS = `
      id text, caller text, type text, model text, input jsonb, chain jsonb, decision jsonb, provider text,
      target_model text, max_calls int, priority smallint, run_at timestamptz, deadline_ms bigint, timeout_ms int,
      fallback_on_refusal boolean, metadata jsonb, retry_of text, ttl_ms bigint, payload_version smallint`;

/**
 * Guarantees: those of `accept`, for several jobs without a key: all of them are there, or none. Each has a time of its
 * own, in their order. Inputs: $1 jobs as JSON. Returns: the new rows.
 */
export const ACCEPT_TOGETHER: Statement = {
  name: 'accept_together',
  text: `
    INSERT INTO jobs (${ACCEPTED_COLUMNS})
    SELECT ${VALUES}
    FROM json_to_recordset($1::json) AS mine (${FIELDS})
    RETURNING ${SUMMARY_COLUMNS}`,
};

/**
 * Guarantees: those of `accept`, for several jobs with keys or without: the new ones are there with their keys, or
 * none of them; a key that is known inserts nothing. No key may stand twice in it. Said again after an unknown outcome it
 * waits for the first one to end and makes no second row. Keys are locked in one order, whoever sends them.
 * Inputs: $1 jobs as JSON. Returns: the new rows.
 */
export const ACCEPT_BULK: Statement = {
  name: 'accept_bulk',
  text: `
    WITH mine AS MATERIALIZED (
      SELECT * FROM json_to_recordset($1::json) AS m (${FIELDS},
      key_route text, key text, fingerprint text)
    ), known AS (
      INSERT INTO idempotency_keys AS k (caller, route, key, fingerprint, job_id)
      SELECT caller, key_route, key, fingerprint, id FROM mine
      WHERE key IS NOT NULL AND set_config('lock_timeout', '${TWIN_PATIENCE}', true) <> ''
      ORDER BY caller, key_route, key
      ON CONFLICT (caller, route, key) DO UPDATE
        SET fingerprint = EXCLUDED.fingerprint, job_id = EXCLUDED.job_id, created_at = EXCLUDED.created_at
        WHERE k.created_at < clock_timestamp() - ${KEY_LIFE}
      RETURNING job_id
    )
    INSERT INTO jobs (${ACCEPTED_COLUMNS})
    SELECT ${VALUES}
    FROM mine WHERE key IS NULL OR id IN (SELECT job_id FROM known)
    ON CONFLICT (id) DO NOTHING
    RETURNING ${SUMMARY_COLUMNS}`,
};

export interface PlainJob {
  readonly id: string;
  readonly text: string;
}

/** One element of what `accept_together` and `accept_bulk` read. @param input of the job, as JSON */
export function plainJob(job: NewJob, input: string): PlainJob {
  const [first] = job.chain;
  const { id, caller, type, chain, decision, priority, metadata, idempotency } = job;
  const others = JSON.stringify({
    ...{ id, caller, type, chain, decision, priority, metadata },
    model: modelOf(job),
    provider: first.provider,
    target_model: first.model,
    max_calls: job.maxCalls,
    run_at: job.runAt,
    deadline_ms: job.deadlineMs,
    timeout_ms: job.timeoutMs,
    fallback_on_refusal: job.fallbackOnRefusal,
    retry_of: job.retryOf,
    ttl_ms: job.ttlMs,
    payload_version: payloadVersionOf(job),
    ...(idempotency && {
      key_route: idempotency.route,
      key: idempotency.key,
      fingerprint: idempotency.fingerprint,
    }),
  });
  return { id, text: `{"input":${input},${others.slice(1)}` };
}

/** What `accept_together` and `accept_bulk` read. */
export const listOf = (jobs: readonly PlainJob[]): string => `[${jobs.map(({ text }) => text).join(',')}]`;

export const payloadVersionOf = ({ payloadVersion = 1 }: NewJob): number => payloadVersion;

/** What the caller named; a job that named nothing shows its first target. */
export const modelOf = ({ model, chain: [first] }: NewJob): string => (model === '' ? nameOf(first) : model);
