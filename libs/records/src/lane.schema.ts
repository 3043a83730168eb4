import {
  bigint,
  date,
  doublePrecision,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  timestamp,
} from 'drizzle-orm/pg-core';

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
  /** Names the key in use, `<provider>:<fingerprint>`: a new key is not barred by what an old one did. */
  credential: text('credential'),
  /** Limits of that key; null = none. */
  requestsPerMinute: integer('requests_per_minute'),
  tokensPerMinute: bigint('tokens_per_minute', { mode: 'number' }),
  tokensPerDay: bigint('tokens_per_day', { mode: 'number' }),
  /** What the provider's own headers have said of the same limits, as of `limits_seen_at`. */
  seenRequestsPerMinute: integer('seen_requests_per_minute'),
  seenTokensPerMinute: bigint('seen_tokens_per_minute', { mode: 'number' }),
  limitsSeenAt: moment('limits_seen_at'),
  /** Until then jobs on their last chance are not rung: the last worker that was asked had one. */
  sparesUntil: moment('spares_until'),
});

/**
 * The circuits: `target:<provider>/<model>`, `credential:<provider>:<fingerprint>` or `provider:<provider>`. Open until
 * `until`; then half-open while `strikes` > 0, for one probe; closed with no strikes.
 */
export const cooldowns = pgTable('cooldowns', {
  scope: text('scope').primaryKey(),
  until: moment('until').notNull(),
  code: text('code').notNull(),
  strikes: integer('strikes').notNull().default(1),
  /** The claim that probes a half-open circuit; it counts while that claim is held. */
  probeJob: text('probe_job'),
  probeFence: bigint('probe_fence', { mode: 'number' }),
});

/** What each call takes of its key's limits, for a minute from its claim on: reserved by estimate, then as it was. */
export const reservations = pgTable(
  'reservations',
  {
    jobId: text('job_id').notNull(),
    fence: bigint('fence', { mode: 'number' }).notNull(),
    credential: text('credential').notNull(),
    at: moment('at').notNull(),
    tokens: bigint('tokens', { mode: 'number' }).notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.jobId, table.fence] }),
    index('reservations_window').on(table.credential, table.at),
  ],
);

/** Tokens of a key per day of UTC. */
export const usageDays = pgTable(
  'usage_days',
  {
    credential: text('credential').notNull(),
    day: date('day').notNull(),
    tokens: bigint('tokens', { mode: 'number' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.credential, table.day] })],
);

/** How each `<provider>/<model>` has answered lately. */
export const targetHealth = pgTable('target_health', {
  target: text('target').primaryKey(),
  /** Calls since the row was made. */
  samples: bigint('samples', { mode: 'number' }).notNull(),
  /** Exponentially weighted shares and times; null until there is one to weigh. */
  successRate: doublePrecision('success_rate').notNull(),
  latencyMs: doublePrecision('latency_ms'),
  firstTokenMs: doublePrecision('first_token_ms'),
  /** Milliseconds of the latest good calls, the newest last. */
  recentMs: integer('recent_ms').array().notNull(),
  updatedAt: moment('updated_at').notNull(),
});
