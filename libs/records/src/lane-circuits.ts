import { PROBE_IS_HELD } from './circuit.records';
import { mayBeRung } from './feed-order';
import { Session } from './loan';
import { isReadable } from './payloads';

/** `half_open` = waits for a probe; `probed` = it is under way. */
export type CircuitState = 'open' | 'half_open' | 'probed';

/** What bars a lane as a whole and its models one by one; closed circuits are left out. And when it has more to ring. */
export interface LaneCircuits {
  readonly off: boolean;
  /** Of provider and key together; null = closed. */
  readonly whole: CircuitState | null;
  /** The end of what bars the whole lane. */
  readonly until: Date | null;
  readonly models: readonly { readonly model: string; readonly state: CircuitState; readonly until: Date }[];
  /** Milliseconds until the first of the bars ends; null = there is none. */
  readonly endsMs: number | null;
  /** For so long no job on its last chance is rung; null = they are. */
  readonly sparesMs: number | null;
  /** Until the next job becomes ready that is not ready yet; null = none waits for its time. */
  readonly nextReadyMs: number | null;
}

/**
 * From the start of the transaction on, which is not later than the feed: what becomes ready in between is not missed.
 * $1 lane, $2 payloads that can be read.
 */
const NEXT_READY = `
  SELECT (extract(epoch FROM min(j.ready_at) - clock_timestamp()) * 1000)::int
  FROM jobs j WHERE ${mayBeRung('j')} AND j.ready_at > now() AND j.ready_at < now() + interval '1 day'
    AND ${isReadable('$2', 'j')}`;

/**
 * Inputs: $1 lane, $2 payloads that can be read. Returns: one row, with nulls, or one for each circuit that is not closed;
 * none without a lane.
 */
const LANE_CIRCUITS = `
  SELECT coalesce(l.override_cap, l.cap) = 0 AS off,
    (extract(epoch FROM l.spares_until - statement_timestamp()) * 1000)::float8 AS "sparesMs", (${NEXT_READY}) AS "nextReadyMs", c.model, c.until, c.ms,
    CASE WHEN c.ms > 0 THEN 'open' WHEN c.probed THEN 'probed' WHEN c.until IS NOT NULL THEN 'half_open' END AS state
  FROM lanes l LEFT JOIN LATERAL (
    SELECT c.until, (extract(epoch FROM c.until - statement_timestamp()) * 1000)::float8 AS ms, ${PROBE_IS_HELD} AS probed,
      CASE WHEN starts_with(c.scope, 'target:') THEN substr(c.scope, length('target:' || l.name || '/') + 1) END AS model
    FROM cooldowns c
    WHERE (c.until > statement_timestamp() OR c.strikes > 0)
      AND (c.scope IN ('provider:' || l.name, 'credential:' || coalesce(l.credential, l.name))
           OR starts_with(c.scope, 'target:' || l.name || '/'))
  ) c ON true
  WHERE l.name = $1`;

interface CircuitRow {
  readonly off: boolean;
  readonly sparesMs: number | null;
  readonly nextReadyMs: number | null;
  readonly model: string | null;
  readonly until: Date | null;
  readonly ms: number | null;
  readonly state: CircuitState | null;
}

const STRONGEST: readonly CircuitState[] = ['open', 'probed', 'half_open'];

/** @param payloads what this process can read, as text; null = everything */
export async function readLaneCircuits(
  session: Session,
  lane: string,
  payloads: string | null,
): Promise<LaneCircuits> {
  const { rows } = await session.query<CircuitRow>({
    name: 'lane_circuits',
    text: LANE_CIRCUITS,
    values: [lane, payloads],
  });
  const ofWhole = rows.filter(({ model }) => model === null);
  const ends = ofWhole.flatMap(({ until, state }) => (until !== null && state === 'open' ? [until] : []));
  const waits = rows.flatMap(({ ms }) => (ms !== null && ms > 0 ? [Math.ceil(ms)] : []));
  const sparesMs = rows[0]?.sparesMs ?? null;
  return {
    off: rows[0]?.off ?? false,
    whole: STRONGEST.find((state) => ofWhole.some((row) => row.state === state)) ?? null,
    until: ends.sort((left, right) => right.getTime() - left.getTime())[0] ?? null,
    models: rows.flatMap(({ model, state, until }) =>
      model === null || state === null || until === null ? [] : [{ model, state, until }],
    ),
    endsMs: waits.length === 0 ? null : Math.min(...waits),
    sparesMs: sparesMs !== null && sparesMs > 0 ? Math.ceil(sparesMs) : null,
    nextReadyMs: rows[0]?.nextReadyMs ?? null,
  };
}
