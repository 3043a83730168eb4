import { sql } from 'drizzle-orm';
import { bigint, check, jsonb, pgTable, text } from 'drizzle-orm/pg-core';
import type { ConfigVersionKind, OverrideChange } from './config.records';
import { moment } from './lane.schema';

/**
 * The overrides of the configuration, append-only: each row holds the whole set, and the highest version is in force.
 * Versions have no gaps: they are counted under a lock, since a sequence loses a number with every refusal.
 */
export const configVersions = pgTable(
  'config_versions',
  {
    version: bigint('version', { mode: 'number' }).primaryKey(),
    overrides: jsonb('overrides').$type<unknown>().notNull(),
    changes: jsonb('changes').$type<Readonly<Record<string, OverrideChange>>>().notNull(),
    author: text('author').notNull(),
    reason: text('reason').notNull(),
    kind: text('kind').$type<ConfigVersionKind>().notNull(),
    /** The version whose overrides a rollback brought back; 0 = none at all. */
    rolledBackTo: bigint('rolled_back_to', { mode: 'number' }),
    createdAt: moment('created_at').notNull().defaultNow(),
  },
  () => [
    check('config_versions_kind', sql`kind IN ('change', 'rollback', 'reload')`),
    check('config_versions_rollback', sql`(rolled_back_to IS NOT NULL) = (kind = 'rollback')`),
  ],
);
