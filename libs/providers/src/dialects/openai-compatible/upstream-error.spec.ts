import { quirksOf } from './quirks';
import { readUpstreamError } from './upstream-error';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const HOUR_MS = 3_600_000;
const read = (provider: string, error: unknown, status = 429) =>
  readUpstreamError({ status, headers: {}, body: { error }, nowMs: NOW }, quirksOf(provider));
const hintOf = (...asked: Parameters<typeof read>): number | undefined => read(...asked).retryAfterMs;

describe('when a quota is whole again', () => {
  it("is midnight in Beijing for GLM's daily cap", () => {
    expect(hintOf('glm', { code: '1304', message: 'daily cap' })).toBe(4 * HOUR_MS);
  });

  it.each([
    ['glm', { code: '1308', message: 'Your limit will reset at 2026-11-21 23:00:00' }, 3],
    ['glm', { code: '1310', message: '您的限额将在 2026-11-25 20:00:00 重置。' }, 96],
    ['kimi', { type: 'access_terminated_error', message: 'usage limit; resets at 2026-11-21T13:00:00Z' }, 1],
    ['kimi', { type: 'access_terminated_error', message: 'Your quota resets in 2 hours.' }, 2],
    [
      'openrouter',
      { code: 402, metadata: { error_type: 'payment_required', resets_at: '2026-11-21T15:00:00Z' } },
      3,
    ],
    [
      'openrouter',
      {
        code: 403,
        metadata: { error_type: 'permission_denied', limit_source: 'k', resets_at: (NOW + HOUR_MS) / 1_000 },
      },
      1,
      403,
    ],
    [
      'openrouter',
      {
        code: 403,
        metadata: { error_type: 'permission_denied', limit_source: 'k', resets_at: NOW + HOUR_MS },
      },
      1,
      403,
    ],
  ] as const)(
    'is read for %s from %j',
    (...[provider, error, hours, status]: readonly [string, object, number, number?]) => {
      const { code, retryAfterMs } = read(provider, error, status);
      expect([code, retryAfterMs]).toEqual(['quota_exhausted', hours * HOUR_MS]);
    },
  );

  it('is not guessed from what is past, nor from a date in a message about something else', () => {
    expect(hintOf('glm', { code: '1308', message: 'reset at 2026-11-21 19:00:00' })).toBeUndefined();
    expect(hintOf('glm', { code: '1308', message: 'used up' })).toBeUndefined();
    expect(hintOf('glm', { code: '1211', message: 'ends 2026-12-01 00:00:00' })).toBeUndefined();
    expect(
      hintOf('openai', { code: 'model_not_found', message: 'ends 2026-12-01 00:00' }, 404),
    ).toBeUndefined();
  });
});

describe("a limit of OpenRouter's own", () => {
  const used = (headers: object) => ({
    code: 429,
    message: 'Rate limit exceeded: free-models-per-day.',
    metadata: { headers, error_type: 'rate_limit_exceeded', limit_source: 'openrouter_free_tier_daily' },
  });
  const reset = String(NOW + 12 * HOUR_MS);

  it('says in the headers that its body repeats when it is whole again', () => {
    const told = used({
      'X-RateLimit-Limit': '50',
      'X-RateLimit-Remaining': '0',
      'X-RateLimit-Reset': reset,
    });
    expect(read('openrouter', told)).toMatchObject({ code: 'rate_limited', retryAfterMs: 12 * HOUR_MS });
  });

  it.each([
    { 'X-RateLimit-Remaining': '3', 'X-RateLimit-Reset': reset },
    { 'X-RateLimit-Remaining': '0' },
    { 'X-RateLimit-Remaining': '0', 'X-RateLimit-Reset': 'soon' },
  ])('says nothing by %j', (headers) => {
    expect(hintOf('openrouter', used(headers))).toBeUndefined();
  });
});
