import { GatewayError, HandOver, Target } from '@longhaul/contract';
import { scopesIn } from './circuit.records';
import { Database, Statement } from './database';
import { Gathering, READS_TOGETHER } from './gathering';
import { JOB_COLUMNS, JobDetail, JobRow, JobSummary, SUMMARY_COLUMNS, withHandOver } from './job.row';
import { startsFrom } from './starts-from';

export interface Wanted {
  readonly output?: boolean;
  readonly decision?: boolean;
}

/** One read with what may hold megabytes. Inputs: $1 id, $2 caller. */
const findMore = ({ output = false, decision = false }: Wanted): Statement => ({
  name: `find${output ? '_output' : ''}${decision ? '_decision' : ''}`,
  text: `SELECT ${SUMMARY_COLUMNS}${output ? ', jobs.output' : ''}${decision ? ', jobs.decision' : ''}
    FROM jobs WHERE id = $1 AND caller = $2`,
});

/**
 * As many reads by key as there are ids, and the caller compared after: planned while there are few jobs, a plain join
 * would read the whole table, and a condition on both all jobs of the caller.
 * Inputs: $1 ids, $2 the caller of each. Returns: what was found, with its place in $1.
 */
const FIND: Statement = {
  name: 'find',
  text: `
    SELECT mine.place, j.*
    FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS mine (id, caller, place), LATERAL (
      SELECT ${SUMMARY_COLUMNS}, jobs.caller AS owner FROM jobs WHERE id = mine.id OFFSET 0
    ) j
    WHERE j.owner = mine.caller`,
};

/** Inputs: $1 id, $2 caller. Returns: a row when this caller's job was deleted. */
const FIND_TOMBSTONE: Statement = {
  name: 'find_tombstone',
  text: `SELECT 1 FROM tombstones WHERE job_id = $1 AND caller = $2`,
};
const READ: Statement = { name: 'read', text: `SELECT ${JOB_COLUMNS} FROM jobs WHERE id = $1` };

/**
 * Guarantees: after it returns no claim of this job succeeds. A job that nobody holds ends at once; a held one is
 * marked, and ends `cancelled` with its claim, whatever that brings. An ended job stays as it is.
 * Inputs: $1 id, $2 caller. Returns: the row if it was still running.
 */
const CANCEL: Statement = {
  name: 'cancel',
  text: `
    UPDATE jobs SET
      cancel_requested_at = coalesce(cancel_requested_at, clock_timestamp()),
      status = CASE WHEN lease_owner IS NULL THEN 'cancelled' ELSE status END,
      phase = CASE WHEN lease_owner IS NULL THEN NULL ELSE 'cancelling' END,
      error = CASE WHEN lease_owner IS NULL
                   THEN jsonb_build_object('code', 'cancelled', 'message', 'The caller cancelled the job.') END,
      completed_at = CASE WHEN lease_owner IS NULL THEN clock_timestamp() END
    WHERE id = $1 AND caller = $2 AND ${startsFrom('cancel')}
    RETURNING ${SUMMARY_COLUMNS}`,
};

/** Of each kind; more may be due. */
export const MOST_OVERDUE_AT_ONCE = 500;

/**
 * Guarantees: every job past its deadline that nobody holds ends `failed`, and every one whose cancel was
 * acknowledged while it was held ends `cancelled`. Held jobs are ended by their worker, or when their lease is freed.
 * `now()` and not `clock_timestamp()`: only a stable bound is looked up in the index.
 */
const END_OVERDUE: Statement = {
  name: 'end_overdue',
  text: `
    WITH overdue AS (
      SELECT id, cancel_requested_at IS NOT NULL AS cancelled FROM jobs
      WHERE lease_owner IS NULL AND ${startsFrom('expire')} AND deadline_at <= now()
      ORDER BY deadline_at LIMIT ${String(MOST_OVERDUE_AT_ONCE)} FOR NO KEY UPDATE SKIP LOCKED
    ), left_behind AS (
      SELECT id FROM jobs
      WHERE lease_owner IS NULL AND ${startsFrom('expire')} AND cancel_requested_at IS NOT NULL
      LIMIT ${String(MOST_OVERDUE_AT_ONCE)} FOR NO KEY UPDATE SKIP LOCKED
    ), ending AS (
      SELECT id, cancelled FROM overdue UNION SELECT id, true FROM left_behind
    )
    UPDATE jobs SET status = CASE WHEN cancelled THEN 'cancelled' ELSE 'failed' END, phase = NULL,
      completed_at = clock_timestamp(),
      error = CASE WHEN cancelled THEN jsonb_build_object('code', 'cancelled', 'message', 'The caller cancelled the job.')
        ELSE jsonb_build_object('code', 'deadline_exceeded', 'message', 'The deadline passed before an answer was complete.') END
    FROM ending WHERE jobs.id = ending.id
    RETURNING jobs.id, jobs.type, jobs.status`,
};

/**
 * Guarantees: moves a job that nobody holds, once per ring: to another time, another rung or its end. No attempt row,
 * no call. `coalesce` keeps the planner off the partial indexes, which would be read whole for one job.
 * Inputs: $1 id, $2 ring, $3 ready at, $4 position, $5 provider, $6 model, $7 error (null = goes on), $8 progress.
 */
