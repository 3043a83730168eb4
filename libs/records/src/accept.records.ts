import { Decision, GatewayError, nameOf, Target } from '@longhaul/contract';
import { Database, Statement } from './database';
import { JOB_COLUMNS, JobRow } from './job.row';

/** Everything that one accept writes. */
export interface NewJob {
  readonly id: string;
  readonly caller: string;
  readonly type: string;
  readonly model: string;
  readonly input: unknown;
  readonly chain: readonly [Target, ...Target[]];
  readonly decision: Decision;
  readonly maxCalls: number;
  readonly priority: number;
  /** Null = at once. */
  readonly runAt: Date | null;
  readonly deadlineMs: number;
  readonly timeoutMs: number | null;
  readonly fallbackOnRefusal: boolean;
  readonly metadata: Readonly<Record<string, string>>;
  readonly idempotency: IdempotencyKey | null;
  /** The job that this one repeats. */
  readonly retryOf: string | null;
}

/** An `Idempotency-Key`, good for one caller and one route. */
export interface IdempotencyKey {
  /** Method and pattern, e.g. `POST /v1/jobs`. */
  readonly route: string;
  readonly key: string;
  /** SHA-256 of the request's canonical JSON. */
  readonly fingerprint: string;
}

/** How long a key stands for its first request. */
const KEY_LIFE = `interval '24 hours'`;

/**
 * Guarantees: job, decision and idempotency row are there together or not at all; a known key inserts nothing.
 * A key older than its life counts as new. Inputs: $1 id … $16 key, $17 fingerprint, $19 route (all null without a
 * key), $20 the retried job. Returns: the new row, or none.
 */
const ACCEPT: Statement = {
  name: 'accept',
  text: `
    WITH known AS (
      INSERT INTO idempotency_keys AS k (caller, route, key, fingerprint, job_id)
      SELECT $2, $19, $16, $17, $1 WHERE $16::text IS NOT NULL
      ON CONFLICT (caller, route, key) DO UPDATE
        SET fingerprint = EXCLUDED.fingerprint, job_id = EXCLUDED.job_id, created_at = EXCLUDED.created_at
        WHERE k.created_at < clock_timestamp() - ${KEY_LIFE}
      RETURNING job_id
    )
    INSERT INTO jobs (id, caller, type, model, input, chain, decision, provider, target_model, max_calls, priority,
                      ready_at, deadline_at, deadline_ms, timeout_ms, fallback_on_refusal, metadata, retry_of, phase)
    SELECT $1, $2, $3, $4, $5::jsonb, $6::jsonb, $7::jsonb, $8, $9, $10, $11,
           coalesce($12::timestamptz, clock_timestamp()),
           coalesce($12::timestamptz, clock_timestamp()) + $13::bigint * interval '1 millisecond',
           $13::bigint, $14, $15, $18::jsonb, $20,
           CASE WHEN $12::timestamptz > clock_timestamp() THEN 'scheduled' ELSE 'waiting' END
    WHERE $16::text IS NULL OR EXISTS (SELECT 1 FROM known)
    RETURNING ${JOB_COLUMNS}`,
};

/** Inputs: $1 caller, $2 key, $3 route. A statement of its own: the one that found the conflict sees neither row. */
const FIND_BY_KEY: Statement = {
  name: 'find_by_key',
  text: `
    SELECT k.fingerprint, ${JOB_COLUMNS}
    FROM idempotency_keys k JOIN jobs ON jobs.id = k.job_id
    WHERE k.caller = $1 AND k.key = $2 AND k.route = $3 AND k.created_at >= clock_timestamp() - ${KEY_LIFE}`,
};

/** Writes accepted jobs. The queue store is not on this path. */
export class AcceptRecords {
  constructor(private readonly database: Database) {}

  /**
   * Stores a job in one statement. The same key with the same fingerprint answers the first job.
   * @throws GatewayError idempotency_conflict (other body), idempotency_in_flight, store_unavailable
   */
  async accept(job: NewJob): Promise<{ readonly row: JobRow; readonly replayed: boolean }> {
    const [row] = await this.database.run<JobRow>(ACCEPT, this.valuesOf(job));
    if (row) return { row, replayed: false };
    return { row: await this.replay(job), replayed: true };
  }

  /**
   * The job of an earlier request with this key, or null.
   * @throws GatewayError idempotency_conflict (other body), store_unavailable
   */
  async known(caller: string, { key, route, fingerprint }: IdempotencyKey): Promise<JobRow | null> {
    const values = [caller, key, route];
    const [known] = await this.database.run<JobRow & { fingerprint: string }>(FIND_BY_KEY, values);
    if (!known) return null;
    if (known.fingerprint === fingerprint) return known;
    throw new GatewayError(
      'idempotency_conflict',
      `This Idempotency-Key belongs to job ${known.id}, which was sent with another body. Use a new key for a new job.`,
      { param: 'Idempotency-Key', shouldRetry: false },
    );
  }

  private async replay(job: NewJob): Promise<JobRow> {
    const known = job.idempotency === null ? null : await this.known(job.caller, job.idempotency);
    if (!known) {
      throw new GatewayError(
        'idempotency_in_flight',
        'A request with this Idempotency-Key is being accepted right now. Send it again in a second.',
        {
          retryAfterMs: 1000,
        },
      );
    }
    return known;
  }

  private valuesOf(job: NewJob): unknown[] {
    const [first] = job.chain;
    return [
      job.id,
      job.caller,
      job.type,
      job.model === '' ? nameOf(first) : job.model,
      JSON.stringify(job.input),
      JSON.stringify(job.chain),
      JSON.stringify(job.decision),
      first.provider,
      first.model,
      job.maxCalls,
      job.priority,
      job.runAt,
      job.deadlineMs,
      job.timeoutMs,
      job.fallbackOnRefusal,
      job.idempotency?.key ?? null,
      job.idempotency?.fingerprint ?? null,
      JSON.stringify(job.metadata),
      job.idempotency?.route ?? null,
      job.retryOf,
    ];
  }
}
