import { scopesIn } from './circuit.records';
import { Database, Statement } from './database';
import { DEATHS_UNTIL_POISON } from './last-chance';
import { isReadable, KnownPayloads, payloadsText } from './payloads';

/** One lane, as somebody sees it who asks whether it goes on. */
export interface LanePulse {
  readonly lane: string;
  /** How long the oldest job has been ready that could start now, by all that PostgreSQL knows; null = none could. */
  readonly startableSeconds: number | null;
  /** Ready jobs that this process cannot read, among the oldest that are looked at. */
  readonly newer: number;
  /** Another one after every start and every end of a call. */
  readonly mark: string;
}

const UNHELD = `lease_owner IS NULL AND status IN ('queued', 'in_progress')`;
const COLUMNS = 'ready_at, type, payload_version, target_model, deadline_at, cancel_requested_at, deaths';

const IS_LAST_CHANCE = `deaths >= ${String(DEATHS_UNTIL_POISON - 1)}`;

/**
 * As SQL: a job on its last chance runs, in whatever lane. Its worker spares the others, and so may all. Each slot asks for
 * its job by the key: joined, by a server that has counted nothing yet, all jobs would be read.
 */
const LAST_CHANCE_RUNS = `EXISTS (
  SELECT 1 FROM slots s WHERE s.scope = '*' AND (SELECT ${IS_LAST_CHANCE} FROM jobs WHERE id = s.job_id))`;

/**
 * Guarantees: at most 200 jobs of a lane are read, by the indexes of the Feeder, however many wait. A job could start
 * when its lane and the total have a free slot, no circuit of its target has opened since its last answer, nobody waits
 * for room under a limit of the lane's key, and it is not spared for another on its last chance.
 * Inputs: $1 payloads that can be read. Returns: one row per lane.
 */
const PULSE: Statement = {
  name: 'lane_pulse',
  text: `
    WITH taken AS MATERIALIZED (
      SELECT scope, count(*) AS n, md5(string_agg(job_id || ':' || fence, ',' ORDER BY n)) AS mark
      FROM slots WHERE job_id IS NOT NULL GROUP BY scope
    ), total AS MATERIALIZED (
      SELECT coalesce(override_cap, cap) > coalesce((SELECT n FROM taken WHERE scope = '*'), 0) AS free FROM lanes WHERE name = '*'
    )
    SELECT l.name AS lane, head.newer, coalesce((SELECT mark FROM taken WHERE scope = l.name), '') AS mark,
      CASE WHEN (SELECT free FROM total) AND coalesce(l.override_cap, l.cap) > coalesce((SELECT n FROM taken WHERE scope = l.name), 0)
             AND NOT EXISTS (SELECT 1 FROM reservations r WHERE r.credential = coalesce(l.credential, l.name)
                             AND r.fence = 0 AND r.at > statement_timestamp() - interval '10 seconds')
           THEN extract(epoch FROM statement_timestamp() - head.oldest)::float8 END AS "startableSeconds"
    FROM lanes l CROSS JOIN LATERAL (
      SELECT count(*) FILTER (WHERE NOT readable)::int AS newer,
        min(ready_at) FILTER (WHERE readable AND NOT (${IS_LAST_CHANCE} AND ${LAST_CHANCE_RUNS}) AND NOT EXISTS (
          SELECT 1 FROM cooldowns c WHERE (c.until > statement_timestamp() OR c.strikes > 0)
            AND c.scope IN (${scopesIn('l.name', 'target_model', 'l.credential')}))) AS oldest
      FROM (
        SELECT ready_at, target_model, deaths, ${isReadable('$1')} AS readable
        FROM (
          (SELECT ${COLUMNS} FROM jobs WHERE provider = l.name AND ${UNHELD} AND rung_at IS NULL
             AND ready_at <= statement_timestamp() ORDER BY ready_at LIMIT 100)
          UNION ALL
          (SELECT ${COLUMNS} FROM jobs WHERE provider = l.name AND ${UNHELD} AND rung_at IS NOT NULL
             ORDER BY rung_at LIMIT 100)
        ) waiting
        WHERE ready_at <= statement_timestamp() AND deadline_at > statement_timestamp() AND cancel_requested_at IS NULL
      ) looked_at
    ) head
    WHERE l.name <> '*' ORDER BY l.name`,
};

/** Whether lanes go on. Nothing is decided by it about a job. */
export class PulseRecords {
  constructor(
    private readonly database: Database,
    private readonly payloads: KnownPayloads | null,
  ) {}

  async lanes(): Promise<readonly LanePulse[]> {
    return this.database.run<LanePulse>(PULSE, [payloadsText(this.payloads)]);
  }
}
