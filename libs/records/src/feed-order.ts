import { isReadable } from './payloads';
import { startsFrom } from './starts-from';

/** A place in a lane's line: jobs of one caller, one model and one priority stand in a group, by `ready_at`. */
export interface Place {
  readonly caller: string;
  readonly model: string;
  readonly priority: number;
}

/** Before every place. */
export const START: Place = { caller: '', model: '', priority: -1 };

/** Groups that one statement looks at; a longer line is looked at in several, each from where the one before ended. */
export const GROUPS_AT_ONCE = 100;

/** Callers whose first job somebody else may have locked this moment. */
const SPARE_CALLERS = 8;

/**
 * Until the end of the transaction no rows are sorted that an index holds in order. Planned while the table was empty, each
 * step of the line would else read and sort the whole backlog.
 */
export const IN_ORDER = `set_config('enable_sort', 'off', true)`;

/** Of the jobs `alias`: the predicate of the index `jobs_in_line`. */
export const mayBeRung = (alias: string): string =>
  `${alias}.provider = $1 AND ${alias}.rung_at IS NULL AND ${alias}.lease_owner IS NULL AND ${startsFrom('ring', `${alias}.status`)}`;

const isRung = (alias: string): string =>
  `${alias}.provider = $1 AND ${alias}.rung_at IS NOT NULL AND ${alias}.lease_owner IS NULL AND ${startsFrom('ring', `${alias}.status`)}`;

/**
 * Whether a feed has anything to do, asked without its lock: most wakes come when all that waits is rung already.
 * Nothing is missed, since whoever makes a job ready wakes a feed after its commit. Counts jobs too that this process
 * cannot read; the feed itself leaves them out. Inputs: $1 lane.
 * Returns: milliseconds until the first job is or was ready; null = none waits.
 */
export const FIRST_READY = {
  name: 'first_ready',
  text: `
    SELECT ceil(extract(epoch FROM min(j.ready_at) - statement_timestamp()) * 1000)::bigint AS ms
    FROM jobs j WHERE ${mayBeRung('j')} AND j.ready_at < now() + interval '1 day'`,
};

/** The place of the first job after `place`, and that job: one step down the index. */
const firstAfter = (place: string): string => `
    SELECT j.caller, j.target_model, j.priority, j.ready_at, j.id FROM jobs j
    WHERE ${mayBeRung('j')} AND (j.caller, j.target_model, j.priority) > (${place})
    ORDER BY j.caller, j.target_model, j.priority, j.ready_at, j.id LIMIT 1`;

/** Without ageing priorities are strict. With it a job that has waited $5 longer goes before one of the next higher priority. */
const STRICT = `CASE WHEN $5::float8 > 0 THEN 0 ELSE -priority END`;
const AGED = `ready_at - priority * $5::float8 * interval '1 millisecond'`;

/**
 * The order of a lane. Between callers: whoever has the fewest jobs rung and in flight in the lane comes next; of those
 * that are even, who was not served in this round. Then, and within a caller: the aged priority, then `ready_at`.
 * Without the rounds a newcomer would wait for the whole backlogs of all who came before, once they are more than the
 * lane has places.
 * Guarantees: at most `depth` tickets are rung and unclaimed, counted here and not in the queue; a provider that is off
 * rings nothing. Reads one row for each group, and no backlog: not that of a caller who has thousands waiting, nor that of
 * a model that cools. Of the groups only those of the callers who may be next are read further, and no further than to
 * `level`: what each would have if all had endless backlogs.
 * Bounds are stable (`statement_timestamp()`, not the clock) and ids come as an array, so that indexes are used. Runs
 * IN_ORDER, under the lane's advisory lock, as a statement of its own, so that its snapshot is younger than the lock. A job that
 * another transaction has locked is passed over.
 * Inputs: $1 lane, $2 depth (null = the cap), $3 models that are left out, $4 the one model that is rung and counted
 * (null = all), $5 milliseconds of waiting that are worth one step of priority (0 = none), $6 caller, $7 model and
 * $8 priority after which to look, $9 deaths from which on a job is left out, $10 callers that were served in this round,
 * $11 payloads that can be read: a newer job's bell is left to a newer process, $12 no `level`:
 * places were left, since some had less waiting than their share.
 * Returns: the tickets to ring, in order, or one row without; with each how many may still be rung, whether more stand
 * where it did not look further, and the last place that was looked at (null = the end of the line).
 */
