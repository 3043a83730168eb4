import { LimitState, UpstreamLimits } from '@longhaul/contract';
import { ReplyHeaders } from '../../exchange';
import { msOfReset } from '../../retry-after';

const COUNT = /^\d{1,12}$/;
const MINUTE_MS = 60_000;

const countOf = (text: string | undefined): number | undefined =>
  text !== undefined && COUNT.test(text.trim()) ? Number(text) : undefined;

/** A limit that takes longer than a minute to be whole again is none per minute: a free plan counts days. */
function stateOf(headers: ReplyHeaders, nowMs: number, ending: string): LimitState | undefined {
  const of = (what: string): string | undefined => headers[`x-ratelimit-${what}${ending}`];
  const resetMs = msOfReset(of('reset'), nowMs);
  const limit = (resetMs ?? 0) > MINUTE_MS ? undefined : countOf(of('limit'));
  const remaining = countOf(of('remaining'));
  if (limit === undefined && remaining === undefined) return undefined;
  return {
    ...(limit === undefined ? {} : { limit }),
    ...(remaining === undefined ? {} : { remaining }),
    ...(resetMs === undefined ? {} : { resetMs }),
  };
}

/** OpenAI's x-ratelimit-{limit,remaining,reset}-{requests,tokens}, and the plain ones of Moonshot and OpenRouter. */
export function limitsOf(headers: ReplyHeaders, nowMs: number): UpstreamLimits | undefined {
  const requests = stateOf(headers, nowMs, '-requests') ?? stateOf(headers, nowMs, '');
  const tokens = stateOf(headers, nowMs, '-tokens');
  if (requests === undefined && tokens === undefined) return undefined;
  return { ...(requests === undefined ? {} : { requests }), ...(tokens === undefined ? {} : { tokens }) };
}
