import { JobView, RouteRequest } from '@longhaul/contract';

/** A checked request for a job, as the controller hands it to `JobService.submit`. */
export interface Submission extends RouteRequest {
  readonly type: string;
  readonly input: unknown;
  readonly priority?: number;
  readonly deadlineSeconds?: number;
  /** Total clock of each call, clamped to the provider's own. */
  readonly timeoutSeconds?: number;
  readonly runAt?: Date;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly fallbackOnRefusal?: boolean;
}

export interface Accepted {
  readonly job: JobView;
  /** True when the key was known and this is the job of the first request. */
  readonly replayed: boolean;
}

export const INCLUDES = ['output', 'attempts', 'decision'] as const;
export type Include = (typeof INCLUDES)[number];
