import { PROBE_IS_HELD } from './circuit.records';
import { Database, Statement } from './database';
import { mergedMean, weightedMean } from './weighted-mean';

/** How long one good call took. */
export interface CallTimes {
  readonly totalMs: number;
  readonly firstTokenMs: number;
}

/** What a process has heard of one target since it last said so, oldest first. */
export interface TargetNews {
  /** `<provider>/<model>` */
  readonly target: string;
  /** One per call that speaks for or against it: did it go well? */
  readonly successes: readonly boolean[];
  /** Of the good ones. */
  readonly times: readonly CallTimes[];
}

/** How a target has answered lately. */
export interface TargetHealth {
  readonly target: string;
  /** Calls since the first. */
  readonly samples: number;
  /** As of `updatedAt`; the latest calls count most, and a failure counts half as much after each half-life. */
  readonly successRate: number;
  /** Weighted means of good calls; null before the first. */
  readonly latencyMs: number | null;
  readonly firstTokenMs: number | null;
  /** Of the latest good calls. */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly updatedAt: Date;
}

/** A circuit that is not closed. */
export interface Circuit {
  /** `target:<provider>/<model>`, `credential:<provider>` or `provider:<provider>`: never the mark of a key. */
  readonly scope: string;
  readonly state: 'open' | 'half_open';
  /** Until when nothing of it is called, or was. */
  readonly until: Date;
  readonly code: string;
  readonly strikes: number;
  /** A call is under way that finds out whether it may be closed. */
  readonly isProbed: boolean;
}

export interface Circuits {
  /** On the database's clock. */
  readonly now: Date;
  readonly circuits: readonly Circuit[];
}

const MOST_RECENT = 200;
const OVER = 'EXCLUDED';

/** What is left of a failure share after so long without a call. PostgreSQL refuses an underflow. */
const FORGOTTEN = `power(0.5, least(extract(epoch FROM clock_timestamp() - h.updated_at) * 1000 / $2, 100))`;

const times = (column: string): string => `
  CASE WHEN cardinality(${OVER}.recent_ms) = 0 THEN h.${column}
       WHEN cardinality(h.recent_ms) = 0 THEN ${OVER}.${column}
       ELSE ${mergedMean(
         { mean: `h.${column}`, count: 'cardinality(h.recent_ms)' },
         { mean: `${OVER}.${column}`, count: `cardinality(${OVER}.recent_ms)` },
       )} END`;

/**
 * Guarantees: each target's figures are as if its calls had been averaged one by one, whoever flushed them and in what
 * portions; failures fade with time before new calls count. Rows are locked by name, so that processes that flush
 * together wait for one another and never in a ring. Inputs: $1 an array of news as JSON, $2 half-life in ms.
 */
const NOTE: Statement = {
  name: 'note_health',
  text: `
    INSERT INTO target_health AS h (target, samples, success_rate, latency_ms, first_token_ms, recent_ms, updated_at)
    SELECT target, samples, success_rate, latency_ms, first_token_ms, recent_ms, clock_timestamp()
    FROM jsonb_to_recordset($1::jsonb) AS news (target text, samples bigint, success_rate float8, latency_ms float8,
      first_token_ms float8, recent_ms int[])
    ORDER BY target
    ON CONFLICT (target) DO UPDATE SET
      samples = h.samples + ${OVER}.samples,
      success_rate = ${mergedMean(
        { mean: `(1 - (1 - h.success_rate) * ${FORGOTTEN})`, count: 'h.samples' },
        { mean: `${OVER}.success_rate`, count: `${OVER}.samples` },
      )},
      latency_ms = ${times('latency_ms')},
      first_token_ms = ${times('first_token_ms')},
      recent_ms = (h.recent_ms || ${OVER}.recent_ms)[
        greatest(1, cardinality(h.recent_ms) + cardinality(${OVER}.recent_ms) - ${String(MOST_RECENT - 1)}):],
      updated_at = clock_timestamp()`,
};

/** Guarantees: reads by the clock of the rows alone, the newest first. Inputs: $1 since when, $2 most rows. */
const READ: Statement = {
  name: 'read_health',
  text: `
    SELECT target, samples, success_rate AS "successRate", latency_ms AS "latencyMs", first_token_ms AS "firstTokenMs",
      spread.of[1] AS "p50Ms", spread.of[2] AS "p95Ms", updated_at AS "updatedAt"
    FROM target_health LEFT JOIN LATERAL (
      SELECT percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY ms) AS of FROM unnest(recent_ms) AS ms
    ) spread ON true
    WHERE updated_at > $1 ORDER BY updated_at DESC LIMIT $2`,
};

/**
 * Guarantees: a key that is no longer in use bars nobody: its circuits are left out, and the one in use is told by its
 * provider alone. Returns: the time, and a row per circuit that is not closed; one row with the time alone where all are.
 */
const CIRCUITS: Statement = {
  name: 'circuits',
  text: `
    SELECT clock.now, coalesce('credential:' || l.name, c.scope) AS scope, c.until, c.code, c.strikes,
      c.until > clock.now AS "isOpen", ${PROBE_IS_HELD} AS "isProbed"
    FROM (SELECT clock_timestamp() AS now) clock LEFT JOIN (
      cooldowns c LEFT JOIN lanes l ON c.scope = 'credential:' || coalesce(l.credential, l.name)
    ) ON (c.until > clock.now OR c.strikes > 0) AND (l.name IS NOT NULL OR NOT starts_with(c.scope, 'credential:'))
    ORDER BY 2`,
};

type CircuitRow = Omit<Circuit, 'scope' | 'state'> & {
  readonly now: Date;
  readonly scope: string | null;
  readonly isOpen: boolean;
};

/** A catalogue has hundreds of models; ids that nobody lists may come besides. */
const MOST_TARGETS = 2000;

/** How targets have answered, and which of them are left alone. */
export class HealthRecords {
  constructor(private readonly database: Database) {}

  /** @param halfLifeMs after which a failure counts half as much */
  async note(news: readonly TargetNews[], halfLifeMs: number): Promise<void> {
    await this.database.run(NOTE, [JSON.stringify(news.map(summary)), halfLifeMs]);
  }

  /** What was noted after this moment, the newest first; null = ever. */
  async since(moment: Date | null): Promise<readonly TargetHealth[]> {
    return this.database.run<TargetHealth>(READ, [moment ?? '-infinity', MOST_TARGETS]);
  }

  async circuits(): Promise<Circuits> {
    const rows = await this.database.run<CircuitRow>(CIRCUITS, []);
    const circuits = rows.flatMap(({ scope, isOpen, until, code, strikes, isProbed }): Circuit[] =>
      scope === null ? [] : [{ scope, state: isOpen ? 'open' : 'half_open', until, code, strikes, isProbed }],
    );
    return { now: rows[0]?.now ?? new Date(0), circuits };
  }
}

/** Latencies are kept as whole milliseconds. */
function summary({ target, successes, times: good }: TargetNews): object {
  return {
    target,
    samples: successes.length,
    success_rate: weightedMean(successes.map(Number)) ?? 1,
    latency_ms: weightedMean(good.map(({ totalMs }) => totalMs)),
    first_token_ms: weightedMean(good.map(({ firstTokenMs }) => firstTokenMs)),
    recent_ms: good.map(({ totalMs }) => Math.round(totalMs)),
  };
}
