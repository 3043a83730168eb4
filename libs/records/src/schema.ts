import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
} from 'drizzle-orm/pg-core';
import {
  CallPhase,
  Decision,
  IncompleteReason,
  JobPhase,
  JobProgress,
  JobStatus,
  Price,
  StoredError,
  Target,
  Usage,
} from '@longhaul/contract';
import { moment } from './lane.schema';

export { configVersions } from './config.schema';
export { cooldowns, lanes, reservations, slots, targetHealth, usageDays } from './lane.schema';

/** A job that may still run and that nobody holds. The two feed indexes are cut to it. */
const UNHELD = sql`lease_owner IS NULL AND status IN ('queued', 'in_progress')`;

/**
 * One row per accepted job: the truth about it. `ring` and `rung_at` are its bell: `rung_at` is null while no
 * ticket stands for it. `lease_owner` is set exactly while a claim is open; `fence` grows with every claim.
 * `lease_until` changes four times a lease, so it stands in no index: renewals stay heap-only.
 */
export const jobs = pgTable(
  'jobs',
  {
    id: text('id').primaryKey(),
    caller: text('caller').notNull(),
    type: text('type').notNull(),
    status: text('status').$type<JobStatus>().notNull().default('queued'),
    phase: text('phase').$type<JobPhase>(),
    model: text('model').notNull(),
    input: jsonb('input').notNull(),
    chain: jsonb('chain').$type<readonly Target[]>().notNull(),
    decision: jsonb('decision').$type<Decision>().notNull(),
    /** Place in `chain`; `provider` and `targetModel` repeat that entry for the indexes. */
    position: integer('position').notNull().default(0),
    provider: text('provider').notNull(),
    targetModel: text('target_model').notNull(),
    /** Failed calls on the present target that used up a retry. */
    tries: integer('tries').notNull().default(0),
    /** Claims so far; each is one attempt row. */
    attempts: integer('attempts').notNull().default(0),
    maxCalls: integer('max_calls').notNull(),
    /** A larger output budget after an `output_starved` answer; null = the kind's own. */
    outputBudget: integer('output_budget'),
    priority: smallint('priority').notNull().default(5),
    readyAt: moment('ready_at').notNull(),
    ring: integer('ring').notNull().default(1),
    rungAt: moment('rung_at'),
    fence: bigint('fence', { mode: 'number' }).notNull().default(0),
    leaseOwner: text('lease_owner'),
    leaseUntil: moment('lease_until'),
    deaths: integer('deaths').notNull().default(0),
    deadlineAt: moment('deadline_at').notNull(),
    /** What `deadline_at` was counted with, for a retry of this job; null in rows of older versions. */
    deadlineMs: bigint('deadline_ms', { mode: 'number' }),
    timeoutMs: integer('timeout_ms'),
    fallbackOnRefusal: boolean('fallback_on_refusal').notNull().default(false),
    cancelRequestedAt: moment('cancel_requested_at'),
    output: jsonb('output'),
    error: jsonb('error').$type<StoredError>(),
    incompleteReason: text('incomplete_reason').$type<IncompleteReason>(),
    usage: jsonb('usage').$type<Usage>(),
    /** Sum over all calls; null while unknown or when any call is unpriced. */
    costNanoUsd: bigint('cost_nano_usd', { mode: 'number' }),
    progress: jsonb('progress').$type<JobProgress>(),
    metadata: jsonb('metadata').$type<Record<string, string>>().notNull().default({}),
    retryOf: text('retry_of'),
    createdAt: moment('created_at').notNull().defaultNow(),
    startedAt: moment('started_at'),
    completedAt: moment('completed_at'),
    /** Which version of Longhaul's own reading `input` needs: an older worker leaves the job to a newer one. */
    payloadVersion: smallint('payload_version').notNull().default(1),
    /** How long an ended job is kept; null = as long as the settings say. */
    ttlMs: bigint('ttl_ms', { mode: 'number' }),
    /** When an ended job with a time to live of its own may be purged, by the trigger `jobs_purge_at`; null = by its age. */
    purgeAt: moment('purge_at'),
  },
  (table) => [
    check(
      'jobs_status',
      sql`status IN ('queued', 'in_progress', 'completed', 'incomplete', 'failed', 'cancelled')`,
    ),
    check('jobs_lease', sql`(lease_owner IS NULL) = (lease_until IS NULL)`),
    index('jobs_in_line')
      .on(table.provider, table.caller, table.targetModel, table.priority, table.readyAt, table.id)
      .where(sql`rung_at IS NULL AND ${UNHELD}`),
    index('jobs_ready_next')
      .on(table.provider, table.readyAt)
      .where(sql`rung_at IS NULL AND ${UNHELD}`),
    index('jobs_rung')
      .on(table.provider, table.rungAt)
      .where(sql`rung_at IS NOT NULL AND ${UNHELD}`),
    index('jobs_leased')
      .on(table.id)
      .where(sql`lease_owner IS NOT NULL`),
    index('jobs_deadline').on(table.deadlineAt).where(UNHELD),
    index('jobs_cancel_left')
      .on(table.id)
      .where(sql`cancel_requested_at IS NOT NULL AND ${UNHELD}`),
    index('jobs_ended_at')
      .on(table.completedAt)
      .where(sql`completed_at IS NOT NULL AND purge_at IS NULL`),
    index('jobs_purge_at')
      .on(table.purgeAt)
      .where(sql`purge_at IS NOT NULL`),
    index('jobs_by_caller').on(table.caller, table.createdAt, table.id),
    index('jobs_by_status').on(table.caller, table.status, table.createdAt, table.id),
    index('jobs_by_metadata')
      .using('gin', table.metadata.op('jsonb_path_ops'))
      .where(sql`metadata <> '{}'`),
  ],
);

