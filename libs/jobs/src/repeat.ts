import { RetriedJob } from '@longhaul/records';
import { RunRequest, Submission } from './submission';

const MS = 1000;

/**
 * The submission that repeats a job, with what the caller wants otherwise. A model and its provider belong together, so
 * naming one of them lets go of the other. `run_at` is not repeated: it has passed.
 */
export function repeatOf(job: RetriedJob, changes: RunRequest): Submission {
  const { model, provider, ...others } = changes;
  return {
    type: job.type,
    input: job.input,
    payloadVersion: job.payloadVersion,
    ...(model === undefined && provider === undefined
      ? choiceOf(job)
      : { ...(model !== undefined && { model }), ...(provider !== undefined && { provider }) }),
    ...(job.decision.requested.fallbacks !== null && { fallbacks: job.decision.requested.fallbacks }),
    ...(job.decision.requested.routing && { routing: job.decision.requested.routing }),
    priority: job.priority,
    ...(job.deadlineMs !== null && { deadlineSeconds: job.deadlineMs / MS }),
    ...(job.timeoutMs !== null && { timeoutSeconds: job.timeoutMs / MS }),
    ...(job.ttlMs !== null && { ttlSeconds: job.ttlMs / MS }),
    metadata: job.metadata,
    fallbackOnRefusal: job.fallbackOnRefusal,
    ...others,
  };
}

/** As it was asked for. The decision says `auto` also where nothing was said; the job itself tells the two apart. */
function choiceOf({ model: shown, decision }: RetriedJob): Pick<Submission, 'model' | 'provider'> {
  const { model, provider } = decision.requested;
  return {
    ...(model === shown && { model }),
    ...(provider !== null && { provider }),
  };
}
