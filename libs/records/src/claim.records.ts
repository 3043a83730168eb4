import { ErrorCode } from '@longhaul/contract';
import { CLAIM_TOGETHER } from './claim-together';
import { Database, Statement } from './database';
import { Gathering, TOGETHER } from './gathering';
import { JOB_COLUMNS, JobRow } from './job.row';
import { DEATHS_UNTIL_POISON } from './lease.records';
import { RateRecords } from './rate.records';
import { HAS_LIMITS } from './reserve';

/** The row of the slot table that caps all providers together. */
export const TOTAL_SCOPE = '*';

/**
 * A right to take over that is always past. A null would let the planner fold the whole condition on leases down to
 * that of the partial indexes, and then look for one job by reading the index of all that wait.
 */
const NEVER = '-infinity';

export interface ClaimRequest {
  readonly jobId: string;
  /** Where its ticket lay. */
  readonly lane: string;
  readonly ring: number;
  readonly worker: string;
  readonly leaseMs: number;
  /** Until when, on the database's clock, this process may judge an expired lease (the grace rule); null = not at all. */
  readonly takeOverUntil: Date | null;
  /** How long a lane's stamp "I was refused a total slot" makes the other lanes yield. */
  readonly yieldMs: number;
}

/**
 * The four answers. `stale` = nothing to do and nothing called; `full` = no slot, or no room under a limit of the
 * credential (until `afterMs`, if that can be told, and after the job that is `first` in line), the lane is held;
 * `barred` = the target cools or its provider is off (`until` null = until somebody turns it on again), the job is moved;
 * with a `code` nothing bars the target but what this job needs of it. The time to the deadline is told by the database's clock: a worker's own may be hours off.
 */
export type ClaimAnswer =
  | {
      readonly answer: 'claimed';
      readonly job: JobRow;
      readonly msToDeadline: number;
      /** The lease of another had run out; its attempt was closed as `worker_lost`. */
      readonly tookOver: boolean;
    }
  | { readonly answer: 'stale' }
  | { readonly answer: 'full'; readonly scope: 'provider' | 'total' }
  | {
      readonly answer: 'full';
      readonly scope: 'rate';
      readonly afterMs: number | null;
      readonly first: string;
    }
  | { readonly answer: 'barred'; readonly until: Date | null; readonly code?: ErrorCode };

/** A lane with limits answers nobody else. */
const IS_UNRESERVED = `
  EXISTS (SELECT 1 FROM lanes WHERE name = jobs.provider AND ${HAS_LIMITS})
  AND NOT EXISTS (SELECT 1 FROM reservations r WHERE r.job_id = jobs.id AND r.fence = jobs.fence + 1
                  AND r.at > clock_timestamp() - $8 * interval '1 millisecond')`;

/**
 * Guarantees: a job has at most one claim; a claim holds one slot of its provider and one of `*`, both with n ≤ cap,
 * or nothing is taken at all; the attempt row is there before the caller can send a byte. Locks the job, then slots.
 * Over an expired lease it closes the old attempt as `worker_lost`, books its call as `unknown` and counts a death.
 * In a lane with limits it takes nothing, and writes nothing, without a reservation for this claim.
 * Keys are parameters where they can be, so that a store without statistics is not read from end to end.
 * A status outside queued/in_progress, another ring, a future ready_at, a live lease: `stale`.
 * Inputs: $1 id, $2 ring, $3 worker, $4 lease ms, $5 may take over until, $6 yield ms, $7 deaths that are too many, $8 how old in ms
 * a reservation may be.
 */
const CLAIM: Statement = {
  name: 'claim',
  text: `
    WITH j AS MATERIALIZED (
      SELECT id, provider, target_model, fence, lease_owner IS NOT NULL AS taken_over
      FROM jobs
      WHERE id = $1 AND ring = $2 AND status IN ('queued', 'in_progress')
        AND ready_at <= clock_timestamp() AND deadline_at > clock_timestamp() AND cancel_requested_at IS NULL
        AND (lease_owner IS NULL OR ($5::timestamptz > clock_timestamp() AND lease_until < clock_timestamp()
             AND deaths + 1 < $7 AND attempts < max_calls))
        AND NOT (${IS_UNRESERVED})
      FOR NO KEY UPDATE
    ), bar AS MATERIALIZED (
      SELECT max(until) AS until FROM (
        SELECT until FROM cooldowns, j
        WHERE until > clock_timestamp()
          AND scope IN ('provider:' || provider, 'credential:' || provider, 'target:' || provider || '/' || target_model)
        UNION ALL
        SELECT 'infinity'::timestamptz FROM lanes, j WHERE name = provider AND coalesce(override_cap, lanes.cap) = 0
      ) bars
    ), ps AS MATERIALIZED (
      SELECT s.n FROM slots s
      WHERE s.scope = (SELECT provider FROM j) AND (SELECT until FROM bar) IS NULL
        AND s.n <= (SELECT coalesce(override_cap, cap) FROM lanes WHERE name = (SELECT provider FROM j))
        AND (s.job_id IS NULL OR ($5::timestamptz > clock_timestamp() AND s.lease_until < clock_timestamp()))
      ORDER BY s.n LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
    ), held AS MATERIALIZED (
      SELECT lane, count(*) AS n FROM slots WHERE scope = '*' AND job_id IS NOT NULL GROUP BY lane
    ), yields AS MATERIALIZED (
      SELECT EXISTS (
        SELECT 1 FROM lanes o, j
        WHERE o.name NOT IN ('*', j.provider) AND o.wants_total_at > clock_timestamp() - $6 * interval '1 millisecond'
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
        deaths = jobs.deaths + j.taken_over::int, started_at = coalesce(jobs.started_at, clock_timestamp())
      FROM j, ps, ts WHERE jobs.id = j.id
      RETURNING ${JOB_COLUMNS}, j.taken_over, j.fence AS old_fence, ps.n AS provider_slot, ts.n AS total_slot
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
    ), stamped AS (
      UPDATE lanes SET refused = lanes.refused + (NOT EXISTS (SELECT 1 FROM took))::int,
        wants_total_at = CASE WHEN EXISTS (SELECT 1 FROM took) THEN NULL
                              WHEN EXISTS (SELECT 1 FROM ps) THEN clock_timestamp() ELSE lanes.wants_total_at END
      FROM j WHERE lanes.name = j.provider AND (SELECT until FROM bar) IS NULL
        AND (lanes.wants_total_at IS NOT NULL OR NOT EXISTS (SELECT 1 FROM took))
    )
    SELECT CASE WHEN took.id IS NOT NULL THEN 'claimed'
                WHEN NOT EXISTS (SELECT 1 FROM j) THEN CASE
                  WHEN EXISTS (SELECT 1 FROM jobs WHERE id = $1 AND ring = $2 AND ${IS_UNRESERVED}) THEN 'unreserved' ELSE 'stale' END
                WHEN (SELECT until FROM bar) IS NOT NULL THEN 'barred'
                WHEN NOT EXISTS (SELECT 1 FROM ps) THEN 'full_provider' ELSE 'full_total' END AS answer,
           (SELECT CASE WHEN isfinite(until) THEN until END FROM bar) AS until,
           (extract(epoch FROM took."deadlineAt" - clock_timestamp()) * 1000)::float8 AS "msToDeadline", took.*
    FROM (SELECT 1) one LEFT JOIN took ON true`,
};

