import {
  CallTrace,
  HandOver,
  IncompleteReason,
  JobStatus,
  PhaseAfter,
  Price,
  StatusAfter,
  StoredError,
  Usage,
} from '@longhaul/contract';
import { scopesIn } from './circuit.records';
import { COOLED } from './cooled';
import { Database, Statement } from './database';
import { Gathering, MOST_TOGETHER_CHARACTERS, notTogether, TOGETHER } from './gathering';
import { withHandOver } from './job.row';
import type { AttemptStatus, LedgerCall } from './schema';
import { SETTLE_TOGETHER } from './settle-together';
import { startsFrom } from './starts-from';
import { json, text } from './storable';

/** What an attempt is closed with. */
export interface AttemptEnding {
  readonly status: Exclude<AttemptStatus, 'running'>;
  readonly code: string | null;
  readonly message: string | null;
  readonly trace: CallTrace | null;
  readonly usage: Usage | null;
  readonly call: LedgerCall;
  readonly price: Price | null;
  /** Null = unpriced. */
  readonly nanoUsd: number | null;
}

/** The job ends here. */
export interface JobEnding {
  readonly to: 'end';
  readonly status: StatusAfter<'answer' | 'fail' | 'stop'>;
  readonly output: unknown;
  readonly error: StoredError | null;
  readonly incompleteReason: IncompleteReason | null;
  /** When targets were left that may not be called any more. */
  readonly handOver?: HandOver | null;
}

/** The job waits again: a retry, a hand-over to the next rung, or given back by a draining worker. */
export interface JobAgain {
  readonly to: 'again';
  readonly phase: PhaseAfter<'retry' | 'hand_over' | 'give_back'>;
  readonly afterMs: number;
  readonly position: number;
  readonly provider: string;
  readonly model: string;
  readonly tries: number;
  readonly outputBudget: number | null;
  /** When the job leaves its target. */
  readonly handOver?: HandOver | null;
}

export interface Cooling {
  readonly scope: string;
  readonly code: string;
  readonly forMs: number;
  /** Doubles with each probe that fails, up to `mostMs`. */
  readonly growing: boolean;
  readonly mostMs: number;
  /** Of a growing one, how long when the circuit was closed. Default: `forMs`. */
  readonly firstMs?: number;
  /** False = closes again by itself, without a probe. Default: true. */
  readonly probed?: boolean;
}

/** One claim's end. It is also what the spool keeps of a paid answer. */
export interface Settlement {
  readonly jobId: string;
  readonly fence: number;
  readonly worker: string;
  readonly attempt: AttemptEnding;
  readonly job: JobEnding | JobAgain;
  readonly cooling: Cooling | null;
  /** This target has answered, and with it its key and its provider: what of them is half-open closes. A bar that stands stays: this call was sent before it. */
  readonly warm: string | null;
}

/**
 * Guarantees: moves an in_progress job under an unchanged fence exactly once: attempt closed, ledger row booked, both
 * slots freed, circuit opened or closed, all together or nothing. An answer is taken even after the lease was freed; any other
 * ending only from the lease's owner. A job whose cancel was acknowledged ends `cancelled`, whatever came back.
 * An ended job is resolved to the target of this claim: it may have been moved since its lease was freed.
 * Locks the job first, then slots, then circuits by their scope. Keys are parameters and not joined through `c`: on a store without statistics the
 * planner would look for the fence alone, which most attempts share. Inputs: see `valuesOf`. Returns: the job's status now, or no row (fence gone).
 */
