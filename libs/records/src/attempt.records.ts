import { Usage, usdFromNano, UsageView, viewUsage } from '@longhaul/contract';
import { Database, Statement } from './database';
import type { AttemptStatus, LedgerCall } from './schema';

/** One attempt as the API shows it. Times are Unix seconds with milliseconds. */
export interface AttemptView {
  readonly id: string;
  readonly object: 'attempt';
  readonly number: number;
  readonly lane: string;
  readonly ring: number;
  readonly provider: string;
  readonly model: string;
  readonly worker: string;
  readonly status: AttemptStatus;
  readonly error: { readonly code: string; readonly message: string | null } | null;
  /** How far a call had come when it failed. */
  readonly phase: string | null;
  readonly upstream_status: number | null;
  readonly upstream_request_id: string | null;
  readonly started_at: number;
  readonly ended_at: number | null;
  readonly first_token_ms: number | null;
  /** What of the request was sent otherwise than it was asked for. */
  readonly adjustments: readonly string[];
  /** What the ledger knows of the call; null while it runs. */
  readonly call: LedgerCall | null;
  readonly usage: UsageView | null;
  readonly cost_usd: number | null;
}

interface AttemptRow {
  readonly jobId: string;
  readonly number: number;
  readonly lane: string;
  readonly ring: number;
  readonly model: string;
  readonly worker: string;
  readonly status: AttemptStatus;
  readonly code: string | null;
  readonly message: string | null;
  readonly callPhase: string | null;
  readonly upstreamStatus: number | null;
  readonly upstreamRequestId: string | null;
  readonly firstTokenMs: number | null;
  readonly adjustments: readonly string[] | null;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  readonly call: LedgerCall | null;
  readonly usage: Usage | null;
  readonly nanoUsd: number | null;
}

/** Guarantees: a read only. Inputs: $1 job. Returns: its attempts with what the ledger knows of each, the first one first. */
const OF_JOB: Statement = {
  name: 'attempts_of_job',
  text: `
    SELECT a.job_id AS "jobId", a.number, a.lane, a.ring, a.model, a.worker, a.status, a.code, a.message,
      a.call_phase AS "callPhase", a.upstream_status AS "upstreamStatus", a.upstream_request_id AS "upstreamRequestId",
      a.first_token_ms AS "firstTokenMs", a.adjustments, a.started_at AS "startedAt", a.ended_at AS "endedAt",
      l.call, l.usage, l.nano_usd AS "nanoUsd"
    FROM attempts a LEFT JOIN ledger l ON l.job_id = a.job_id AND l.fence = a.fence
    WHERE a.job_id = $1 ORDER BY a.number`,
};

/** Reads the attempts of a job with their ledger rows. */
export class AttemptRecords {
  constructor(private readonly database: Database) {}

  async list(jobId: string): Promise<AttemptView[]> {
    return (await this.database.run<AttemptRow>(OF_JOB, [jobId])).map(viewAttempt);
  }
}

function viewAttempt(attempt: AttemptRow): AttemptView {
  return {
    id: `att_${attempt.jobId.replace(/^job_/, '')}_${String(attempt.number)}`,
    object: 'attempt',
    number: attempt.number,
    lane: attempt.lane,
    ring: attempt.ring,
    provider: attempt.lane,
    model: attempt.model,
    worker: attempt.worker,
    status: attempt.status,
    error: attempt.code === null ? null : { code: attempt.code, message: attempt.message },
    phase: attempt.status === 'succeeded' ? null : attempt.callPhase,
    upstream_status: attempt.upstreamStatus,
    upstream_request_id: attempt.upstreamRequestId,
    started_at: attempt.startedAt.getTime() / 1000,
    ended_at: attempt.endedAt === null ? null : attempt.endedAt.getTime() / 1000,
    first_token_ms: attempt.firstTokenMs,
    adjustments: attempt.adjustments ?? [],
    call: attempt.call,
    usage: attempt.usage ? viewUsage(attempt.usage) : null,
    cost_usd: usdFromNano(attempt.nanoUsd),
  };
}