type ClaimRow = JobRow & {
  readonly answer: 'claimed' | 'stale' | 'unreserved' | 'barred' | 'full_provider' | 'full_total';
  readonly until: Date | null;
  readonly msToDeadline: number;
  readonly taken_over: boolean;
};

type TogetherRow = JobRow & { readonly place: number; readonly msToDeadline: number };

/** The authority on who may call: nobody calls upstream without a `claimed` from here. */
export class ClaimRecords {
  private readonly lanes = new Map<string, Gathering<ClaimRequest, ClaimAnswer | null>>();

  constructor(
    private readonly database: Database,
    private readonly rates: RateRecords,
  ) {}

  /**
   * One statement for all that claim in a lane at the same time, and one of its own for each that it passes over.
   * Throws `store_unavailable`; the claim may then have happened, and its lease will run out.
   */
  async claim(request: ClaimRequest): Promise<ClaimAnswer> {
    if (this.rates.isLimited(request.lane)) return this.claimReserved(request);
    return (await this.gatheringOf(request.lane).ask(request)) ?? this.claimAlone(request);
  }

  private gatheringOf(lane: string): Gathering<ClaimRequest, ClaimAnswer | null> {
    const known = this.lanes.get(lane);
    if (known) return known;
    const gathering = new Gathering(
      (requests: readonly ClaimRequest[]) => this.claimTogether(lane, requests),
      TOGETHER,
    );
    this.lanes.set(lane, gathering);
    return gathering;
  }

  /** Null = not answered. */
  private async claimTogether(
    lane: string,
    requests: readonly ClaimRequest[],
  ): Promise<(ClaimAnswer | null)[]> {
    const values = [
      lane,
      requests.map(({ jobId }) => jobId),
      requests.map(({ ring }) => ring),
      requests.map(({ worker }) => worker),
      requests.map(({ leaseMs }) => leaseMs),
      Math.max(...requests.map(({ yieldMs }) => yieldMs)),
    ];
    const answers = requests.map((): ClaimAnswer | null => null);
    for (const job of await this.database.run<TogetherRow>(CLAIM_TOGETHER, values)) {
      answers[job.place - 1] = { answer: 'claimed', job, msToDeadline: job.msToDeadline, tookOver: false };
    }
    return answers;
  }

  /** What another process has limited since is claimed by its reservation. */
  private async claimAlone(request: ClaimRequest): Promise<ClaimAnswer> {
    return (await this.claimOnce(request)) ?? this.claimReserved(request);
  }

  private claimReserved(request: ClaimRequest): Promise<ClaimAnswer> {
    return this.rates.claim(request, () => this.claimOnce(request));
  }

  /** Null = its lane has limits, and there is no reservation for it that is still good. */
  private async claimOnce(request: ClaimRequest): Promise<ClaimAnswer | null> {
    const { jobId, ring, worker, leaseMs, takeOverUntil, yieldMs } = request;
    const rights = [takeOverUntil ?? NEVER, yieldMs, DEATHS_UNTIL_POISON, this.rates.validMs];
    const [row] = await this.database.run<ClaimRow>(CLAIM, [jobId, ring, worker, leaseMs, ...rights]);
    return answerOf(row);
  }
}

function answerOf(row: ClaimRow | undefined): ClaimAnswer | null {
  switch (row?.answer) {
    case 'claimed':
      return { answer: 'claimed', job: row, msToDeadline: row.msToDeadline, tookOver: row.taken_over };
    case 'barred':
      return { answer: 'barred', until: row.until };
    case 'full_provider':
      return { answer: 'full', scope: 'provider' };
    case 'full_total':
      return { answer: 'full', scope: 'total' };
    case 'unreserved':
      return null;
    case 'stale':
    case undefined:
      return { answer: 'stale' };
  }
}
