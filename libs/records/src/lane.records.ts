import { TOTAL_SCOPE } from './claim.records';
import { Database } from './database';

export interface LaneCap {
  readonly name: string;
  readonly cap: number;
}

/** A cap that this boot has changed. */
export interface CapChange extends LaneCap {
  readonly before: number;
}

/** Guarantees: each name has a row with this cap, and slot rows 1…cap; an override row keeps beating it. */
const DECLARE = {
  name: 'declare_lanes',
  text: `
    WITH wanted AS (SELECT * FROM unnest($1::text[], $2::int[]) AS t (name, cap)),
    before AS MATERIALIZED (SELECT l.name, l.cap FROM lanes l JOIN wanted USING (name)),
    written AS (
      INSERT INTO lanes (name, cap) SELECT name, cap FROM wanted ORDER BY name
      ON CONFLICT (name) DO UPDATE SET cap = EXCLUDED.cap WHERE lanes.cap <> EXCLUDED.cap
    ), numbered AS (
      INSERT INTO slots (scope, n) SELECT name, generate_series(1, cap) FROM wanted ORDER BY 1, 2
      ON CONFLICT (scope, n) DO NOTHING
    )
    SELECT w.name, w.cap, b.cap AS before FROM wanted w JOIN before b USING (name) WHERE b.cap <> w.cap`,
};

const CAPS = {
  name: 'caps',
  text: `SELECT name, coalesce(override_cap, cap) AS cap FROM lanes`,
};

/** Caps and slot rows. */
export class LaneRecords {
  constructor(private readonly database: Database) {}

  /** Writes this boot's caps (the last boot wins) and answers those that it changed. */
  async declare(lanes: readonly LaneCap[], totalCap: number): Promise<CapChange[]> {
    const all = [...lanes, { name: TOTAL_SCOPE, cap: totalCap }];
    return this.database.run<CapChange>(DECLARE, [all.map((lane) => lane.name), all.map((lane) => lane.cap)]);
  }

  /** The effective cap of each lane, the total left out. */
  async caps(): Promise<LaneCap[]> {
    const rows = await this.database.run<LaneCap>(CAPS, []);
    return rows.filter((row) => row.name !== TOTAL_SCOPE);
  }
}
