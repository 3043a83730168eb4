import { Decision, Target } from '@longhaul/contract';
import { AcceptAgain } from './accept-again';
import {
  ACCEPT_TOGETHER,
  ACCEPTED_COLUMNS,
  listOf,
  modelOf,
  payloadVersionOf,
  PlainJob,
  plainJob,
} from './accept-together';
import { Database, Statement } from './database';
import { Gathering, MOST_TOGETHER_CHARACTERS, notTogether, TOGETHER } from './gathering';
import { JobSummary, RetriedJob, SUMMARY_COLUMNS } from './job.row';
import { conflict, deleted, explainTwin, inFlight, KEY_LIFE, TWIN_PATIENCE } from './key-life';

/** Everything that one accept writes. */
export interface NewJob {
  readonly id: string;
  readonly caller: string;
  readonly type: string;
  readonly model: string;
  readonly input: unknown;
  /** Which reading of `input` a worker must know to run the job. Default: 1. */
  readonly payloadVersion?: number;
  readonly chain: readonly [Target, ...Target[]];
  readonly decision: Decision;
  readonly maxCalls: number;
  readonly priority: number;
  /** Null = at once. */
  readonly runAt: Date | null;
  readonly deadlineMs: number;
  readonly timeoutMs: number | null;
  readonly fallbackOnRefusal: boolean;
  /** How long the job is kept after its end; null = as long as the settings say. */
  readonly ttlMs: number | null;
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

/** Rows of one round: few enough that nobody waits for them. */
const OLD_KEYS_AT_ONCE = 1000;

/**
 * Guarantees: job, decision and idempotency row are there together or not at all; a known key inserts nothing.
 * A key older than its life counts as new. A time that has passed counts as now (`greatest` passes over null), or it
 * would take from the deadline and push in front of its lane. `created_at` is the time of the insert and not of the
 * request: lists go by it. Of two first requests with one key the second waits for the first, at most
 * TWIN_PATIENCE (then SQLSTATE 55P03). Inputs: $1 id … $16 key, $17 fingerprint, $19 route (all null without a key),
 * $20 the retried job, $21 its time to live, $22 payload version. Returns: the new row, or none.
 */
const ACCEPT: Statement = {
  name: 'accept',
  text: `
    WITH known AS (
      INSERT INTO idempotency_keys AS k (caller, route, key, fingerprint, job_id)
      SELECT $2, $19, $16, $17, $1
      WHERE $16::text IS NOT NULL AND set_config('lock_timeout', '${TWIN_PATIENCE}', true) <> ''
      ON CONFLICT (caller, route, key) DO UPDATE
        SET fingerprint = EXCLUDED.fingerprint, job_id = EXCLUDED.job_id, created_at = EXCLUDED.created_at
        WHERE k.created_at < clock_timestamp() - ${KEY_LIFE}
      RETURNING job_id
    )
    INSERT INTO jobs (${ACCEPTED_COLUMNS})
    SELECT $1, $2, $3, $4, $5::jsonb, $6::jsonb, $7::jsonb, $8, $9, $10, $11,
           greatest($12::timestamptz, clock_timestamp()),
           greatest($12::timestamptz, clock_timestamp()) + $13::bigint * interval '1 millisecond',
           $13::bigint, $14, $15, $18::jsonb, $20, $21, $22, clock_timestamp(),
           CASE WHEN $12::timestamptz > clock_timestamp() THEN 'scheduled' ELSE 'waiting' END
    WHERE $16::text IS NULL OR EXISTS (SELECT 1 FROM known)
    RETURNING ${SUMMARY_COLUMNS}`,
};

/**
 * A statement of its own: the one that found the conflict sees neither row. Inputs: $1 caller, $2 key, $3 route.
 * Returns: the key's row with its job; the job's columns are null when it was deleted.
 */
const FIND_BY_KEY: Statement = {
  name: 'find_by_key',
  text: `
    SELECT k.fingerprint, k.job_id AS "keyedId", ${SUMMARY_COLUMNS}
    FROM idempotency_keys k LEFT JOIN jobs ON jobs.id = k.job_id
    WHERE k.caller = $1 AND k.key = $2 AND k.route = $3 AND k.created_at >= clock_timestamp() - ${KEY_LIFE}`,
};

type KeyedRow = { readonly fingerprint: string; readonly keyedId: string } & (
  JobSummary | { readonly [Column in keyof JobSummary]: null }
);

/** Inputs: $1 id, $2 caller. Returns: what a retry repeats, or none. */
const FIND_RETRIED: Statement = {
  name: 'find_retried',
  text: `
    SELECT type, model, input, decision, priority, deadline_ms AS "deadlineMs", timeout_ms AS "timeoutMs",
           fallback_on_refusal AS "fallbackOnRefusal", ttl_ms AS "ttlMs", metadata,
           payload_version AS "payloadVersion"
    FROM jobs WHERE id = $1 AND caller = $2`,
};

/**
 * Guarantees: deletes keys whose life is over, the oldest first, at most $1 of them; a key that is being taken into use
 * again is left alone. `now()` and not `clock_timestamp()`: only a stable bound is looked up in the index.
 */
const DELETE_OLD_KEYS: Statement = {
  name: 'delete_old_keys',
  text: `
    WITH old AS (
      SELECT caller, route, key FROM idempotency_keys WHERE created_at < now() - ${KEY_LIFE}
      ORDER BY created_at LIMIT $1 FOR UPDATE SKIP LOCKED
    )
    DELETE FROM idempotency_keys k USING old
    WHERE (k.caller, k.route, k.key) = (old.caller, old.route, old.key)
    RETURNING 1`,
};

/** Writes accepted jobs. The queue store is not on this path. */
export class AcceptRecords {
  private readonly plain = new Gathering((jobs: readonly PlainJob[]) => this.insertTogether(jobs), TOGETHER);
  private readonly again: AcceptAgain;

