import { Database, Statement } from './database';

/** As SQL: the circuits that a target hangs on. `credential` is what its lane says of the key in use. */
export const scopesIn = (provider: string, model: string, credential: string): string =>
  `'provider:' || ${provider}, 'credential:' || coalesce(${credential}, ${provider}), 'target:' || ${provider} || '/' || ${model}`;

/**
 * As SQL, for a row `c` of cooldowns: its probe is under way. Settled, given back or freed from a dead worker, the
 * claim is over, and with it the probe, without anybody who clears it. `coalesce` keeps the planner off the partial indexes.
 * A count and not EXISTS: that one is planned as a hash of all the jobs there are.
 */
export const PROBE_IS_HELD = `((
  SELECT count(*) FROM jobs p WHERE p.id = c.probe_job AND p.fence = c.probe_fence AND coalesce(p.lease_owner, '') <> '') > 0)`;

/**
 * Guarantees: closes what this claim probes, and nothing that was opened again meanwhile. Locks circuits by their scope.
 * Inputs: $1 id, $2 fence.
 */
const PROBE_PASSED: Statement = {
  name: 'probe_passed',
  text: `
    WITH probed AS MATERIALIZED (
      SELECT scope FROM cooldowns WHERE probe_job = $1 AND probe_fence = $2 AND until <= clock_timestamp()
      ORDER BY scope FOR NO KEY UPDATE
    )
    UPDATE cooldowns c SET strikes = 0, probe_job = NULL, probe_fence = NULL FROM probed WHERE c.scope = probed.scope`,
};

/** Inputs: $1 how many days a circuit that nobody has touched is kept. Returns: nothing. */
const FORGET: Statement = {
  name: 'forget_circuits',
  text: `
    DELETE FROM cooldowns WHERE scope = ANY (ARRAY(
      SELECT scope FROM cooldowns WHERE until < now() - $1 * interval '1 day' LIMIT 500 FOR UPDATE SKIP LOCKED))`,
};

const DAYS_KEPT = 1;

/** The circuits, besides what claims and settlements do to them. */
export class CircuitRecords {
  constructor(private readonly database: Database) {}

  /** The probe's answer has begun: the others need not wait for its end. Safe to repeat, and to leave out. */
  async probePassed(jobId: string, fence: number): Promise<void> {
    await this.database.run(PROBE_PASSED, [jobId, fence]);
  }

  /** Models that nobody asks for any more and keys that were changed leave their rows behind. */
  async forgetOld(): Promise<void> {
    await this.database.run(FORGET, [DAYS_KEPT]);
  }
}
