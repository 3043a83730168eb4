import { TOTAL_SCOPE } from './claim.records';
import { Database, Statement } from './database';
import { LaneLimits, LIMITS } from './rate-figures';
import { countedMs, RateOptions } from './rate.records';

/** One lane as it stands. A job counts once: in flight, waiting or scheduled. */
export interface LaneFigures {
  readonly lane: string;
  /** The effective cap; 0 = off. */
  readonly cap: number;
  /** Slots that are taken, also by a claim whose lease ran out and that nobody has freed yet. */
  readonly inFlight: number;
  /** Ready now and not claimed, whether a ticket stands for it or not. */
  readonly waiting: number;
  /** Of the waiting ones those with a ticket in the queue store. */
  readonly rung: number;
  /** Ready at a later time: `run_at`, a pause before a retry, a hold. */
  readonly scheduled: number;
  /** How long the oldest waiting job has been ready; null when none waits. */
  readonly oldestReadySeconds: number | null;
}

export interface TotalFigures {
  readonly cap: number;
  readonly inFlight: number;
}

/** A late attempt of a lane that failed. */
export interface LaneError {
  readonly lane: string;
  readonly model: string;
  readonly code: string;
  readonly at: Date;
}

/** Written as the predicates of jobs_ready_next and jobs_rung are, else they are not used. */
const UNHELD = `lease_owner IS NULL AND status IN ('queued', 'in_progress')`;

/**
 * Guarantees: reads living jobs only, once each, and slot rows by their key: the cost grows with what waits, never with
 * what has ended. One pass for all lanes: lane by lane the planner took an index without the lane for each of them.
 * Inputs: $1 the name of the total. Returns: one row per lane, by name.
 */
const LANES: Statement = {
  name: 'lane_figures',
  text: `
    WITH silent AS (
      SELECT provider, count(*) FILTER (WHERE ready_at <= statement_timestamp()) AS ready, count(*) AS n,
        min(ready_at) AS oldest
      FROM jobs WHERE ${UNHELD} AND rung_at IS NULL GROUP BY provider
    ), rung AS (
      SELECT provider, count(*) AS n, min(ready_at) AS oldest
      FROM jobs WHERE ${UNHELD} AND rung_at IS NOT NULL GROUP BY provider
    )
    SELECT l.name AS lane, coalesce(l.override_cap, l.cap) AS cap,
      (SELECT count(*)::int FROM slots t WHERE t.scope = l.name AND t.job_id IS NOT NULL) AS "inFlight",
      (coalesce(s.ready, 0) + coalesce(r.n, 0))::int AS waiting, coalesce(r.n, 0)::int AS rung,
      coalesce(s.n - s.ready, 0)::int AS scheduled,
      CASE WHEN s.ready > 0 OR r.n > 0
           THEN greatest(0, extract(epoch FROM statement_timestamp() - least(s.oldest, r.oldest)))::float8
           END AS "oldestReadySeconds"
    FROM lanes l LEFT JOIN silent s ON s.provider = l.name LEFT JOIN rung r ON r.provider = l.name
    WHERE l.name <> $1
    ORDER BY l.name`,
};

/** Inputs: $1 the name of the total. Returns: one row, or none before the first boot has declared its caps. */
const TOTAL: Statement = {
  name: 'total_figures',
  text: `
    SELECT coalesce(override_cap, cap) AS cap,
      (SELECT count(*)::int FROM slots t WHERE t.scope = $1 AND t.job_id IS NOT NULL) AS "inFlight"
    FROM lanes WHERE name = $1`,
};

/** Guarantees: a few steps down the index attempts_failed for each lane. Returns: by lane, the latest first. */
const LAST_ERRORS: Statement = {
  name: 'last_errors',
  text: `
    SELECT l.name AS lane, failed.model, failed.code, failed.ended_at AS at
    FROM lanes l CROSS JOIN LATERAL (
      SELECT a.model, a.code, a.ended_at FROM attempts a
      WHERE a.lane = l.name AND a.status = 'failed' AND a.code IS NOT NULL
      ORDER BY a.ended_at DESC LIMIT 5
    ) failed
    ORDER BY l.name, failed.ended_at DESC`,
};

/**
 * Guarantees: reads the newest attempts and no more, by their key. Inputs: $1 the lane, $2 how many attempts to look at.
 * Returns: one row; null when none of them was a success of this lane.
 */
const CALL_SECONDS: Statement = {
  name: 'call_seconds',
  text: `
    SELECT avg(extract(epoch FROM ended_at - started_at))::float8 AS seconds
    FROM (SELECT * FROM attempts ORDER BY job_id DESC LIMIT $2) newest
    WHERE lane = $1 AND status = 'succeeded'`,
};

const NEWEST_ATTEMPTS = 500;

/** How full the lanes are: for people and for metrics. No decision is made by it. */
export class FiguresRecords {
  constructor(
    private readonly database: Database,
    private readonly rate: RateOptions,
  ) {}

  async lanes(): Promise<readonly LaneFigures[]> {
    return this.database.run<LaneFigures>(LANES, [TOTAL_SCOPE]);
  }

  /** All lanes together. */
  async total(): Promise<TotalFigures> {
    const [row] = await this.database.run<TotalFigures>(TOTAL, [TOTAL_SCOPE]);
    return row ?? { cap: 0, inFlight: 0 };
  }

  /** How long a call of this lane has taken lately, on average; null = there was none. */
  async callSeconds(lane: string): Promise<number | null> {
    const [row] = await this.database.run<{ seconds: number | null }>(CALL_SECONDS, [lane, NEWEST_ATTEMPTS]);
    return row?.seconds ?? null;
  }

  async lastErrors(): Promise<readonly LaneError[]> {
    return this.database.run<LaneError>(LAST_ERRORS, []);
  }

  /** Of each lane, what its credential may use and what of it is taken now. */
  async limits(): Promise<readonly LaneLimits[]> {
    return this.database.run<LaneLimits>(LIMITS, [TOTAL_SCOPE, countedMs(this.rate)]);
  }
}
