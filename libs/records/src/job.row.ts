import { JobView, usdFromNano, viewUsage } from '@longhaul/contract';
import { JOB_COLUMN_NAMES } from './job.columns';
import type { jobs } from './schema';

type Stored = typeof jobs.$inferSelect;

/** A job as it stands in PostgreSQL, in our names. */
export type JobRow = Stored;

/** What the view of a job is made of. Everything else is for those who run it, or may hold megabytes. */
const SHOWN = [
  ...(['id', 'type', 'status', 'phase', 'model', 'provider', 'targetModel', 'priority', 'metadata'] as const),
  ...(['createdAt', 'startedAt', 'completedAt', 'readyAt', 'deadlineAt'] as const),
  ...([
    'error',
    'incompleteReason',
    'usage',
    'costNanoUsd',
    'attempts',
    'maxCalls',
    'progress',
    'retryOf',
  ] as const),
];

/** A job as its view needs it: a poll must not carry the rest about. */
export type JobSummary = Pick<JobRow, (typeof SHOWN)[number]>;

/** A job as a reader asked for it. */
export type JobDetail = JobSummary & Partial<Pick<JobRow, 'output' | 'decision'>>;

/** What a retry takes over from the job that it repeats. */
export type RetriedJob = Pick<
  JobRow,
  | 'type'
  | 'model'
  | 'input'
  | 'payloadVersion'
  | 'decision'
  | 'priority'
  | 'deadlineMs'
  | 'timeoutMs'
  | 'fallbackOnRefusal'
  | 'ttlMs'
  | 'metadata'
>;

const columnsOf = (isWanted: (property: string) => boolean): string =>
  Object.entries(JOB_COLUMN_NAMES)
    .filter(([property]) => isWanted(property))
    .map(([property, column]) => `jobs.${column} AS "${property}"`)
    .join(', ');

/** Every column under its TypeScript name, so that a raw statement answers a `JobRow`. */
export const JOB_COLUMNS = columnsOf(() => true);
/** The same for a `JobSummary`. */
export const SUMMARY_COLUMNS = columnsOf((property) => SHOWN.some((shown) => shown === property));

/** The decision with one hand-over more, where the parameter is not null. */
export const withHandOver = (parameter: string): string =>
  `CASE WHEN ${parameter}::jsonb IS NULL THEN decision ELSE jsonb_set(decision, '{handOvers}',
          coalesce(decision->'handOvers', '[]'::jsonb) || ${parameter}::jsonb) END`;

const seconds = (moment: Date): number => Math.floor(moment.getTime() / 1000);
const secondsOrNull = (moment: Date | null): number | null => (moment === null ? null : seconds(moment));

export interface JobViewOptions {
  /** Whether jobs of this type have a report. */
  readonly report: boolean;
}

/** A reason to wait has no tokens, and neither have the rows of older versions. */
const NO_TOKENS = { tokens: null, seconds_since_last_token: null };

/** The only mapper from a row to what the API shows. */
export function viewJob(row: JobDetail, { report }: JobViewOptions): JobView {
  const self = `/v1/jobs/${row.id}`;
  return {
    id: row.id,
    object: 'job',
    type: row.type,
    status: row.status,
    phase: row.phase,
    created_at: seconds(row.createdAt),
    started_at: secondsOrNull(row.startedAt),
    completed_at: secondsOrNull(row.completedAt),
    ready_at: row.completedAt === null ? seconds(row.readyAt) : null,
    deadline_at: seconds(row.deadlineAt),
    priority: row.priority,
    model: row.model,
    resolved: { provider: row.provider, model: row.targetModel },
    // Large, so it is here only when it was read.
    ...(row.output === undefined ? {} : { output: row.output }),
    error: row.error,
    incomplete_details: row.incompleteReason === null ? null : { reason: row.incompleteReason },
    usage: row.usage === null ? null : viewUsage(row.usage),
    cost_usd: usdFromNano(row.costNanoUsd),
    attempts: { count: row.attempts, max: row.maxCalls },
    // After the end it would still tell of the last step before it.
    progress: row.completedAt === null && row.progress !== null ? { ...NO_TOKENS, ...row.progress } : null,
    metadata: row.metadata,
    retry_of: row.retryOf,
    urls: {
      self,
      cancel: `${self}/cancel`,
      retry: `${self}/retry`,
      attempts: `${self}/attempts`,
      events: `${self}/events`,
      output: `${self}/output`,
      report: report ? `${self}/report` : null,
    },
  };
}
