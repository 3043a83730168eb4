import { GatewayError, hasEnded, JobView } from '@longhaul/contract';
import { IdempotencyKey, isStoreAway, NewJob, Records } from '@longhaul/records';
import { Registry } from '@longhaul/registry';
import { Admission } from './admission';
import { viewOf } from './job-view';
import { kindOf } from './kinds';
import { repeatOf } from './repeat';
import { Caller, JobRequest, NewJobs } from './new-job';
import { notEnded } from './not-ended';
import { ReadinessParts, readinessOf, ReadinessReport } from './readiness';
import { RoadMeter } from './road-meter';
import { Accepted, RunRequest, Submission } from './submission';

export interface JobServiceParts {
  readonly records: Records;
  readonly registry: Registry;
  readonly newJobs: NewJobs;
  readonly admission: Admission;
  readonly meter: RoadMeter;
  readonly readiness: ReadinessParts;
}

const RETRY_WORDS = 'only an ended job can be retried. Wait for its end, or cancel it first.';

/** What the API may do with jobs; reading them is the JobReader's. */
export class JobService {
  constructor(private readonly parts: JobServiceParts) {}

  /**
   * Accepts a job: parse, route, one transaction. What it returns is stored; the queue store is not asked.
   * @throws GatewayError invalid_request, model_not_found, no_route, provider_not_configured, idempotency_conflict, store_unavailable
   */
  async submit(submission: Submission, caller: string, idempotency?: IdempotencyKey): Promise<Accepted> {
    const input = kindOf(submission.type).parse(submission.input);
    const request: JobRequest = { caller, idempotency, retryOf: null };
    return this.acceptOnce(request, async () => this.parts.newJobs.make({ ...submission, input }, request));
  }

  /**
   * Accepts a new job that repeats an ended one, but for the changes; routed as of today. The old one stays as it is.
   * @throws GatewayError not_found, gone, job_not_ended, and what `submit` throws
   */
  async retry(id: string, changes: RunRequest, { caller, idempotency }: Caller): Promise<Accepted> {
    const request: JobRequest = { caller, idempotency, retryOf: id };
    return this.acceptOnce(request, async () => {
      const { records } = this.parts;
      const found = await records.jobs.find(id, caller);
      // A client that repeats by itself would make the job anew the moment it has ended; that is for its user to say.
      if (!hasEnded(found.status)) throw notEnded(found, RETRY_WORDS, { shouldRetry: false });
      const retried = await records.accepts.retried(id, caller);
      if (!retried) throw new GatewayError('gone', `Job ${id} was deleted just now.`, { shouldRetry: false });
      return this.parts.newJobs.make(repeatOf(retried, changes), request);
    });
  }

  /** Idempotent. After it returns no call is started for this job; a running one is closed by its worker. */
  async cancel(id: string, caller: string): Promise<JobView> {
    const { jobs } = this.parts.records;
    const cancelled = await jobs.cancelRunning(id, caller);
    if (cancelled && hasEnded(cancelled.status)) this.parts.meter.ended(cancelled.type, cancelled.status);
    const row = cancelled ?? (await jobs.find(id, caller));
    this.parts.records.notices.tell(hasEnded(row.status) ? 'ended' : 'cancel', id);
    return viewOf(row);
  }

  /**
   * Deletes an ended job; its ledger rows stay. Idempotent: what is deleted already may be deleted again.
   * @throws GatewayError not_found, job_not_ended
   */
  async remove(id: string, caller: string): Promise<void> {
    const { removals, jobs } = this.parts.records;
    const removal = await removals.remove(id, caller);
    if (removal === 'removed') return;
    const row = await jobs.find(id, caller).catch((thrown: unknown) => {
      if (thrown instanceof GatewayError && thrown.code === 'gone') return null;
      throw thrown;
    });
    // Between the two looks it may have ended; then the words are of the first, and the next try will do.
    if (row && removal === 'running')
      throw notEnded(
        row,
        'only an ended job can be deleted. Cancel it, or wait for its end, then delete it.',
      );
  }

  readiness(): Promise<ReadinessReport> {
    return readinessOf(this.parts.readiness);
  }

  /** A repeat of an accepted request is answered even when it would be refused, or routed otherwise, today. */
  private async acceptOnce(
    { caller, idempotency }: Caller,
    prepare: () => Promise<NewJob>,
  ): Promise<Accepted> {
    const { records, admission } = this.parts;
    const { accepts } = records;
    let job: NewJob;
    try {
      job = await prepare();
    } catch (thrown) {
      const known = idempotency && !isStoreAway(thrown) ? await accepts.known(caller, idempotency) : null;
      if (!known) throw thrown;
      return admission.repeat(known);
    }
    return admission.admit(job, await accepts.accept(job));
  }
}
