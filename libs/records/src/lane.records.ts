import { RateLimits } from '@longhaul/settings';
import { TOTAL_SCOPE } from './claim.records';
import { Database, Statement } from './database';
import { startsFrom } from './starts-from';

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

/** A lane as its row says. */
export interface LaneState extends LaneCap {
  /** Names the key that was declared last; null in rows of older versions. */
  readonly credential: string | null;
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
 * keeps beating the cap. What a provider said of its limits is forgotten with the key that it said it to. Touches no job:
 * those that wait for what barred that key are `UNBAR`'s, or a start before a long line of them would outlast every clock.
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
      SELECT l.name, l.cap, l.requests_per_minute AS rpm, l.tokens_per_minute AS tpm, l.tokens_per_day AS tpd
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
  text: `SELECT name, coalesce(override_cap, cap) AS cap, credential FROM lanes`,
};

/** A full one may be followed by another. */
export const MOST_UNBARRED_AT_ONCE = 500;

/**
 * Guarantees: a batch of jobs that wait for the end of what bars a key which is not their lane's any more is ready at once.
 * They wear that end as their `ready_at`, cut to milliseconds; asked for in its order they are found by its index, however
 * little was known when this was planned. Bars that are over are left out: who waited for them is ready, and keeps its age.
 * Which jobs these are the rows say, and nobody who has declared a key has to live on.
 * Inputs: $1 how many. Returns: a row for each.
 */
export const UNBAR: Statement = {
  name: 'unbar',
  text: `
    WITH bars AS MATERIALIZED (
      SELECT l.name, c.until FROM lanes l JOIN cooldowns c
        ON c.scope = 'credential:' || l.name OR starts_with(c.scope, 'credential:' || l.name || ':')
      WHERE c.scope <> 'credential:' || coalesce(l.credential, l.name) AND c.until > clock_timestamp()
    ), waiting AS MATERIALIZED (
      SELECT j.id FROM bars, LATERAL (
        SELECT id FROM jobs
        WHERE provider = bars.name AND rung_at IS NULL AND lease_owner IS NULL AND ${startsFrom('ring')}
          AND ready_at BETWEEN bars.until - interval '2 milliseconds' AND bars.until
        ORDER BY ready_at LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED) j
      LIMIT $1
    )
    UPDATE jobs SET ready_at = clock_timestamp() WHERE id = ANY (ARRAY(SELECT id FROM waiting)) RETURNING id`,
};

/** Whatever a claim, its reservation or its log writes, by a column of each. */
const WRITTEN_BY_CLAIMS = {
  jobs: 'ring',
  slots: 'n',
  attempts: 'ring',
  ledger: 'fence',
  job_events: 'seq',
  cooldowns: 'code',
  reservations: 'tokens',
  usage_days: 'tokens',
};

/**
 * Guarantees: nothing changes, but lanes took a write, and it was committed; of every other table that a claim writes the lock
 * was taken, as whoever makes an index of it would keep it from others. Inputs: $1 lane.
 */
const PROVE_WRITES: Statement = {
  name: 'prove_writes',
  text: `
    WITH ${Object.entries(WRITTEN_BY_CLAIMS)
      .map(([table, column]) => `${table}_taken AS (UPDATE ${table} SET ${column} = ${column} WHERE false)`)
      .join(', ')}
    UPDATE lanes SET cap = cap WHERE name = $1`,
};

/** Caps, slot rows, limits and keys. */
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

  /** The effective cap of each lane, the total left out, and its key. */
  async caps(): Promise<LaneState[]> {
    const rows = await this.database.run<LaneState>(CAPS, []);
    return rows.filter((row) => row.name !== TOTAL_SCOPE);
  }

  /** Throws where a claim would not be taken either. */
  async proveWrites(lane: string): Promise<void> {
    await this.database.run(PROVE_WRITES, [lane]);
  }

  /** Makes a batch of jobs ready that wait for a key which is no longer in use. @returns how many */
  async unbar(): Promise<number> {
    return (await this.database.run(UNBAR, [MOST_UNBARRED_AT_ONCE])).length;
  }
}
