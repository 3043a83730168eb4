import { LimitState, UpstreamLimits } from '@longhaul/contract';
import { ReplyHeaders } from '../../exchange';

const COUNT = /^\d{1,12}$/;
/** Date.parse takes much else for a date, so the form of RFC 3339 is asked for. */
const RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;
const LONGEST_RESET_MS = 86_400_000;

/** `anthropic-ratelimit-*`; `tokens` is the tightest of the provider's token limits. */
export function limitsOf(headers: ReplyHeaders, nowMs: number): UpstreamLimits | undefined {
  const requests = limitOf(headers, 'requests', nowMs);
  const tokens = limitOf(headers, 'tokens', nowMs) ?? limitOf(headers, 'input-tokens', nowMs);
  if (requests === undefined && tokens === undefined) return undefined;
  return { ...(requests === undefined ? {} : { requests }), ...(tokens === undefined ? {} : { tokens }) };
}

function limitOf(headers: ReplyHeaders, what: string, nowMs: number): LimitState | undefined {
  const stated = (member: string): string | undefined =>
    headers[`anthropic-ratelimit-${what}-${member}`]?.trim();
  const limit = countOf(stated('limit'));
  const remaining = countOf(stated('remaining'));
  const resetMs = resetOf(stated('reset'), nowMs);
  if (limit === undefined && remaining === undefined) return undefined;
  return {
    ...(limit === undefined ? {} : { limit }),
    ...(remaining === undefined ? {} : { remaining }),
    ...(resetMs === undefined ? {} : { resetMs }),
  };
}

const countOf = (text: string | undefined): number | undefined =>
  text !== undefined && COUNT.test(text) ? Number(text) : undefined;

function resetOf(text: string | undefined, nowMs: number): number | undefined {
  const atMs = text !== undefined && RFC_3339.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(atMs) ? undefined : Math.min(Math.max(atMs - nowMs, 0), LONGEST_RESET_MS);
}
