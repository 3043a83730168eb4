import { scopesIn } from './circuit.records';
import { startsFrom } from './starts-from';

/**
 * As SQL, for a row `o` of lanes: it was lately refused a total slot and has a ticket that could use one, so that lanes with more
 * of them yield. Without such a ticket the stamp is of a wish that nobody has any more: where a target fails, its jobs go
 * to another lane all at once, and that lane would be held back for the sake of the one they have left.
 * A subquery with LIMIT, so that no planner joins it: it is asked of stamped lanes alone, and reads their tickets at most.
 * @param yieldMs as SQL, how long a stamp counts
 */
export const wantsTotal = (yieldMs: string): string => `(
  o.wants_total_at > clock_timestamp() - ${yieldMs} * interval '1 millisecond' AND coalesce(o.override_cap, o.cap) > 0
  AND (SELECT true FROM jobs r
       WHERE r.provider = o.name AND r.rung_at IS NOT NULL AND r.lease_owner IS NULL AND ${startsFrom('ring', 'r.status')}
         AND NOT EXISTS (SELECT 1 FROM cooldowns k WHERE k.until > clock_timestamp()
                         AND k.scope IN (${scopesIn('o.name', 'r.target_model', 'o.credential')}))
       LIMIT 1) IS TRUE)`;
