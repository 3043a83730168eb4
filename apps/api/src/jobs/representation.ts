import { createHash } from 'node:crypto';
import { hasEnded, JobView } from '@longhaul/contract';

/** How long a caller should leave a job alone: longer, the older it is. Pairs of age and pause, in seconds. */
const POLL_PAUSES_S = [
  [10, 1],
  [60, 2],
  [300, 5],
] as const;
const LONGEST_POLL_PAUSE_S = 10;

/** The text of an answer, and the tag that changes with every byte of it (so that it is strong). */
export interface Representation {
  readonly text: string;
  readonly etag: string;
}

export function represent(id: string, view: object): Representation {
  const text = JSON.stringify(view);
  const digest = createHash('sha256').update(text).digest('base64url').slice(0, 22);
  return { text, etag: `"${id}.${digest}"` };
}

/** Whether `If-None-Match` names this tag. Weak comparison, as RFC 9110 asks for GET. */
export function isKnown(etag: string, ifNoneMatch: string | undefined): boolean {
  if (ifNoneMatch === undefined) return false;
  const tags = ifNoneMatch.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes('*') || tags.includes(etag);
}

/** `Retry-After` of a job that runs; null when it has ended. */
export function pollAfterSeconds(job: Pick<JobView, 'status' | 'created_at'>, nowMs: number): number | null {
  if (hasEnded(job.status)) return null;
  const ageSeconds = nowMs / 1000 - job.created_at;
  return POLL_PAUSES_S.find(([age]) => ageSeconds < age)?.[1] ?? LONGEST_POLL_PAUSE_S;
}
