import { Statement } from './database';
import { dayOf, SEEN_HOLDS } from './reserve';

/** One limit of a lane's credential; null = none. */
export interface LimitFigure {
  readonly configured: number | null;
  /** What the provider's headers have lately said of it, where that is lower. */
  readonly seen: number | null;
  /** Reserved by calls that run, and used by those that have ended. 0 where the lane has no limits: nobody counts then. */
  readonly used: number;
}

export interface LaneLimits {
  readonly lane: string;
  readonly credential: string;
  readonly requestsPerMinute: LimitFigure;
  readonly tokensPerMinute: LimitFigure;
  /** Of UTC. No header speaks of it. */
  readonly tokensPerDay: LimitFigure;
}

const figure = (configured: string, seen: string, used: string): string =>
  `json_build_object('configured', ${configured}, 'seen', ${seen}, 'used', ${used})`;

const seen = (limit: string): string =>
  `CASE WHEN ${limit} IS NOT NULL AND limits_seen_at > statement_timestamp() - ${SEEN_HOLDS} THEN seen_${limit} END`;

/** Inputs: $1 the name of the total, $2 window ms. Returns: one row per lane, by name. */
export const LIMITS: Statement = {
  name: 'limit_figures',
  text: `
    SELECT l.name AS lane, coalesce(l.credential, l.name) AS credential,
      ${figure('requests_per_minute', seen('requests_per_minute'), 'used.requests')} AS "requestsPerMinute",
      ${figure('tokens_per_minute', seen('tokens_per_minute'), 'used.tokens')} AS "tokensPerMinute",
      ${figure('tokens_per_day', 'NULL', `coalesce(today.tokens, 0)`)} AS "tokensPerDay"
    FROM lanes l
    CROSS JOIN LATERAL (
      SELECT count(*)::int AS requests, coalesce(sum(r.tokens), 0)::bigint AS tokens FROM reservations r
      WHERE r.credential = coalesce(l.credential, l.name) AND r.fence > 0
        AND r.at > statement_timestamp() - $2 * interval '1 millisecond'
    ) used
    LEFT JOIN usage_days today
      ON today.credential = coalesce(l.credential, l.name) AND today.day = ${dayOf('statement_timestamp()')}
    WHERE l.name <> $1
    ORDER BY l.name`,
};
