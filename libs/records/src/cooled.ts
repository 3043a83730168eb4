/**
 * As SQL, the part of a settlement that opens its circuit. A call that fails while its circuit is open was sent before
 * that, and makes it no worse: only a hint may prolong it. What would change nothing does not touch the row: of many calls
 * that fail in the same moment each would else wait for the commit of the one before.
 * Inputs: $29 scope, $30 code, $31 ms, $32 grows, $33 most ms, $37 ms where it was closed, $38 strikes (0 = soft).
 */
export const COOLED = `
      INSERT INTO cooldowns AS k (scope, until, code, strikes)
      SELECT $29, clock_timestamp() + $37 * interval '1 millisecond', $30, $38::int FROM c
      WHERE $29::text IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM cooldowns o WHERE o.scope = $29 AND o.until > clock_timestamp() AND o.strikes >= $38::int AND o.probe_job IS NULL
          AND ($32 OR $38::int = 0 OR o.until >= clock_timestamp() + $37 * interval '1 millisecond'))
      ON CONFLICT (scope) DO UPDATE SET probe_job = NULL, probe_fence = NULL,
        strikes = CASE WHEN k.until > clock_timestamp() THEN greatest(k.strikes, EXCLUDED.strikes)
                       ELSE k.strikes + EXCLUDED.strikes END,
        until = CASE WHEN k.until > clock_timestamp()
                     THEN CASE WHEN $32 OR $38::int = 0 THEN k.until ELSE greatest(k.until, EXCLUDED.until) END
                     WHEN $32 AND k.strikes > 0
                     THEN clock_timestamp() + least($31 * power(2, least(k.strikes, 20)), $33) * interval '1 millisecond'
                     ELSE EXCLUDED.until END,
        code = CASE WHEN k.until > clock_timestamp() AND ($32 OR $38::int = 0 OR k.until > EXCLUDED.until) THEN k.code
                    ELSE EXCLUDED.code END`;
