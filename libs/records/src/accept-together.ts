import { nameOf } from '@longhaul/contract';
import type { NewJob } from './accept.records';
import { Statement } from './database';
import { SUMMARY_COLUMNS } from './job.row';

/**
 * Guarantees: those of `accept`, for several jobs without a key: all of them are there, or none. Each has a time of its
 * own, in their order. Inputs: $1 jobs as JSON. Returns: the new rows.
 */
export const ACCEPT_TOGETHER: Statement = {
  name: 'accept_together',
  text: `
    INSERT INTO jobs (id, caller, type, model, input, chain, decision, provider, target_model, max_calls, priority,
                      ready_at, deadline_at, deadline_ms, timeout_ms, fallback_on_refusal, metadata, retry_of, created_at, phase)
    SELECT id, caller, type, model, input, chain, decision, provider, target_model, max_calls, priority,
           greatest(run_at, clock_timestamp()),
           greatest(run_at, clock_timestamp()) + deadline_ms * interval '1 millisecond',
           deadline_ms, timeout_ms, fallback_on_refusal, metadata, retry_of, clock_timestamp(),
           CASE WHEN run_at > clock_timestamp() THEN 'scheduled' ELSE 'waiting' END
    FROM json_to_recordset($1::json) AS mine (
      id text, caller text, type text, model text, input jsonb, chain jsonb, decision jsonb, provider text,
      target_model text, max_calls int, priority smallint, run_at timestamptz, deadline_ms bigint, timeout_ms int,
      fallback_on_refusal boolean, metadata jsonb, retry_of text
    )
    RETURNING ${SUMMARY_COLUMNS}`,
};

export interface PlainJob {
  readonly id: string;
  readonly text: string;
}

/** One element of what `accept_together` reads. @param input of the job, as JSON */
export function plainJob(job: NewJob, input: string): PlainJob {
  const [first] = job.chain;
  const { id, caller, type, chain, decision, priority, metadata } = job;
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
  });
  return { id, text: `{"input":${input},${others.slice(1)}` };
}

/** What the caller named; a job that named nothing shows its first target. */
export const modelOf = ({ model, chain: [first] }: NewJob): string => (model === '' ? nameOf(first) : model);