  /** @param now monotonic milliseconds */
  constructor(
    private readonly database: Database,
    now: () => number = () => performance.now(),
  ) {
    this.again = new AcceptAgain(database, now);
  }

  /**
   * Stores a job in one statement, together with others of the same moment if it has no key. The same key with the same fingerprint answers the first job.
   * Of an unknown outcome nobody hears before it is said again.
   * @throws GatewayError idempotency_conflict (other body), idempotency_in_flight, store_unavailable
   */
  async accept(job: NewJob): Promise<{ readonly row: JobSummary; readonly replayed: boolean }> {
    const row = await this.insert(job);
    if (row) return { row, replayed: false };
    const known = job.idempotency === null ? null : await this.known(job.caller, job.idempotency);
    if (known !== null) return { row: known, replayed: true };
    // The key's life ended between the two statements; then it is new.
    const second = await this.insert(job);
    if (second === undefined) throw inFlight();
    return { row: second, replayed: false };
  }

  /**
   * The job of an earlier request with this key, or null.
   * @throws GatewayError idempotency_conflict (other body), gone (deleted since), store_unavailable
   */
  async known(caller: string, { key, route, fingerprint }: IdempotencyKey): Promise<JobSummary | null> {
    const [known] = await this.database.run<KeyedRow>(FIND_BY_KEY, [caller, key, route]);
    if (!known) return null;
    if (known.fingerprint !== fingerprint) throw conflict(known.keyedId);
    if (known.id === null) throw deleted(known.keyedId);
    return known;
  }

  /** What a retry of this job repeats; null when the caller has no such job. */
  async retried(id: string, caller: string): Promise<RetriedJob | null> {
    const [row] = await this.database.run<RetriedJob>(FIND_RETRIED, [id, caller]);
    return row ?? null;
  }

  /** Deletes some keys whose life is over. @returns whether there may be more */
  async deleteOldKeys(): Promise<boolean> {
    const rows = await this.database.run(DELETE_OLD_KEYS, [OLD_KEYS_AT_ONCE]);
    return rows.length === OLD_KEYS_AT_ONCE;
  }

  private async insert(job: NewJob): Promise<JobSummary | undefined> {
    const input = JSON.stringify(job.input);
    const isPlain = job.idempotency === null && input.length <= MOST_TOGETHER_CHARACTERS;
    const row = isPlain ? await this.plain.ask(plainJob(job, input)).catch(notTogether) : null;
    return row ?? this.insertAlone(job, input);
  }

  private async insertTogether(jobs: readonly PlainJob[]): Promise<(JobSummary | null)[]> {
    const accept = (): Promise<JobSummary[]> => this.database.run(ACCEPT_TOGETHER, [listOf(jobs)]);
    const rows = await this.again.ifUnknown(accept, () => jobs);
    const byId = new Map(rows.map((row) => [row.id, row]));
    return jobs.map(({ id }) => byId.get(id) ?? null);
  }

  private async insertAlone(job: NewJob, input: string): Promise<JobSummary | undefined> {
    const accept = (): Promise<JobSummary[]> => this.database.run(ACCEPT, this.valuesOf(job, input));
    const [row] = await this.again.ifUnknown(accept, () => [plainJob(job, input)]).catch(explainTwin);
    return row;
  }

  private valuesOf(job: NewJob, input: string): unknown[] {
    const [first] = job.chain;
    return [
      job.id,
      job.caller,
      job.type,
      modelOf(job),
      input,
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
      job.ttlMs,
      payloadVersionOf(job),
    ];
  }
}