const SETTLE: Statement = {
  name: 'settle',
  text: `
    WITH c AS (
      UPDATE jobs SET
        status = CASE WHEN cancel_requested_at IS NOT NULL THEN 'cancelled' ELSE $4 END,
        phase = CASE WHEN cancel_requested_at IS NULL THEN $5 END, progress = NULL,
        output = CASE WHEN cancel_requested_at IS NULL THEN $6::jsonb END,
        error = CASE WHEN cancel_requested_at IS NULL THEN $7::jsonb
                     ELSE jsonb_build_object('code', 'cancelled', 'message', 'The caller cancelled the job.') END,
        incomplete_reason = CASE WHEN cancel_requested_at IS NULL THEN $8 END,
        usage = $9::jsonb, decision = CASE WHEN cancel_requested_at IS NULL THEN ${withHandOver('$35')} ELSE decision END,
        cost_nano_usd = CASE WHEN $10::bigint IS NULL THEN NULL ELSE $10 + (
          SELECT CASE WHEN count(*) = count(nano_usd) THEN coalesce(sum(nano_usd), 0)::bigint END
          FROM ledger l WHERE l.job_id = $1 AND l.fence <> $2) END,
        completed_at = CASE WHEN $11 OR cancel_requested_at IS NOT NULL THEN clock_timestamp() END,
        ready_at = CASE WHEN $11 THEN ready_at ELSE clock_timestamp() + $12 * interval '1 millisecond' END,
        position = CASE WHEN cancel_requested_at IS NULL THEN coalesce($13, position) ELSE position END,
        provider = coalesce(CASE WHEN cancel_requested_at IS NULL THEN $14 END, (SELECT lane FROM attempts WHERE job_id = $1 AND fence = $2), provider),
        target_model = coalesce(CASE WHEN cancel_requested_at IS NULL THEN $15 END, (SELECT model FROM attempts WHERE job_id = $1 AND fence = $2), target_model),
        tries = coalesce($16, tries), output_budget = coalesce($17, output_budget),
        ring = ring + (NOT $11)::int, fence = fence + $18, rung_at = NULL, lease_owner = NULL, lease_until = NULL
      WHERE id = $1 AND fence = $2 AND ${startsFrom('answer')} AND ($19 OR lease_owner = $3)
      RETURNING id, caller, status
    ), a AS (
      UPDATE attempts t SET status = $20, code = $21, message = $22, call_phase = $23, upstream_status = $24,
        upstream_request_id = $25, first_token_ms = $26, adjustments = $36::jsonb, ended_at = clock_timestamp()
      FROM c WHERE t.job_id = $1 AND t.fence = $2
      RETURNING t.job_id, t.fence, t.lane, t.model, c.caller
    ), l AS (
      INSERT INTO ledger (job_id, fence, caller, provider, model, call, usage, price, nano_usd)
      SELECT job_id, fence, caller, lane, model, $27, $9::jsonb, $28::jsonb, $10 FROM a
      ON CONFLICT (job_id, fence) DO UPDATE SET call = EXCLUDED.call, usage = EXCLUDED.usage, price = EXCLUDED.price,
        nano_usd = EXCLUDED.nano_usd WHERE ledger.call = 'unknown'
    ), s AS (
      UPDATE slots t SET lane = NULL, job_id = NULL, fence = NULL, lease_until = NULL
      FROM c WHERE t.job_id = $1 AND t.fence = $2
    ), cooled AS (${COOLED}
    ), warm AS MATERIALIZED (
      SELECT w.scope FROM cooldowns w, a
      WHERE $34::text IS NOT NULL AND w.strikes > 0 AND w.until <= clock_timestamp()
        AND w.scope IN (${scopesIn('a.lane', 'a.model', '(SELECT credential FROM lanes WHERE name = a.lane)')})
      ORDER BY w.scope FOR NO KEY UPDATE OF w
    ), warmed AS (
      UPDATE cooldowns SET strikes = 0, probe_job = NULL, probe_fence = NULL FROM warm WHERE cooldowns.scope = warm.scope
    )
    SELECT status FROM c`,
};

/** Ends claims. */
export class SettleRecords {
  private readonly plain = new Gathering((texts: readonly string[]) => this.settleTogether(texts), TOGETHER);

  constructor(private readonly database: Database) {}

