import { PoolClient } from 'pg';
import { Database } from './database';

export interface RungJob {
  readonly jobId: string;
  readonly ring: number;
}

/** One feed of one lane. `busy` = another process feeds this lane right now. */
export type FeedAnswer =
  | {
      readonly fed: true;
      readonly rung: readonly RungJob[];
      readonly barred: readonly string[];
      readonly nextReadyMs: number | null;
    }
  | { readonly fed: false; readonly busy: true };

/** First half of the advisory key; the second is the lane's hash. */
const FEED_LOCK = 72_150;

/** The cool-downs and the off switch that bar a job's present target. */
const IS_BARRED = `
  EXISTS (SELECT 1 FROM cooldowns c WHERE c.until > clock_timestamp()
          AND c.scope IN ('provider:' || j.provider, 'credential:' || j.provider, 'target:' || j.provider || '/' || j.target_model))`;

const MAY_BE_RUNG = `j.provider = $1 AND j.rung_at IS NULL AND j.lease_owner IS NULL AND j.status IN ('queued', 'in_progress')`;

/**
 * Guarantees: at most `depth` tickets of a lane are rung and unclaimed, counted here and not in the queue; jobs leave
 * in the order priority, then ready_at; a barred target rings nothing, nor does a provider that is off.
 * Bounds are stable (`statement_timestamp()`, not the clock) and ids come as an array, so that indexes are used and no
 * backlog is read. Runs under the lane's advisory lock, as a statement of its own, so that its snapshot is younger than the lock.
 * Inputs: $1 lane, $2 depth (null = the cap). Returns: the tickets to ring.
 */
const FEED = `
  WITH lane AS (SELECT coalesce(override_cap, cap) AS cap FROM lanes WHERE name = $1),
  picked AS (
    SELECT j.id FROM jobs j
    WHERE ${MAY_BE_RUNG} AND j.ready_at <= statement_timestamp() AND NOT ${IS_BARRED}
    ORDER BY j.priority DESC NULLS LAST, j.ready_at, j.id
    LIMIT (SELECT CASE WHEN cap = 0 THEN 0 ELSE greatest(0, coalesce($2::int, cap) - (
             SELECT count(*) FROM jobs r WHERE r.provider = $1 AND r.rung_at IS NOT NULL
               AND r.lease_owner IS NULL AND r.status IN ('queued', 'in_progress'))) END FROM lane)
    FOR NO KEY UPDATE SKIP LOCKED
  ), rung AS (
    UPDATE jobs SET rung_at = clock_timestamp(), phase = CASE phase WHEN 'scheduled' THEN 'waiting' ELSE phase END
    WHERE jobs.id = ANY (ARRAY(SELECT id FROM picked))
    RETURNING jobs.id, jobs.ring, jobs.priority, jobs.ready_at
  )
  SELECT id AS "jobId", ring FROM rung ORDER BY priority DESC, ready_at, id`;

/**
 * Ready jobs that cannot be rung where they stand: the Feeder moves them. In a lane that is off only those with
 * another rung: the others can but stay, and would hide who can go. A lane at peace does not read its backlog.
 * Inputs: $1 lane.
 */
const BARRED = `
  WITH cooling AS MATERIALIZED (SELECT scope FROM cooldowns WHERE until > clock_timestamp()),
  lane AS MATERIALIZED (
    SELECT EXISTS (SELECT 1 FROM lanes WHERE name = $1 AND coalesce(override_cap, cap) = 0) AS off,
           EXISTS (SELECT 1 FROM cooling WHERE scope IN ('provider:' || $1, 'credential:' || $1)) AS cools,
           ARRAY(SELECT substr(scope, length('target:' || $1 || '/') + 1) FROM cooling
                 WHERE starts_with(scope, 'target:' || $1 || '/')) AS models
  )
  SELECT j.id FROM jobs j
  WHERE (SELECT off OR cools OR cardinality(models) > 0 FROM lane)
    AND ${MAY_BE_RUNG} AND j.ready_at <= statement_timestamp()
    AND CASE WHEN (SELECT off FROM lane) THEN jsonb_array_length(j.chain) > j.position + 1
             ELSE (SELECT cools FROM lane) OR j.target_model = ANY ((SELECT models FROM lane)::text[]) END
  ORDER BY j.priority DESC NULLS LAST, j.ready_at LIMIT 100`;

