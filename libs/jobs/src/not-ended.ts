import { GatewayError } from '@longhaul/contract';
import { JobSummary } from '@longhaul/records';
import { pollPauseSeconds } from './poll-pause';

/**
 * The refusal of a call that needs the end of a job. It says when to come back: later, the older the job is.
 * @param words what the call is for, and what to do; they follow the job's id and status
 */
export function notEnded(
  { id, status, createdAt }: Pick<JobSummary, 'id' | 'status' | 'createdAt'>,
  words: string,
  { shouldRetry = true }: { readonly shouldRetry?: boolean } = {},
): GatewayError {
  const ageSeconds = (Date.now() - createdAt.getTime()) / 1000;
  return new GatewayError('job_not_ended', `Job ${id} is ${status}; ${words}`, {
    shouldRetry,
    retryAfterMs: pollPauseSeconds(ageSeconds) * 1000,
  });
}