  /**
   * One statement, or one for all plain answers that come at the same time; safe to repeat after an unknown outcome.
   * @returns the job's status, or null when the fence is gone (settled before, or taken over)
   */
  async settle(settlement: Settlement, options = { takeover: false }): Promise<JobStatus | null> {
    const text = options.takeover || !isPlain(settlement) ? null : plainText(settlement);
    const status =
      text === null || text.length > MOST_TOGETHER_CHARACTERS
        ? null
        : await this.plain.ask(text).catch(notTogether);
    return status ?? this.settleAlone(settlement, options.takeover);
  }

  /** Null = not answered. */
  private async settleTogether(texts: readonly string[]): Promise<(JobStatus | null)[]> {
    const statuses = texts.map((): JobStatus | null => null);
    const rows = await this.database.run<{ place: number; status: JobStatus }>(SETTLE_TOGETHER, [
      `[${texts.join(',')}]`,
    ]);
    for (const { place, status } of rows) statuses[place - 1] = status;
    return statuses;
  }

  private async settleAlone(settlement: Settlement, takeover: boolean): Promise<JobStatus | null> {
    const [row] = await this.database.run<{ status: JobStatus }>(SETTLE, valuesOf(settlement, takeover));
    return row?.status ?? null;
  }
}

const isAnswer = (job: Settlement['job']): job is JobEnding =>
  job.to === 'end' && (job.status === 'completed' || job.status === 'incomplete');

/** An answer, and nothing besides. */
const isPlain = ({ attempt, job, cooling }: Settlement): boolean =>
  isAnswer(job) &&
  job.error === null &&
  (job.handOver ?? null) === null &&
  cooling === null &&
  attempt.code === null &&
  attempt.message === null;

/** One element of what `settle_together` reads. */
function plainText({ jobId, fence, worker, attempt, job, warm }: Settlement): string | null {
  if (job.to !== 'end') return null;
  const { trace, usage, nanoUsd, price, call } = attempt;
  return json({
    ...{ id: jobId, fence, worker, warm, call, usage, price },
    ...{ nano_usd: nanoUsd, attempt: attempt.status },
    ...{ status: job.status, reason: job.incompleteReason, output: job.output },
    call_phase: trace?.phase,
    upstream_status: trace?.upstreamStatus,
    upstream_request_id: trace?.upstreamRequestId,
    first_token_ms: trace?.firstTokenMs,
    adjustments: trace?.adjustments,
  });
}

function valuesOf(
  { jobId, fence, worker, attempt, job, cooling, warm }: Settlement,
  takeover: boolean,
): unknown[] {
  const ends = job.to === 'end';
  return [
    ...[jobId, fence, worker],
    ...(ends
      ? [job.status, null, json(job.output), json(job.error), job.incompleteReason]
      : ['in_progress', job.phase, null, null, null]),
    ...[json(attempt.usage), attempt.nanoUsd, ends],
    ...(ends
      ? [0, null, null, null, null, null]
      : [job.afterMs, job.position, job.provider, job.model, job.tries, job.outputBudget]),
    ...[takeover ? 1 : 0, isAnswer(job)],
    ...[attempt.status, attempt.code, text(attempt.message), attempt.trace?.phase ?? null],
    ...[
      attempt.trace?.upstreamStatus ?? null,
      text(attempt.trace?.upstreamRequestId),
      attempt.trace?.firstTokenMs ?? null,
    ],
    ...[attempt.call, json(attempt.price)],
    ...[
      cooling?.scope ?? null,
      cooling?.code ?? null,
      cooling?.forMs ?? 0,
      cooling?.growing ?? false,
      cooling?.mostMs ?? 0,
    ],
    warm,
    json(job.handOver),
    json(attempt.trace?.adjustments),
    cooling?.firstMs ?? cooling?.forMs ?? 0,
    (cooling?.probed ?? true) ? 1 : 0,
  ];
}
