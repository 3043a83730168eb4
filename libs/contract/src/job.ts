import { UsageView } from './usage';

export const JOB_STATUSES = [
  'queued',
  'in_progress',
  'completed',
  'incomplete',
  'failed',
  'cancelled',
] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];

export const JOB_PHASES = [
  'scheduled',
  'waiting',
  'running',
  'retry_wait',
  'fallback',
  'cancelling',
  'finalizing',
] as const;
/** Detail below the status, for people who watch. Null once the job has ended. */
export type JobPhase = (typeof JOB_PHASES)[number];

export const INCOMPLETE_REASONS = ['max_output_tokens', 'content_filter', 'cost_limit', 'coverage'] as const;
export type IncompleteReason = (typeof INCOMPLETE_REASONS)[number];

/** The error that a job or an attempt carries. */
export interface StoredError {
  readonly code: string;
  readonly message: string;
}

/** How far a running job is. It is shown at most once a second, and not kept after the end. */
export interface JobProgress {
  readonly percent: number | null;
  readonly message: string;
  /**
   * Tokens of the answer so far, reasoning included: an estimate from its characters (one token for four), until the
   * answer is whole and the provider has counted. Null before the first token.
   */
  readonly tokens: number | null;
  /** Grows while the provider is silent. Null before the first token. */
  readonly seconds_since_last_token: number | null;
}

/** A job as the API shows it. Times are Unix seconds. */
export interface JobView {
  readonly id: string;
  readonly object: 'job';
  readonly type: string;
  readonly status: JobStatus;
  readonly phase: JobPhase | null;
  readonly created_at: number;
  readonly started_at: number | null;
  readonly completed_at: number | null;
  /** The earliest time at which the job may run next; null when it has ended. */
  readonly ready_at: number | null;
  readonly deadline_at: number;
  readonly priority: number;
  /** What the caller asked for. */
  readonly model: string;
  /** What answered, or is trying to. */
  readonly resolved: { readonly provider: string; readonly model: string };
  readonly output?: unknown;
  readonly error: StoredError | null;
  readonly incomplete_details: { readonly reason: IncompleteReason } | null;
  readonly usage: UsageView | null;
  /** USD; null means unpriced, or that no call was made, never free. */
  readonly cost_usd: number | null;
  readonly attempts: { readonly count: number; readonly max: number };
  readonly progress: JobProgress | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly retry_of: string | null;
  /** In the answer that accepts the job, where its model will not be served for long. */
  readonly warnings?: readonly string[];
  /** `report` is null for a type that has none. */
  readonly urls: Readonly<Record<'self' | 'cancel' | 'retry' | 'attempts' | 'events' | 'output', string>> & {
    readonly report: string | null;
  };
}
