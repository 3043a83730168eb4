import { Statement } from './database';

/**
 * Why a ticket is void. `unknown`: there is no such job. `ended`. `other_ring`: it was rung anew since (or, after a restore
 * of PostgreSQL, before). `held`: another claim has it. `ending`: its deadline has passed. `early`: it was put off.
 * `raced`: another changed the job this very moment.
 */
export type StaleWhy = 'unknown' | 'ended' | 'other_ring' | 'held' | 'ending' | 'early' | 'raced';

/** One look at the job, by its key; for whoever knows that the ticket is void. */
export const whyStale = (id: string, ring: string): string => `
  coalesce((
    SELECT CASE WHEN status NOT IN ('queued', 'in_progress') THEN 'ended'
                WHEN ring <> ${ring}::int THEN 'other_ring'
                WHEN lease_owner IS NOT NULL THEN 'held'
                WHEN cancel_requested_at IS NOT NULL OR deadline_at <= clock_timestamp() THEN 'ending'
                WHEN ready_at > clock_timestamp() THEN 'early' ELSE 'raced' END
    FROM jobs WHERE id = ${id}), 'unknown')`;

/** Changes nothing. Inputs: $1 id, $2 ring. */
export const WHY_STALE: Statement = {
  name: 'why_stale',
  text: `SELECT ${whyStale('$1', '$2')} AS why`,
};