const MOVE: Statement = {
  name: 'move_unheld',
  text: `
    UPDATE jobs SET ring = ring + 1, rung_at = NULL, ready_at = coalesce($3, ready_at),
      tries = CASE WHEN position = $4 THEN tries ELSE 0 END,
      phase = CASE WHEN $7::jsonb IS NOT NULL THEN NULL WHEN position = $4 THEN phase ELSE 'fallback' END,
      position = $4, provider = $5, target_model = $6,
      status = CASE WHEN $7::jsonb IS NULL THEN status ELSE 'failed' END, error = $7::jsonb,
      progress = coalesce($8::jsonb, progress), decision = ${withHandOver('$9')},
      completed_at = CASE WHEN $7::jsonb IS NULL THEN NULL ELSE clock_timestamp() END
    WHERE id = $1 AND ring = $2 AND coalesce(lease_owner, '') = '' AND ${startsFrom('shift')}
    RETURNING id`,
};

/**
 * Of several bars over one target the one that ends last; a provider that is off has no end.
 * Inputs: $1 providers, $2 models. Returns: the barred of them, with their place.
 */
const BARS: Statement = {
  name: 'bars',
  text: `
    SELECT t.place::int, coalesce(l.override_cap, l.cap) = 0 AS off, c.until, c.code
    FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS t (provider, model, place)
    LEFT JOIN lanes l ON l.name = t.provider
    LEFT JOIN LATERAL (
      SELECT until, code FROM cooldowns
      WHERE until > clock_timestamp() AND scope IN (${scopesIn('t.provider', 't.model', 'l.credential')})
      ORDER BY until DESC LIMIT 1
    ) c ON true
    WHERE c.until IS NOT NULL OR coalesce(l.override_cap, l.cap) = 0`,
};

export interface Move {
  readonly jobId: string;
  readonly ring: number;
  readonly readyAt: Date | null;
  readonly position: number;
  readonly target: Target;
  readonly error: { readonly code: string; readonly message: string } | null;
  /** Why the job waits, for people who watch. */
  readonly reason?: string | null;
  /** Kept with the decision, when the job leaves its target. */
  readonly handOver?: HandOver | null;
}

/** Why and until when a rung of a chain cannot be called. `until` null = until somebody turns it on. */
export interface Bar {
  readonly until: Date | null;
  readonly code: string;
}

interface BarRow extends Bar {
  readonly place: number;
  readonly off: boolean | null;
}

interface Asked {
  readonly id: string;
  readonly caller: string;
}

/** Reads jobs, and moves those that nobody holds. */
export class JobRecords {
  private readonly polls = new Gathering(
    (asked: readonly Asked[]) => this.findTogether(asked),
    READS_TOGETHER,
  );

  constructor(private readonly database: Database) {}

  /** @throws GatewayError not_found, also for another caller's job; gone when it was deleted */
  async find(id: string, caller: string, wanted: Wanted = {}): Promise<JobDetail> {
    const isPoll = wanted.output !== true && wanted.decision !== true;
    const row = isPoll ? await this.polls.ask({ id, caller }) : await this.findMore(id, caller, wanted);
    return row ?? this.missing(id, caller);
  }

  /** Without a caller: for the parts that run jobs. */
  async read(id: string): Promise<JobRow | null> {
    const [row] = await this.database.run<JobRow>(READ, [id]);
    return row ?? null;
  }

  /** Idempotent; an ended job is answered unchanged. @throws GatewayError not_found, gone */
  async cancel(id: string, caller: string): Promise<JobSummary> {
    return (await this.cancelRunning(id, caller)) ?? this.find(id, caller);
  }

  /** Null when there is nothing left to cancel: the job has ended, was deleted, or is not this caller's. */
  async cancelRunning(id: string, caller: string): Promise<JobSummary | null> {
    const [row] = await this.database.run<JobSummary>(CANCEL, [id, caller]);
    return row ?? null;
  }

  async endOverdue(): Promise<Pick<JobRow, 'id' | 'type' | 'status'>[]> {
    return this.database.run<Pick<JobRow, 'id' | 'type' | 'status'>>(END_OVERDUE, []);
  }

  /** @returns false when the job was claimed, moved or ended meanwhile */
  async move({ jobId, ring, readyAt, position, target, error, reason, handOver }: Move): Promise<boolean> {
    const values = [
      jobId,
      ring,
      readyAt,
      position,
      target.provider,
      target.model,
      error === null ? null : JSON.stringify(error),
      (reason ?? null) === null ? null : JSON.stringify({ percent: null, message: reason }),
      handOver ? JSON.stringify(handOver) : null,
    ];
    return (await this.database.run(MOVE, values)).length > 0;
  }

  /** The bar of each target, in order; null = may be called. */
  async barsOf(targets: readonly Target[]): Promise<(Bar | null)[]> {
    const bars = targets.map((): Bar | null => null);
    const values = [targets.map(({ provider }) => provider), targets.map(({ model }) => model)];
    for (const { place, off, until, code } of await this.database.run<BarRow>(BARS, values))
      bars[place - 1] = off ? { until: null, code: 'provider_off' } : { until, code };
    return bars;
  }

  private async findMore(id: string, caller: string, wanted: Wanted): Promise<JobDetail | null> {
    const [row] = await this.database.run<JobDetail>(findMore(wanted), [id, caller]);
    return row ?? null;
  }

  private async findTogether(asked: readonly Asked[]): Promise<(JobSummary | null)[]> {
    const found = asked.map((): JobSummary | null => null);
    const values = [asked.map(({ id }) => id), asked.map(({ caller }) => caller)];
    const rows = await this.database.run<JobSummary & { readonly place: number }>(FIND, values);
    for (const row of rows) found[row.place - 1] = row;
    return found;
  }

  /** Only whoever finds nothing pays for the second look. */
  private async missing(id: string, caller: string): Promise<never> {
    const [stone] = await this.database.run(FIND_TOMBSTONE, [id, caller]);
    if (stone) throw new GatewayError('gone', `Job ${id} was deleted.`, { shouldRetry: false });
    throw new GatewayError('not_found', `There is no job ${id}.`, { shouldRetry: false });
  }
}
