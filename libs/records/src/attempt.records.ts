import { eq, and, asc } from 'drizzle-orm';
import { drizzle, NodePgDatabase } from 'drizzle-orm/node-postgres';
import { usdFromNano, UsageView, viewUsage } from '@longhaul/contract';
import { Database } from './database';
import { attempts, AttemptStatus, ledger, LedgerCall } from './schema';

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

/** Reads the attempts of a job with their ledger rows. */
export class AttemptRecords {
  private readonly drizzle: NodePgDatabase;

  constructor(private readonly database: Database) {
    this.drizzle = drizzle(database.pool);
  }

  async list(jobId: string): Promise<AttemptView[]> {
    const rows = await this.database.guard(
      this.drizzle
        .select({ attempt: attempts, booked: ledger })
        .from(attempts)
        .leftJoin(ledger, and(eq(ledger.jobId, attempts.jobId), eq(ledger.fence, attempts.fence)))
        .where(eq(attempts.jobId, jobId))
        .orderBy(asc(attempts.number)),
    );
    return rows.map(({ attempt, booked }) => viewAttempt(attempt, booked));
  }
}

function viewAttempt(
  attempt: typeof attempts.$inferSelect,
  booked: typeof ledger.$inferSelect | null,
): AttemptView {
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
    call: booked?.call ?? null,
    usage: booked?.usage ? viewUsage(booked.usage) : null,
    cost_usd: usdFromNano(booked?.nanoUsd ?? null),
  };
}
