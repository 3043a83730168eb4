import { Decision, ErrorCode, hasEnded, JobStatus, nameOf } from '@longhaul/contract';
import { LabelsOf, Metrics } from '@longhaul/metrics';
import { AttemptEnding, ClaimAnswer, JobRow, Settlement } from '@longhaul/records';
import { HealthMeter } from './health-meter';
import { JOB_KINDS } from './kinds';

export interface RoadMeterOptions {
  readonly leaseMs: number;
  /** `provider/model` of every row of the catalogue; other models share one label. */
  readonly models: ReadonlySet<string>;
  /** Hears how each call went. */
  readonly health?: Pick<HealthMeter, 'hear'>;
}

/** Which job an ending belongs to, as far as the labels ask. */
export type Counted = Pick<JobRow, 'type' | 'provider' | 'targetModel'>;
export type PutBack = 'retry' | 'hand_over' | 'given_back' | 'hold' | 'worker_lost';

const NANO_PER_USD = 1e9;
const OTHER = 'other';

/** Types come from PostgreSQL, where a newer Longhaul may have put its own. */
const typeLabel = (type: string): string => (JOB_KINDS.some((kind) => kind.type === type) ? type : OTHER);

/** What the road tells of itself, in its own verbs: the one place that knows which instruments count what. */
export class RoadMeter {
  constructor(
    private readonly metrics: Metrics,
    private readonly options: RoadMeterOptions,
  ) {}

  accepted({ type, provider }: Counted, replayed: boolean): void {
    const labels = { type: typeLabel(type), provider };
    if (replayed) this.metrics.count('longhaul_job_replays_total', labels);
    else this.metrics.count('longhaul_jobs_accepted_total', labels);
  }

  /** How the first target of an accepted job was chosen. */
  routed({ tier, degraded }: Pick<Decision, 'tier' | 'degraded'>): void {
    const labels = { tier: tier?.tier ?? 'none', cause: tier?.cause ?? 'named' };
    this.metrics.count('longhaul_routing_decisions_total', labels);
    if (degraded !== null) this.metrics.count('longhaul_routing_degraded_total', {});
  }

  rung(lane: string, tickets: number): void {
    this.metrics.count('longhaul_tickets_rung_total', { lane }, tickets);
  }

  /** Nobody had claimed them for so long that they count as lost. */
  rungAgain(lane: string, tickets: number): void {
    this.metrics.count('longhaul_tickets_rung_again_total', { lane }, tickets);
  }

  feedFailed(lane: string): void {
    this.metrics.count('longhaul_feed_failures_total', { lane });
  }

  claimFailed(lane: string): void {
    this.metrics.count('longhaul_claims_total', { lane, outcome: 'error' });
  }

  claimed(lane: string, claim: ClaimAnswer): void {
    const outcome = claim.answer === 'full' ? `full_${claim.scope}` : claim.answer;
    this.metrics.count('longhaul_claims_total', { lane, outcome });
    if (claim.answer === 'stale')
      this.metrics.count('longhaul_stale_tickets_total', { lane, why: claim.why });
    if (claim.answer !== 'claimed') return;
    if (claim.tookOver) this.lost(claim.job.provider);
    const { readyAt, leaseUntil, deaths } = claim.job;
    // After a death `ready_at` is still that of the claim before: the wait would hold the lost run.
    if (leaseUntil === null || deaths > 0) return;
    const waitedMs = leaseUntil.getTime() - this.options.leaseMs - readyAt.getTime();
    this.metrics.observe('longhaul_queue_wait_seconds', { lane }, Math.max(0, waitedMs) / 1000);
  }

  renewed(outcome: LabelsOf<'longhaul_lease_renewals_total'>['outcome'], leases: number): void {
    if (leases > 0) this.metrics.count('longhaul_lease_renewals_total', { outcome }, leases);
  }

  /** One answer that was to be flushed to the disk before its commit. */
  spoolWrote(outcome: LabelsOf<'longhaul_spool_writes_total'>['outcome']): void {
    this.metrics.count('longhaul_spool_writes_total', { outcome });
  }

  spoolSetAside(why: LabelsOf<'longhaul_spool_set_aside_total'>['why']): void {
    this.metrics.count('longhaul_spool_set_aside_total', { why });
  }

  /** An attempt is closed, and what became of its job. Once for each settlement that PostgreSQL took. */
  settled(job: Counted, { attempt, job: fate }: Settlement, status: JobStatus): void {
    const { provider } = job;
    const code = attempt.code ?? (attempt.status === 'succeeded' ? 'ok' : attempt.status);
    this.metrics.count('longhaul_attempts_total', { provider, code });
    this.options.health?.hear({ provider, model: job.targetModel }, attempt);
    this.called(job, attempt, code);
    if (hasEnded(status)) this.ended(job.type, status);
    else if (fate.to === 'again') this.putBack(provider, whyOf(fate.phase));
  }

  settleTook(seconds: number): void {
    this.metrics.observe('longhaul_settle_seconds', {}, seconds);
  }

  ended(type: string, status: JobStatus): void {
    this.metrics.count('longhaul_jobs_ended_total', { type: typeLabel(type), status });
  }

  purged(jobs: number): void {
    this.metrics.count('longhaul_jobs_purged_total', {}, jobs);
  }

  putBack(provider: string, why: PutBack): void {
    this.metrics.count('longhaul_jobs_put_back_total', { provider, why });
  }

  /** The attempt of a worker that died: closed by whoever found it, at an unknown cost. */
  lost(provider: string): void {
    const code: ErrorCode = 'worker_lost';
    this.metrics.count('longhaul_attempts_total', { provider, code });
    this.metrics.count('longhaul_unpriced_calls_total', { provider });
  }

  watchdogActed(lane: string, action: LabelsOf<'longhaul_watchdog_total'>['action']): void {
    this.metrics.count('longhaul_watchdog_total', { lane, action });
  }

  beat(outcome: 'written' | 'failed'): void {
    this.metrics.count('longhaul_progress_beats_total', { outcome });
  }

  private called(job: Counted, { call, trace, usage, nanoUsd }: AttemptEnding, code: string): void {
    if (call === 'not_sent') return;
    const { provider } = job;
    if (trace) {
      this.metrics.observe('longhaul_upstream_call_seconds', { provider, code }, trace.totalMs / 1000);
      if (trace.firstTokenMs !== undefined)
        this.metrics.observe('longhaul_first_token_seconds', { provider }, trace.firstTokenMs / 1000);
    }
    if (nanoUsd === null) this.metrics.count('longhaul_unpriced_calls_total', { provider });
    else this.metrics.count('longhaul_cost_usd_total', { provider }, nanoUsd / NANO_PER_USD);
    if (usage === null) return;
    const target = { provider, model: job.targetModel };
    const model = this.options.models.has(nameOf(target)) ? target.model : OTHER;
    const { freshInput, cacheRead, cacheWrite, output, reasoning } = usage;
    const buckets = {
      ...{ fresh_input: freshInput, cache_read: cacheRead, cache_write: cacheWrite },
      ...{ output, reasoning },
    };
    for (const [bucket, tokens] of Object.entries(buckets))
      this.metrics.count('longhaul_tokens_total', { provider, model, bucket }, tokens);
  }
}

function whyOf(phase: 'retry_wait' | 'fallback' | 'waiting'): PutBack {
  switch (phase) {
    case 'retry_wait':
      return 'retry';
    case 'fallback':
      return 'hand_over';
    case 'waiting':
      return 'given_back';
  }
}
