import { limitsOf } from './limits';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const header = (what: string, ...values: readonly [limit: string, remaining: string, reset: string]) =>
  Object.fromEntries(
    ['limit', 'remaining', 'reset'].map((member, index) => [
      `anthropic-ratelimit-${what}-${member}`,
      values[index] ?? '',
    ]),
  );

describe('the limits in the headers', () => {
  it('are those of requests and of tokens, with the time until they are whole', () => {
    const headers = {
      ...header('requests', '50', '49', '2026-11-21T12:00:01Z'),
      ...header('tokens', '48000', '47000', '2026-11-21T13:00:02.5+01:00'),
      ...header('input-tokens', '40000', '100', '2026-11-21T12:00:09Z'),
    };
    expect(limitsOf(headers, NOW)).toEqual({
      requests: { limit: 50, remaining: 49, resetMs: 1_000 },
      tokens: { limit: 48_000, remaining: 47_000, resetMs: 2_500 },
    });
  });

  it('fall back to the input where the tightest is not told', () => {
    expect(limitsOf(header('input-tokens', '40000', '0', '2026-11-21T12:00:09Z'), NOW)).toEqual({
      tokens: { limit: 40_000, remaining: 0, resetMs: 9_000 },
    });
  });

  it.each([
    ['2026-11-21T11:59:59Z', 0],
    ['2027-11-21T12:00:00Z', 86_400_000],
    ['soon', undefined],
    ['60', undefined],
    ['2026-11-21', undefined],
    ['2026-13-41T12:00:00Z', undefined],
  ])('are whole at %s after %p ms', (reset, resetMs) => {
    expect(limitsOf(header('requests', '50', '49', reset), NOW)?.requests?.resetMs).toBe(resetMs);
  });

  it.each([
    {},
    header('requests', '-1', 'many', '2026-11-21T12:00:09Z'),
    { 'x-ratelimit-limit-requests': '5' },
  ])('are none in %j', (headers) => {
    expect(limitsOf(headers, NOW)).toBeUndefined();
  });
});
