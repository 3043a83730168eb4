import { getTableColumns } from 'drizzle-orm';
import { JobView, usdFromNano, viewUsage } from '@longhaul/contract';
import { jobs } from './schema';

type Stored = typeof jobs.$inferSelect;

/** A job as it stands in PostgreSQL, in our names. */
export type JobRow = Stored;

/** Every column under its TypeScript name, so that a raw statement answers a `JobRow`. */
export const JOB_COLUMNS = Object.entries(getTableColumns(jobs))
  .map(([property, column]) => `jobs.${column.name} AS "${property}"`)
  .join(', ');

const seconds = (moment: Date): number => Math.floor(moment.getTime() / 1000);
const secondsOrNull = (moment: Date | null): number | null => (moment === null ? null : seconds(moment));

export interface JobViewOptions {
  /** The output may be large, so it comes only when asked for. */
  readonly output: boolean;
  /** Whether jobs of this type have a report. */
  readonly report: boolean;
}

/** The only mapper from a row to what the API shows. */
export function viewJob(row: JobRow, include: JobViewOptions): JobView {
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
    ...(include.output ? { output: row.output } : {}),
    error: row.error,
    incomplete_details: row.incompleteReason === null ? null : { reason: row.incompleteReason },
    usage: row.usage === null ? null : viewUsage(row.usage),
    cost_usd: usdFromNano(row.costNanoUsd),
    attempts: { count: row.attempts, max: row.maxCalls },
    // After the end it would still tell of the last step before it.
    progress: row.completedAt === null ? row.progress : null,
    metadata: row.metadata,
    retry_of: row.retryOf,
    urls: {
      self,
      cancel: `${self}/cancel`,
      attempts: `${self}/attempts`,
      report: include.report ? `${self}/report` : null,
    },
  };
}
