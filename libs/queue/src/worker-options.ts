import { WorkerOptions } from 'bullmq';
import { LaneWorkerOptions } from './back-end';

/** Deaths are counted in PostgreSQL; BullMQ must never fail a ticket by its own count. */
const MAX_STALLED_COUNT = 1000;
/** BullMQ waits 15 s before it repeats a fetch or an acknowledgement on a refused connection. */
const RUN_RETRY_DELAY_MS = 500;
/**
 * A limiter that never limits by count. `queue.rateLimit` holds only workers that have one: without it
 * `maxJobs` is nil in getRateLimitTTL.lua, and rate_limit_effective answers 0 in PostgreSQL, where `max` must
 * also fit an integer.
 */
const HOLDABLE = { max: 1_000_000_000, duration: 1000 };

/** What every lane's worker has, on both back ends. */
export const laneOptions = (
  options: LaneWorkerOptions,
): Omit<WorkerOptions, 'connection'> & { readonly lockDuration: number } => ({
  concurrency: options.concurrency,
  lockDuration: options.lockDurationMs,
  stalledInterval: options.stalledIntervalMs,
  maxStalledCount: MAX_STALLED_COUNT,
  runRetryDelay: RUN_RETRY_DELAY_MS,
  limiter: HOLDABLE,
});
