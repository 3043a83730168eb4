import { hasEnded, JobPhase, JobStatus } from '@longhaul/contract';
import { JobEventRow } from '@longhaul/records';

/** One line of a job's log as the API shows it. */
export interface JobEventView {
  readonly object: 'job.event';
  /** Counts from 0 in each job. */
  readonly seq: number;
  readonly type: string;
  readonly job_id: string;
  /** Unix seconds with milliseconds. */
  readonly created_at: number;
  readonly status: JobStatus;
  readonly phase: JobPhase | null;
  /** Claims so far. */
  readonly attempt: number;
  readonly provider: string;
  readonly model: string;
  /** Why: the code of the job's ending, or of the attempt that ended here. */
  readonly code: string | null;
}

const TYPES: Readonly<Record<JobPhase, string>> = {
  scheduled: 'job.scheduled',
  waiting: 'job.waiting',
  running: 'job.attempt.started',
  retry_wait: 'job.retry_wait',
  fallback: 'job.fallback',
  cancelling: 'job.cancelling',
  finalizing: 'job.finalizing',
};

/** What a transition is called: by where it led, so that a new statement needs no new name. */
export function eventType({ seq, status, phase }: Pick<JobEventRow, 'seq' | 'status' | 'phase'>): string {
  if (hasEnded(status)) return `job.${status}`;
  if (phase === null) return 'job.moved';
  return seq === 0 && phase === 'waiting' ? 'job.queued' : TYPES[phase];
}

export const EVENT_TYPES: readonly string[] = [
  ...['job.queued', 'job.moved'],
  ...Object.values(TYPES),
  ...['job.completed', 'job.incomplete', 'job.failed', 'job.cancelled'],
];

export function viewEvent(row: JobEventRow): JobEventView {
  const { jobId, seq, at, status, phase, attempt, provider, model, code } = row;
  return {
    object: 'job.event',
    seq,
    type: eventType(row),
    job_id: jobId,
    created_at: at.getTime() / 1000,
    ...{ status, phase, attempt, provider, model, code },
  };
}
