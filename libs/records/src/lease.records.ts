import { JobStatus } from '@longhaul/contract';
import { Database, Statement } from './database';
import { DEATHS_UNTIL_POISON, othersToBlame } from './last-chance';
import { WriteRefusal, writeRefusal } from './room';
import { startsFrom } from './starts-from';

export interface HeldClaim {
  readonly jobId: string;
  readonly fence: number;
}

/** What became of one claim at a renewal. A claim that is missing in the answer has lost its fence. */
export interface Renewed extends HeldClaim {
  readonly cancelRequested: boolean;
}

export interface Renewal {
  readonly renewed: readonly Renewed[];
  /** False when the disk is full, the server read-only, or nobody could tell: the renewals of others may have been refused. */
  readonly takesWrites: boolean;
  /** When that was, on the database's clock. */
  readonly at: Date;
}

/**
 * Guarantees: extends exactly the claims whose fence still stands, an expired one too; jobs are locked in id order
 * before their slots, as every statement does. Inputs: $1 ids, $2 fences, $3 lease ms, $4 worker.
 * A claim that was freed but that nobody has taken since is answered, not extended: its slots are gone, but its
 * paid answer may still be committed, so its call must not be aborted.
 * `ANY`: joined, by a server that has counted no held job yet, each of thousands would be compared with each.
 */
const RENEW: Statement = {
  name: 'renew',
  text: `
    WITH locked AS MATERIALIZED (
      SELECT j.id, j.fence, j.cancel_requested_at IS NOT NULL AS cancelled
      FROM jobs j JOIN unnest($1::text[], $2::bigint[]) AS mine (id, fence) USING (id, fence)
      WHERE ${startsFrom('renew', 'j.status')}
      ORDER BY j.id FOR NO KEY UPDATE OF j
    ), renewed AS (
      UPDATE jobs SET lease_until = clock_timestamp() + $3 * interval '1 millisecond'
      WHERE id = ANY (ARRAY(SELECT id FROM locked)) AND lease_owner = $4
      RETURNING jobs.id, jobs.fence, jobs.lease_until
    ), slots_renewed AS (
      UPDATE slots s SET lease_until = r.lease_until FROM renewed r WHERE s.job_id = r.id AND s.fence = r.fence
    )
    SELECT clock.at, id AS "jobId", fence, cancelled AS "cancelRequested"
    FROM (SELECT clock_timestamp() AS at) clock LEFT JOIN locked ON true`,
};

/**
 * Guarantees: every in_progress job whose lease ran out loses it once: its attempt is closed as `worker_lost`, its call
 * booked as `unknown` (so the job's cost is open), its slots freed, a death counted, unless another is to blame. It waits
 * again (a new ring, since whoever is cut off from PostgreSQL alone still holds the ticket of the old one) unless it was
 * cancelled, is past its deadline, has died too often or has no call left: then it ends. Only a process past the grace rule
 * may ask (`held` keeps to the index of held jobs, whatever the planner knows), and what it asks is void after $3: a server
 * that was frozen meanwhile sees all leases run out when it thaws. `excusing` asks once for each dead worker whether
 * another job is to blame: asked for each of thousands of jobs, it would outlast its clock.
 * Inputs: $1 deaths that are too many, $2 most rows, $3 until when, $4 ids of jobs that are left out, parted by commas.
 * Returns: the freed jobs.
 */
const FREE_DEAD: Statement = {
  name: 'free_dead',
  text: `
    WITH held AS MATERIALIZED (
      SELECT id, fence, lease_owner FROM jobs WHERE lease_owner IS NOT NULL AND lease_until < clock_timestamp()
    ), excusing AS MATERIALIZED (
      SELECT worker FROM (SELECT lease_owner AS worker, min(a.started_at) AS since FROM held
        JOIN attempts a ON a.job_id = held.id AND a.fence = held.fence GROUP BY lease_owner) w
      WHERE ${othersToBlame({ job: "''", worker: 'w.worker', since: 'w.since' }, '$1')}
    ), dead AS MATERIALIZED (
      SELECT id, fence, (deaths >= $1 - 1 OR jobs.lease_owner NOT IN (SELECT worker FROM excusing))::int AS charged,
        CASE WHEN cancel_requested_at IS NOT NULL THEN 'cancelled'
             WHEN deaths + 1 >= $1 THEN 'poison'
             WHEN deadline_at <= clock_timestamp() THEN 'deadline_exceeded'
             WHEN attempts >= max_calls THEN 'all_providers_failed' END AS ending
      FROM jobs WHERE id = ANY (ARRAY(SELECT id FROM held)) AND lease_owner IS NOT NULL AND ${startsFrom('free')}
        AND id <> ALL (string_to_array($4, ',')) AND lease_until < clock_timestamp() AND clock_timestamp() < $3::timestamptz
      ORDER BY id LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED
    ), freed AS (
      UPDATE jobs SET lease_owner = NULL, lease_until = NULL, rung_at = NULL, deaths = jobs.deaths + dead.charged,
        ring = jobs.ring + (dead.ending IS NULL)::int, cost_nano_usd = NULL,
        status = CASE WHEN dead.ending IS NULL THEN jobs.status WHEN dead.ending = 'cancelled' THEN 'cancelled' ELSE 'failed' END,
        phase = CASE WHEN dead.ending IS NULL THEN 'retry_wait' END,
        completed_at = CASE WHEN dead.ending IS NOT NULL THEN clock_timestamp() END,
        error = CASE WHEN dead.ending IS NOT NULL THEN jsonb_build_object('code', dead.ending, 'message', CASE dead.ending
          WHEN 'cancelled' THEN 'The caller cancelled the job.'
          WHEN 'poison' THEN 'Workers died three times while they ran this job; it is not tried again.'
          WHEN 'deadline_exceeded' THEN 'The deadline passed before an answer was complete.'
          ELSE 'The worker of the last call that this job may make (MAX_CALLS_PER_JOB) died. See the attempts.' END) END
      FROM dead WHERE jobs.id = dead.id
      RETURNING jobs.id, jobs.fence, jobs.caller, jobs.type, jobs.provider, jobs.status
    ), lost AS (
      UPDATE attempts a SET status = 'failed', code = 'worker_lost', ended_at = clock_timestamp(),
        message = 'The worker died or was cut off; its lease ran out.'
      FROM freed f WHERE a.job_id = f.id AND a.fence = f.fence AND a.status = 'running'
      RETURNING a.job_id, a.fence, a.lane, a.model, f.caller
    ), booked AS (
      INSERT INTO ledger (job_id, fence, caller, provider, model, call)
      SELECT job_id, fence, caller, lane, model, 'unknown' FROM lost
      ON CONFLICT (job_id, fence) DO NOTHING
    ), slots_freed AS (
      UPDATE slots s SET lane = NULL, job_id = NULL, fence = NULL, lease_until = NULL
      FROM freed f WHERE s.job_id = f.id AND s.fence = f.fence
    )
    SELECT id AS "jobId", type, provider AS lane, status FROM freed`,
};