/**
 * The log of each job: one row per transition, written by the triggers `jobs_log_*` (by hand in the migration), so that
 * no statement can move a job without a line. `seq` counts from 0 in each job.
 */
export const jobEvents = pgTable(
  'job_events',
  {
    jobId: text('job_id').notNull(),
    seq: integer('seq').notNull(),
    at: moment('at').notNull(),
    status: text('status').$type<JobStatus>().notNull(),
    phase: text('phase').$type<JobPhase>(),
    /** Claims so far. */
    attempt: integer('attempt').notNull(),
    provider: text('provider').notNull(),
    model: text('model').notNull(),
    /** Why: of the job's ending, else of the attempt that ended with this transition. */
    code: text('code'),
  },
  (table) => [primaryKey({ columns: [table.jobId, table.seq] })],
);

/** What is left of a deleted job: that it was. `created_at` keeps it usable as a cursor of a list. */
export const tombstones = pgTable(
  'tombstones',
  {
    jobId: text('job_id').primaryKey(),
    caller: text('caller').notNull(),
    createdAt: moment('created_at').notNull(),
    deletedAt: moment('deleted_at').notNull().defaultNow(),
  },
  (table) => [index('tombstones_age').on(table.deletedAt)],
);

/** `Idempotency-Key` → the job of the first request with it. Void after 24 hours. */
export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    caller: text('caller').notNull(),
    /** Method and pattern, e.g. `POST /v1/jobs`: a key is good for one route. */
    route: text('route').notNull().default('POST /v1/jobs'),
    key: text('key').notNull(),
    fingerprint: text('fingerprint').notNull(),
    jobId: text('job_id').notNull(),
    createdAt: moment('created_at').notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.caller, table.route, table.key] }),
    index('idempotency_keys_age').on(table.createdAt),
  ],
);

export type AttemptStatus = 'running' | 'succeeded' | 'failed' | 'cancelled' | 'abandoned';

/** One row per claim, written before the first byte goes out. */
export const attempts = pgTable(
  'attempts',
  {
    jobId: text('job_id').notNull(),
    fence: bigint('fence', { mode: 'number' }).notNull(),
    number: integer('number').notNull(),
    lane: text('lane').notNull(),
    model: text('model').notNull(),
    ring: integer('ring').notNull(),
    worker: text('worker').notNull(),
    status: text('status').$type<AttemptStatus>().notNull().default('running'),
    code: text('code'),
    message: text('message'),
    callPhase: text('call_phase').$type<CallPhase>(),
    upstreamStatus: integer('upstream_status'),
    upstreamRequestId: text('upstream_request_id'),
    firstTokenMs: integer('first_token_ms'),
    /** What of the request was sent otherwise than it was asked for; null = nothing. */
    adjustments: jsonb('adjustments').$type<readonly string[]>(),
    startedAt: moment('started_at').notNull(),
    endedAt: moment('ended_at'),
  },
  (table) => [
    primaryKey({ columns: [table.jobId, table.fence] }),
    index('attempts_failed')
      .on(table.lane, table.endedAt)
      .where(sql`status = 'failed'`),
    index('attempts_lost')
      .on(table.worker)
      .where(sql`code = 'worker_lost'`),
  ],
);

/** `answered` = the provider told the usage, or refused before any work; `unknown` = sent, outcome not known. */
export type LedgerCall = 'answered' | 'not_sent' | 'unknown';

/** One row per claim: what its upstream call cost. Append-only, but that an `unknown` may become `answered`. */
export const ledger = pgTable(
  'ledger',
  {
    jobId: text('job_id').notNull(),
    fence: bigint('fence', { mode: 'number' }).notNull(),
    caller: text('caller').notNull(),
    provider: text('provider').notNull(),
    model: text('model').notNull(),
    call: text('call').$type<LedgerCall>().notNull(),
    usage: jsonb('usage').$type<Usage>(),
    price: jsonb('price').$type<Price>(),
    /** Null = unpriced, never 0. */
    nanoUsd: bigint('nano_usd', { mode: 'number' }),
    bookedAt: moment('booked_at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.jobId, table.fence] })],
);
