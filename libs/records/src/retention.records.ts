import { Database, Statement } from './database';
import { startsFrom } from './starts-from';

/** Rows of one statement: few enough that nobody waits for their locks. */
const AT_ONCE = 500;

/** One number for all processes: of several that purge at the same time one does it, and the others have nothing to do. */
const PURGE_LOCK = 7_215_084_633;

/** `MATERIALIZED`, so that the lock is asked for once and not for each row. */
const TURN = `turn AS MATERIALIZED (SELECT pg_try_advisory_xact_lock(${String(PURGE_LOCK)}) AS mine)`;

/**
 * As SQL, for a row of jobs: nothing of it is still to be written. Ended, in nobody's hands, each of its attempts closed
 * and booked. Counts and not EXISTS: planned on small tables that would read all attempts and all of the ledger.
 */
const SETTLED = `${startsFrom('remove')} AND coalesce(lease_owner, '') = '' AND (
        SELECT count(*) FROM attempts a WHERE a.job_id = jobs.id AND (
          a.status = 'running' OR a.ended_at IS NULL
          OR (SELECT count(*) FROM ledger l WHERE l.job_id = a.job_id AND l.fence = a.fence) = 0)) = 0`;

/**
 * Guarantees: only jobs that have ended, are settled and whose time is over go, with their attempts and their log by the
 * trigger `jobs_forget`; a tombstone stays of each, all together or nothing. The ledger stays, it is about money. A job
 * with a time to live goes by that, and every other by its age. Waits for nobody: a row that is locked is left for later.
 * `now()` and not `clock_timestamp()`: only a stable bound is looked up in the index.
 * Inputs: $1 how many of each sort, $2 age in ms (null = for ever). Returns: the ids.
 */
export const PURGE: Statement = {
  name: 'purge_jobs',
  text: `
    WITH ${TURN}, by_ttl AS MATERIALIZED (
      SELECT id FROM jobs WHERE purge_at <= now() AND (SELECT mine FROM turn) AND ${SETTLED}
      ORDER BY purge_at LIMIT $1 FOR UPDATE SKIP LOCKED
    ), by_age AS MATERIALIZED (
      SELECT id FROM jobs
      WHERE completed_at < now() - $2::float8 * interval '1 millisecond' AND completed_at IS NOT NULL
        AND purge_at IS NULL AND (SELECT mine FROM turn) AND ${SETTLED}
      ORDER BY completed_at LIMIT $1 FOR UPDATE SKIP LOCKED
    ), gone AS (
      DELETE FROM jobs WHERE id = ANY (ARRAY(SELECT id FROM by_ttl UNION ALL SELECT id FROM by_age))
      RETURNING id, caller, created_at
    ), buried AS (
      INSERT INTO tombstones (job_id, caller, created_at) SELECT id, caller, created_at FROM gone
      ON CONFLICT (job_id) DO NOTHING
    )
    SELECT id FROM gone`,
};

/** Guarantees: only tombstones older than that go. Inputs: $1 how many, $2 age in ms. Returns: the ids. */
export const FORGET_TOMBSTONES: Statement = {
  name: 'forget_tombstones',
  text: `
    DELETE FROM tombstones WHERE job_id = ANY (ARRAY(
      SELECT job_id FROM tombstones WHERE deleted_at < now() - $2::float8 * interval '1 millisecond'
      ORDER BY deleted_at LIMIT $1 FOR UPDATE SKIP LOCKED))
    RETURNING job_id`,
};

/** Of models that nobody has called for so long: what was measured says nothing any more. */
const HEALTH_DAYS = 35;
const FORGET_HEALTH: Statement = {
  name: 'forget_health',
  text: `
    DELETE FROM target_health WHERE target = ANY (ARRAY(
      SELECT target FROM target_health WHERE updated_at < now() - interval '${String(HEALTH_DAYS)} days'
      LIMIT ${String(AT_ONCE)} FOR UPDATE SKIP LOCKED))`,
};

export interface Purged {
  readonly jobs: number;
  /** Whether there may be more to do at once. */
  readonly isMore: boolean;
}

/** Takes away what has been kept for as long as it was to be. */
export class RetentionRecords {
  constructor(private readonly database: Database) {}

  /** One batch of ended jobs. @param keepMs null = only those with a time to live of their own */
  async purge(keepMs: number | null): Promise<Purged> {
    const rows = await this.database.run(PURGE, [AT_ONCE, keepMs]);
    return { jobs: rows.length, isMore: rows.length >= AT_ONCE };
  }

  /** One batch of what deleted jobs have left. @returns whether there may be more */
  async forgetTombstones(keepMs: number): Promise<boolean> {
    const rows = await this.database.run(FORGET_TOMBSTONES, [AT_ONCE, keepMs]);
    return rows.length >= AT_ONCE;
  }

  async forgetHealth(): Promise<void> {
    await this.database.run(FORGET_HEALTH, []);
  }
}
