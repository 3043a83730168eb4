import { bigint, integer, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core';

/** A time on the database's clock. */
export const moment = (name: string) => timestamp(name, { withTimezone: true });

/**
 * The in-flight caps as numbered rows: a claim takes one of its provider and one of `*` (all). A slot is a lease,
 * never a counter. `WITH (fillfactor = 50)` is added by hand to the migration: it keeps the updates heap-only.
 */
export const slots = pgTable(
  'slots',
  {
    scope: text('scope').notNull(),
    n: integer('n').notNull(),
    lane: text('lane'),
    jobId: text('job_id'),
    fence: bigint('fence', { mode: 'number' }),
    leaseUntil: moment('lease_until'),
  },
  (table) => [primaryKey({ columns: [table.scope, table.n] })],
);

/** One row per provider and one named `*` for the total: the effective caps. */
export const lanes = pgTable('lanes', {
  name: text('name').primaryKey(),
  cap: integer('cap').notNull(),
  overrideCap: integer('override_cap'),
  /** When a claim of this lane was last refused for want of a total slot; lets the others yield. */
  wantsTotalAt: moment('wants_total_at'),
  /** Claims answered `full` since the row was made. */
  refused: bigint('refused', { mode: 'number' }).notNull().default(0),
});

/** What is cooling: `target:<provider>/<model>`, `credential:<provider>` or `provider:<provider>`. */
export const cooldowns = pgTable('cooldowns', {
  scope: text('scope').primaryKey(),
  until: moment('until').notNull(),
  code: text('code').notNull(),
  strikes: integer('strikes').notNull().default(1),
});
