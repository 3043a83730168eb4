import { JobView, RouteRequest } from '@longhaul/contract';
import { IdempotencyKey } from '@longhaul/records';

/** How a job is to be run, whatever it is about. What is absent follows policy and settings. */
export interface RunRequest extends RouteRequest {
  readonly priority?: number;
  readonly deadlineSeconds?: number;
  /** Total clock of each call, clamped to the provider's own. */
  readonly timeoutSeconds?: number;
  readonly runAt?: Date;
  /** How long the job is kept after its end. */
  readonly ttlSeconds?: number;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly fallbackOnRefusal?: boolean;
}

/** A checked request for a job, as the controller hands it to `JobService.submit`. */
export interface Submission extends RunRequest {
  readonly type: string;
  readonly input: unknown;
  /** Of an input that was stored before. */
  readonly payloadVersion?: number;
}

/** One of several jobs. Each part is read when its turn comes, and what it throws is that job's own outcome. */
export interface BulkItem {
  readonly idempotency: () => IdempotencyKey | undefined;
  readonly submission: () => Submission;
}

export interface Accepted {
  readonly job: JobView;
  /** True when the key was known and this is the job of the first request. */
  readonly replayed: boolean;
}

export const INCLUDES = ['output', 'attempts', 'decision'] as const;
export type Include = (typeof INCLUDES)[number];
