import { Database } from './database';
import { LaneCap } from './lane.records';
import { Session } from './loan';

/** What made a version: a change, a rollback to an earlier one, or the wish that every process reads its files anew. */
export const CONFIG_VERSION_KINDS = ['change', 'rollback', 'reload'] as const;
export type ConfigVersionKind = (typeof CONFIG_VERSION_KINDS)[number];

/** What one name was and is; null = no override. */
export interface OverrideChange {
  readonly before: unknown;
  readonly after: unknown;
}

/** One version of the overrides. */
export interface ConfigVersion {
  readonly version: number;
  /** The whole set, as whoever wrote it has shaped it. */
  readonly overrides: unknown;
  /** By name, what this version has changed. */
  readonly changes: Readonly<Record<string, OverrideChange>>;
  readonly author: string;
  readonly reason: string;
  readonly kind: ConfigVersionKind;
  readonly rolledBackTo: number | null;
  readonly createdAt: Date;
}

/** What a version is made of; its number and time are given by the database. */
export interface NewConfigVersion extends Omit<ConfigVersion, 'version' | 'createdAt'> {
  /** The caps that override those of the boots, by lane, `*` for the total; all others fall back to the boot's. */
  readonly caps: readonly LaneCap[];
}

/** Newest first, below a version. */
export interface ConfigPage {
  readonly limit: number;
  readonly before: number | null;
}

/** Whoever holds it changes the configuration; the others wait. */
const CONFIG_LOCK = 7_215_084_632;

const COLUMNS = `version, overrides, changes, author, reason, kind, rolled_back_to AS "rolledBackTo",
  created_at AS "createdAt"`;

/** Guarantees: one step back on the index of the key, so that it may be asked every second. */
const LATEST = {
  name: 'config_latest',
  text: 'SELECT version FROM config_versions ORDER BY version DESC LIMIT 1',
};

const CURRENT = {
  name: 'config_current',
  text: `SELECT ${COLUMNS} FROM config_versions ORDER BY version DESC LIMIT 1`,
};

/** Inputs: $1 version. */
const FIND = { name: 'config_find', text: `SELECT ${COLUMNS} FROM config_versions WHERE version = $1` };

/** Inputs: $1 the version below which the page begins, null = at the newest; $2 how many. Returns: newest first. */
const PAGE = {
  name: 'config_page',
  text: `
    SELECT ${COLUMNS} FROM config_versions WHERE $1::bigint IS NULL OR version < $1
    ORDER BY version DESC LIMIT $2`,
};

/** Inputs: $1 version, $2 overrides, $3 changes, $4 author, $5 reason, $6 kind, $7 the version rolled back to. */
const INSERT = {
  name: 'config_insert',
  text: `
    INSERT INTO config_versions (version, overrides, changes, author, reason, kind, rolled_back_to)
    VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING ${COLUMNS}`,
};

/**
 * Guarantees: the lanes that are named have these overrides and slot rows 1…cap, all others have none. A name without
 * a lane (no key yet) is passed over: the boot that declares it settles the caps anew.
 * Inputs: $1 names, $2 caps. Locks lanes by name, then slots, as everything does that touches both.
 */
const SETTLE_CAPS = {
  name: 'config_settle_caps',
  text: `
    WITH wanted AS (SELECT * FROM unnest($1::text[], $2::int[]) AS t (name, cap)),
    locked AS MATERIALIZED (
      SELECT l.name, w.cap FROM lanes l LEFT JOIN wanted w USING (name)
      WHERE l.override_cap IS DISTINCT FROM w.cap ORDER BY l.name FOR UPDATE OF l
    ), written AS (
      UPDATE lanes l SET override_cap = locked.cap FROM locked WHERE l.name = locked.name
    )
    INSERT INTO slots (scope, n) SELECT name, generate_series(1, cap) FROM locked WHERE cap IS NOT NULL ORDER BY 1, 2
    ON CONFLICT (scope, n) DO NOTHING`,
};

/** The overrides of the configuration, and how they came about. */
export class ConfigRecords {
  constructor(private readonly database: Database) {}

  /** The version in force; 0 = there never was an override. */
  async latest(): Promise<number> {
    return (await this.database.run<{ version: number }>(LATEST, []))[0]?.version ?? 0;
  }

  async current(): Promise<ConfigVersion | null> {
    return (await this.database.run<ConfigVersion>(CURRENT, []))[0] ?? null;
  }

  async find(version: number): Promise<ConfigVersion | null> {
    return (await this.database.run<ConfigVersion>(FIND, [version]))[0] ?? null;
  }

  async page({ limit, before }: ConfigPage): Promise<{ rows: ConfigVersion[]; hasMore: boolean }> {
    const rows = await this.database.run<ConfigVersion>(PAGE, [before, limit + 1]);
    return { rows: rows.slice(0, limit), hasMore: rows.length > limit };
  }

  /**
   * Adds what `next` makes of the version in force; nobody else changes the configuration in between. Version, caps
   * and slot rows are one transaction. A throw of `next` leaves everything as it was.
   */
  async append(next: (current: ConfigVersion | null) => NewConfigVersion): Promise<ConfigVersion> {
    return this.database.transaction(async (session) => {
      const current = await lockedCurrent(session);
      const { overrides, changes, author, reason, kind, rolledBackTo, caps } = next(current);
      const bodies = [JSON.stringify(overrides), JSON.stringify(changes)];
      const row = [(current?.version ?? 0) + 1, ...bodies, author, reason, kind, rolledBackTo];
      const { rows } = await session.query<ConfigVersion>({ text: INSERT.text, values: row });
      await settleCaps(session, caps);
      const [written] = rows;
      if (written === undefined) throw new Error('INSERT into config_versions returned no row');
      return written;
    });
  }

  /** Gives lanes that a boot has declared the caps of the version in force. */
  async restateCaps(capsOf: (current: ConfigVersion | null) => readonly LaneCap[]): Promise<void> {
    await this.database.transaction(async (session) => {
      await settleCaps(session, capsOf(await lockedCurrent(session)));
    });
  }
}

async function lockedCurrent(session: Session): Promise<ConfigVersion | null> {
  await session.query({ text: 'SELECT pg_advisory_xact_lock($1)', values: [CONFIG_LOCK] });
  // A statement of its own: its snapshot is taken after the lock, and sees what the holder before has committed.
  return (await session.query<ConfigVersion>(CURRENT.text)).rows[0] ?? null;
}

async function settleCaps(session: Session, caps: readonly LaneCap[]): Promise<void> {
  const values = [caps.map(({ name }) => name), caps.map(({ cap }) => cap)];
  await session.query({ text: SETTLE_CAPS.text, values });
}