export const FEED = `
  WITH RECURSIVE room AS MATERIALIZED (
    SELECT CASE WHEN coalesce(l.override_cap, l.cap) = 0 THEN 0 ELSE greatest(0, coalesce($2::int, l.override_cap, l.cap) - (
      SELECT count(*) FROM jobs r WHERE ${isRung('r')} AND ($4::text IS NULL OR r.target_model = $4))) END::int AS n
    FROM lanes l WHERE l.name = $1
  ), line AS (
    SELECT *, 1 AS g, 1 AS k FROM (${firstAfter('$6, $7, $8::smallint')}) f WHERE (SELECT n FROM room) > 0
    UNION ALL
    SELECT next.*, line.g + 1, line.k + (next.caller <> line.caller)::int FROM line, LATERAL (${firstAfter('line.caller, line.target_model, line.priority')}) next
  ), heads AS MATERIALIZED (
    SELECT * FROM line LIMIT ${String(GROUPS_AT_ONCE)}
  ), held AS MATERIALIZED (
    SELECT caller, count(*) AS n FROM (
      SELECT r.caller FROM jobs r WHERE ${isRung('r')}
      UNION ALL
      SELECT (SELECT h.caller FROM jobs h WHERE h.id = s.job_id) FROM slots s WHERE s.scope = $1 AND s.job_id IS NOT NULL
    ) one GROUP BY caller
  ), ready AS MATERIALIZED (
    SELECT heads.*, coalesce(held.n, 0) AS n, (caller = ANY ($10::text[]))::int AS served,
      ${STRICT} AS strict, ${AGED} AS aged
    FROM heads LEFT JOIN held USING (caller)
    WHERE ready_at <= statement_timestamp() AND target_model <> ALL ($3::text[]) AND ($4::text IS NULL OR target_model = $4)
  ), callers AS MATERIALIZED (
    SELECT k, n FROM (SELECT DISTINCT ON (k) * FROM ready ORDER BY k, strict, aged, ready_at, id) first
    ORDER BY n, served, strict, aged, ready_at, id LIMIT (SELECT n + ${String(SPARE_CALLERS)} FROM room)
  ), level AS MATERIALIZED (
    SELECT CASE WHEN $12 THEN max(room.n + c.n) ELSE ceil(min((room.n + c.filled) / c.place)) END AS n
    FROM room, (SELECT n, sum(n) OVER lowest AS filled, row_number() OVER lowest AS place FROM callers
                WINDOW lowest AS (ORDER BY n, k ROWS UNBOUNDED PRECEDING)) c
  ), waiting AS MATERIALIZED (
    SELECT j.id, j.ready_at, r.g, r.k, r.n, r.served, j.strict, j.aged
    FROM callers c JOIN ready r USING (k), LATERAL (
      SELECT j.id, j.ready_at, ${STRICT} AS strict, ${AGED} AS aged FROM jobs j
      WHERE ${mayBeRung('j')} AND j.caller = r.caller AND j.target_model = r.target_model AND j.priority = r.priority
        AND j.ready_at <= statement_timestamp() AND j.deaths < $9::int AND ${isReadable('$11', 'j')}
      ORDER BY j.ready_at, j.id LIMIT greatest(0, (SELECT n FROM level) - r.n + 1)
    ) j
  ), candidates AS MATERIALIZED (
    SELECT id, row_number() OVER (ORDER BY turn, served, strict, aged, ready_at, id) AS place FROM (
      SELECT *, n + row_number() OVER (PARTITION BY k ORDER BY strict, aged, ready_at, id) AS turn FROM waiting) w
    ORDER BY place
  ), picked AS MATERIALIZED (
    SELECT j.id, c.place FROM candidates c, LATERAL (
      SELECT id FROM jobs WHERE id = c.id AND rung_at IS NULL AND coalesce(lease_owner, '') = ''
        AND ${startsFrom('ring')} FOR NO KEY UPDATE SKIP LOCKED
    ) j LIMIT (SELECT n FROM room)
  ), rung AS (
    UPDATE jobs SET rung_at = clock_timestamp(), phase = CASE phase WHEN 'scheduled' THEN 'waiting' ELSE phase END
    WHERE jobs.id = ANY (ARRAY(SELECT id FROM picked))
    RETURNING jobs.id, jobs.ring, jobs.caller
  )
  SELECT rung.id AS "jobId", rung.ring, rung.caller, (SELECT n FROM room) - (SELECT count(*) FROM picked)::int AS left,
    (SELECT count(DISTINCT k) FROM ready) > (SELECT count(*) FROM callers) OR EXISTS (
      SELECT 1 FROM callers c JOIN ready r USING (k)
      WHERE (SELECT count(*) FROM waiting w WHERE w.g = r.g) >= greatest(0, (SELECT n FROM level) - r.n + 1)) AS more,
    (SELECT json_build_object('caller', caller, 'model', target_model, 'priority', priority)
     FROM heads WHERE g = ${String(GROUPS_AT_ONCE)}) AS last
  FROM (SELECT 1) one LEFT JOIN (rung JOIN picked USING (id)) ON true
  ORDER BY picked.place`;