/**
 * From the start of the transaction on, which is not later than the feed: what becomes ready in between is not missed.
 * Inputs: $1 lane. Returns: milliseconds until the next job becomes ready.
 */
const NEXT_READY = `
  SELECT (extract(epoch FROM min(j.ready_at) - clock_timestamp()) * 1000)::int AS ms
  FROM jobs j WHERE ${MAY_BE_RUNG} AND j.ready_at > now() AND j.ready_at < now() + interval '1 day'`;

const UNRING = {
  name: 'unring',
  text: `
    UPDATE jobs SET rung_at = NULL FROM unnest($1::text[], $2::int[]) AS t (id, ring)
    WHERE jobs.id = t.id AND jobs.ring = t.ring AND lease_owner IS NULL AND rung_at IS NOT NULL`,
};

/**
 * Guarantees: of several Reconcilers only one gets a ticket; the mark is renewed, not removed, so that the lane's
 * depth and order stay. Inputs: $1 age in ms, $2 most rows. Returns: tickets to ring again under the same number.
 */
const RING_AGAIN = {
  name: 'ring_again',
  text: `
    WITH old AS (
      SELECT id FROM jobs
      WHERE rung_at IS NOT NULL AND lease_owner IS NULL AND status IN ('queued', 'in_progress')
        AND rung_at < clock_timestamp() - $1 * interval '1 millisecond'
      LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED
    )
    UPDATE jobs SET rung_at = clock_timestamp() FROM old WHERE jobs.id = old.id
    RETURNING jobs.id AS "jobId", jobs.ring, jobs.provider AS lane`,
};

const MOST_RUNG_AGAIN = 1000;

/** The bell's side of the job rows: who may be rung, and who has been. */
export class FeedRecords {
  constructor(private readonly database: Database) {}

  /** Marks what may be rung in a lane. The caller then rings it, or takes the marks back with `unring`. */
  async feed(lane: string, depth: number | null): Promise<FeedAnswer> {
    return this.database.transaction(async (client) => {
      if (!(await this.tryLock(client, lane))) return { fed: false, busy: true };
      const rung = await client.query<RungJob>({ name: 'feed', text: FEED, values: [lane, depth] });
      const barred = await client.query<{ id: string }>({ name: 'barred', text: BARRED, values: [lane] });
      const next = await client.query<{ ms: number | null }>({
        name: 'next_ready',
        text: NEXT_READY,
        values: [lane],
      });
      return {
        fed: true,
        rung: rung.rows,
        barred: barred.rows.map((row) => row.id),
        nextReadyMs: next.rows[0]?.ms ?? null,
      };
    });
  }

  /** Takes the marks of tickets back that could not be put into the queue. */
  async unring(tickets: readonly RungJob[]): Promise<void> {
    await this.database.run(UNRING, [
      tickets.map((ticket) => ticket.jobId),
      tickets.map((ticket) => ticket.ring),
    ]);
  }

  /** Tickets that were rung `olderThanMs` ago or earlier and that nobody has claimed. */
  async takeOldRings(olderThanMs: number): Promise<(RungJob & { readonly lane: string })[]> {
    return this.database.run<RungJob & { lane: string }>(RING_AGAIN, [olderThanMs, MOST_RUNG_AGAIN]);
  }

  private async tryLock(client: PoolClient, lane: string): Promise<boolean> {
    const lock = await client.query<{ ok: boolean }>({
      name: 'feed_lock',
      text: 'SELECT pg_try_advisory_xact_lock($1, hashtext($2)) AS ok',
      values: [FEED_LOCK, lane],
    });
    return lock.rows[0]?.ok === true;
  }
}
