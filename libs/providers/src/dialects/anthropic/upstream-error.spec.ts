import { readUpstreamError } from './upstream-error';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const hintOf = (message: string, headers: Record<string, string> = {}): number | undefined =>
  readUpstreamError({
    status: 400,
    headers,
    nowMs: NOW,
    body: { type: 'error', error: { type: 'invalid_request_error', message } },
  }).retryAfterMs;

describe('a quota whose end is told', () => {
  const told = (time: string): string =>
    `You have reached your specified API usage limits. You will regain access on ${time} UTC.`;

  it('is waited for until then', () => {
    expect(hintOf(told('2026-11-21 at 12:30'))).toBe(1_800_000);
    expect(hintOf(told('2026-12-01 at 00:00'))).toBe(9.5 * 86_400_000);
  });

  it.each(['2026-11-21 at 11:59', '2026-13-01 at 00:00', 'tomorrow at 00:00'])(
    'has no such time in %s',
    (time) => {
      expect(hintOf(told(time))).toBeUndefined();
    },
  );

  it('is never waited for longer than a month, and the header beats the sentence', () => {
    expect(hintOf(told('2036-12-01 at 00:00'))).toBe(32 * 86_400_000);
    expect(hintOf(told('2026-12-01 at 00:00'), { 'retry-after': '5' })).toBe(5_000);
  });
});

describe('a month that is spent', () => {
  it('is no mere rate, and is over when the next one begins in UTC', () => {
    const error = {
      type: 'rate_limit_error',
      message: 'Your organization has reached its monthly cap.',
      details: { error_code: 'enforced_spend_limit_reached' },
    };
    const body = { type: 'error', error };
    expect(readUpstreamError({ status: 429, headers: {}, nowMs: NOW, body })).toMatchObject({
      code: 'quota_exhausted',
      retryAfterMs: 9.5 * 86_400_000,
    });
    expect(
      readUpstreamError({ status: 429, headers: {}, nowMs: Date.parse('2026-12-31T23:59:59Z'), body })
        .retryAfterMs,
    ).toBe(1_000);
  });
});