/** Guarantees: frees only slots whose lease ran out and that no open claim matches (a claim lost half-way). Not after $1. */
const FREE_ORPHAN_SLOTS: Statement = {
  name: 'free_orphan_slots',
  text: `
    WITH orphan AS (
      SELECT s.scope, s.n FROM slots s
      WHERE s.job_id IS NOT NULL AND s.lease_until < clock_timestamp() AND clock_timestamp() < $1::timestamptz
        AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id = s.job_id AND j.fence = s.fence AND j.lease_owner IS NOT NULL)
      FOR NO KEY UPDATE SKIP LOCKED
    )
    UPDATE slots s SET lane = NULL, job_id = NULL, fence = NULL, lease_until = NULL
    FROM orphan o WHERE s.scope = o.scope AND s.n = o.n`,
};

/** Without a claim that stands there is still one row, with the time alone. */
type RenewRow = Omit<Renewed, 'jobId'> & { readonly at: Date; readonly jobId: string | null };

/** A round trip that touches nothing. */
const CLOCK: Statement = { name: 'clock', text: 'SELECT clock_timestamp() AS now' };

/** Which of these jobs somebody has cancelled, by their keys; locks nothing. Inputs: $1 ids. */
const CANCELLED: Statement = {
  name: 'cancelled',
  text: `SELECT id FROM jobs WHERE id = ANY ($1::text[]) AND cancel_requested_at IS NOT NULL`,
};

/** More may have died than one batch frees. */
export const MOST_FREED_AT_ONCE = 200;

export interface FreedJob {
  readonly jobId: string;
  readonly type: string;
  readonly lane: string;
  readonly status: JobStatus;
}

/** Leases on the database's clock. */
export class LeaseRecords {
  constructor(private readonly database: Database) {}

  /** The database's clock. Throws `store_unavailable` when PostgreSQL cannot be reached. */
  async clock(): Promise<Date> {
    const [row] = await this.database.run<{ now: Date }>(CLOCK, []);
    return row?.now ?? new Date(0);
  }

  /** Why a write would be refused that needs a new page; null = it would be taken. Throws `store_unavailable` when PostgreSQL is away. */
  refusal(): Promise<WriteRefusal | null> {
    return writeRefusal(this.database);
  }

  /** Renews all claims of one process in one statement; with none it only asks for the time. */
  async renew(
    claims: readonly HeldClaim[],
    options: { readonly worker: string; readonly leaseMs: number },
  ): Promise<Renewal> {
    const ids = claims.map((claim) => claim.jobId);
    const fences = claims.map((claim) => claim.fence);
    const rows = await this.database.run<RenewRow>(RENEW, [ids, fences, options.leaseMs, options.worker]);
    const renewed = rows.flatMap(({ jobId, fence, cancelRequested }) =>
      jobId === null ? [] : [{ jobId, fence, cancelRequested }],
    );
    const takesWrites = await this.refusal().then(
      (refusal) => refusal === null,
      () => false,
    );
    return { renewed, at: rows[0]?.at ?? new Date(0), takesWrites };
  }

  /** @returns the ids of those that are to stop */
  async cancelled(jobIds: readonly string[]): Promise<string[]> {
    const rows = await this.database.run<{ id: string }>(CANCELLED, [jobIds]);
    return rows.map(({ id }) => id);
  }

  /**
   * Frees what dead workers held. The caller vouches for the grace rule, `until` that time of the database.
   * @param spared jobs whose answer is paid for, and about to be committed
   */
  async freeDead(until: Date, spared: readonly string[] = []): Promise<FreedJob[]> {
    const values = [DEATHS_UNTIL_POISON, MOST_FREED_AT_ONCE, until, spared.join(',')];
    const freed = await this.database.run<FreedJob>(FREE_DEAD, values);
    await this.database.run(FREE_ORPHAN_SLOTS, [until]);
    return freed;
  }
}
