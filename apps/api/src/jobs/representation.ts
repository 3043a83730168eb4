import { hasEnded, JobView } from '@longhaul/contract';
import { Include, pollPauseSeconds } from '@longhaul/jobs';
import { digestOf } from '../http/etag';

/** What `include` adds to a job's answer. */
const INCLUDED = ['output', 'attempts_list', 'decision'] as const;
export type ShownJob = JobView & { readonly [Name in (typeof INCLUDED)[number]]?: unknown };
const isOfTheJob = ([name]: [string, unknown]): boolean => !INCLUDED.some((included) => included === name);

/**
 * The strong tag of a job's answer. It is made of the job without what `include` adds, so that a caller who has the
 * answer already costs one indexed read: an output comes with the end, attempts change with their count and the phase,
 * and a decision never does. Answers that include different things have different tags.
 */
export function etagOf(job: ShownJob, include: readonly Include[]): string {
  if (include.length === 0) return tagOf(job.id, JSON.stringify(job));
  const summary = Object.fromEntries(Object.entries(job).filter(isOfTheJob));
  return tagOf(job.id, JSON.stringify(summary), [...include].sort());
}

/** A job's text with its tag: of one that includes nothing more the text is made once. */
export function represent(job: ShownJob, include: readonly Include[]): { text: string; etag: string } {
  const text = JSON.stringify(job);
  return { text, etag: include.length === 0 ? tagOf(job.id, text) : etagOf(job, include) };
}

function tagOf(id: string, summary: string, include: readonly string[] = []): string {
  return `"${[id, digestOf(summary), ...include].join('.')}"`;
}

/** A job of later may be cancelled meanwhile, and its caller should not learn of that hours after. */
const LONGEST_PAUSE_OF_LATER_S = 300;

/** `Retry-After` of a job that runs, or is yet to; null when it has ended. */
export function pollAfterSeconds(job: Polled, nowMs: number): number | null {
  if (hasEnded(job.status)) return null;
  const nowS = nowMs / 1000;
  const pauseS = pollPauseSeconds(nowS - job.created_at);
  if (job.phase !== 'scheduled' || job.ready_at === null) return pauseS;
  return Math.max(pauseS, Math.min(LONGEST_PAUSE_OF_LATER_S, Math.ceil(job.ready_at - nowS)));
}

type Polled = Pick<JobView, 'status' | 'phase' | 'created_at' | 'ready_at'>;

/** A header holds ASCII alone. */
export const headerText = (text: string): string => text.replace(/[^\x20-\x7e]+/gu, encodeURIComponent);

/** What answered, in headers. An unlisted model's id is a caller's text. */
export const resultHeaders = ({ resolved, attempts }: JobView): Record<string, string> => ({
  'x-gateway-provider': resolved.provider,
  'x-gateway-model': headerText(resolved.model),
  'x-gateway-attempts': String(attempts.count),
});
