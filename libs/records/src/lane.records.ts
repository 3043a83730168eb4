import { RateLimits } from '@longhaul/settings';
import { TOTAL_SCOPE } from './claim.records';
import { Database } from './database';

export interface LaneCap {
  readonly name: string;
  readonly cap: number;
}

/** What a boot says of a lane. */
export interface LaneDeclaration extends LaneCap {
  /** By `credentialOf`; absent = the name. */
  readonly credential?: string;
  /** Absent = none. */
  readonly limits?: RateLimits;
}

/** A lane whose cap or limits this boot has changed. */
export interface LaneChange extends LaneCap {
  readonly before: number;
  readonly limits: RateLimits;
  readonly limitsBefore: RateLimits;
}

const NO_LIMITS: RateLimits = { requestsPerMinute: null, tokensPerMinute: null, tokensPerDay: null };

const limitsOf = (row: string): string =>
  `json_build_object('requestsPerMinute', ${row}.rpm, 'tokensPerMinute', ${row}.tpm, 'tokensPerDay', ${row}.tpd)`;

/**
 * Guarantees: each name has a row with this cap, this credential and these limits, and slot rows 1…cap; an override row
 * keeps beating the cap. What a provider said of its limits is forgotten with the key that it said it to, and jobs that
 * wait for the end of what barred that key are ready at once: they wear that end as their `ready_at`, cut to milliseconds.
 * Inputs: $1 names, $2 caps, $3 credentials, $4 requests per minute, $5 tokens per minute, $6 tokens per day.
 * Returns: the rows that had another cap or other limits before.
 */
const DECLARE = {
  name: 'declare_lanes',
  text: `
    WITH wanted AS (
      SELECT * FROM unnest($1::text[], $2::int[], $3::text[], $4::int[], $5::bigint[], $6::bigint[])
        AS t (name, cap, credential, rpm, tpm, tpd)
    ), before AS MATERIALIZED (
      SELECT l.name, l.cap, l.credential, l.requests_per_minute AS rpm, l.tokens_per_minute AS tpm, l.tokens_per_day AS tpd
      FROM lanes l JOIN wanted USING (name)
    ), written AS (
      INSERT INTO lanes (name, cap, credential, requests_per_minute, tokens_per_minute, tokens_per_day)
      SELECT name, cap, credential, rpm, tpm, tpd FROM wanted ORDER BY name
      ON CONFLICT (name) DO UPDATE SET cap = EXCLUDED.cap, credential = EXCLUDED.credential,
        requests_per_minute = EXCLUDED.requests_per_minute, tokens_per_minute = EXCLUDED.tokens_per_minute,
        tokens_per_day = EXCLUDED.tokens_per_day,
        limits_seen_at = CASE WHEN lanes.credential = EXCLUDED.credential THEN lanes.limits_seen_at END
      WHERE (lanes.cap, lanes.credential, lanes.requests_per_minute, lanes.tokens_per_minute, lanes.tokens_per_day)
        IS DISTINCT FROM (EXCLUDED.cap, EXCLUDED.credential, EXCLUDED.requests_per_minute, EXCLUDED.tokens_per_minute,
          EXCLUDED.tokens_per_day)
    ), freed AS (
      UPDATE jobs SET ready_at = clock_timestamp()
      FROM wanted w, before b, cooldowns c
      WHERE b.name = w.name AND b.credential <> w.credential AND c.scope = 'credential:' || b.credential
        AND jobs.provider = w.name AND jobs.rung_at IS NULL AND jobs.lease_owner IS NULL AND jobs.status IN ('queued', 'in_progress')
        AND jobs.ready_at BETWEEN c.until - interval '2 milliseconds' AND c.until
    ), numbered AS (
      INSERT INTO slots (scope, n) SELECT name, generate_series(1, cap) FROM wanted ORDER BY 1, 2
      ON CONFLICT (scope, n) DO NOTHING
    )
    SELECT w.name, w.cap, b.cap AS before, ${limitsOf('w')} AS limits, ${limitsOf('b')} AS "limitsBefore"
    FROM wanted w JOIN before b USING (name)
    WHERE (b.cap, b.rpm, b.tpm, b.tpd) IS DISTINCT FROM (w.cap, w.rpm, w.tpm, w.tpd)
    ORDER BY w.name`,
};

const CAPS = {
  name: 'caps',
  text: `SELECT name, coalesce(override_cap, cap) AS cap FROM lanes`,
};

/** Caps, slot rows and limits. */
export class LaneRecords {
  constructor(private readonly database: Database) {}

  /** Writes this boot's caps, credentials and limits (the last boot wins) and answers the lanes that it changed. */
  async declare(lanes: readonly LaneDeclaration[], totalCap: number): Promise<LaneChange[]> {
    const all: readonly LaneDeclaration[] = [...lanes, { name: TOTAL_SCOPE, cap: totalCap }];
    const limits = all.map((lane) => lane.limits ?? NO_LIMITS);
    return this.database.run<LaneChange>(DECLARE, [
      all.map(({ name }) => name),
      all.map(({ cap }) => cap),
      all.map(({ name, credential }) => credential ?? name),
      limits.map(({ requestsPerMinute }) => requestsPerMinute),
      limits.map(({ tokensPerMinute }) => tokensPerMinute),
      limits.map(({ tokensPerDay }) => tokensPerDay),
    ]);
  }

  /** The effective cap of each lane, the total left out. */
  async caps(): Promise<LaneCap[]> {
    const rows = await this.database.run<LaneCap>(CAPS, []);
    return rows.filter((row) => row.name !== TOTAL_SCOPE);
  }
}
