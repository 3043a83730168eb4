import { LaneLimits, LimitFigure } from '@longhaul/records';

export interface LimitView {
  /** Null = none. */
  readonly configured: number | null;
  /** What the provider's headers have lately said of it, where that is lower. */
  readonly seen: number | null;
  /** Null = nobody counts, since no limit is known. */
  readonly used: number | null;
}

export interface LimitsView {
  readonly requests_per_minute: LimitView;
  readonly tokens_per_minute: LimitView;
  readonly tokens_per_day: LimitView;
}

/** Calls of a key without any limit are not counted: a zero would say that there were none. */
export function viewLimits(provider: string, lanes: readonly LaneLimits[]): LimitsView | null {
  const lane = lanes.find((row) => row.lane === provider);
  if (lane === undefined) return null;
  const { requestsPerMinute, tokensPerMinute, tokensPerDay } = lane;
  const isCounted = [requestsPerMinute, tokensPerMinute, tokensPerDay].some(isLimited);
  const view = ({ configured, seen, used }: LimitFigure): LimitView => ({
    ...{ configured, seen },
    used: isCounted ? used : null,
  });
  return {
    requests_per_minute: view(requestsPerMinute),
    tokens_per_minute: view(tokensPerMinute),
    tokens_per_day: view(tokensPerDay),
  };
}

const isLimited = ({ configured, seen }: LimitFigure): boolean => configured !== null || seen !== null;
