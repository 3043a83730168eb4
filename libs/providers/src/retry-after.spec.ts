import {
  boundedHintMs,
  msOfReset,
  msToNextDay,
  msUntil,
  retryAfterMs,
  spokenResetMs,
  spokenRetryAfterMs,
} from './retry-after';

const NOW = Date.parse('Wed, 21 Oct 2026 07:28:00 GMT');
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const MONTH_MS = 31 * DAY_MS;
const hint = (value: string, more: Record<string, string> = {}): number | undefined =>
  retryAfterMs({ 'retry-after': value, ...more }, NOW);

describe('the hint of Retry-After', () => {
  it.each([
    ['0', 0],
    ['7', 7_000],
    [' 7 ', 7_000],
    ['1.5', 1_500],
    ['0.0004', 1],
    ['86400', DAY_MS],
    ['604800', 7 * DAY_MS],
    ['1000000000', MONTH_MS],
    ['999999999999999', MONTH_MS],
    ['Wed, 21 Oct 2026 07:29:30 GMT', 90_000],
    ['Wed, 21 Oct 2026 07:28:00 GMT', 0],
    ['Wed, 28 Oct 2026 07:28:00 GMT', 7 * DAY_MS],
    ['Fri, 21 Oct 2050 07:28:00 GMT', MONTH_MS],
  ])('of %j is read in seconds or as a date, rounded up, at most 31 days', (value, ms) => {
    expect(hint(value)).toBe(ms);
  });

  it.each([
    '',
    ' ',
    '-1',
    '-0.5',
    '1e9',
    '²',
    '１',
    '5x',
    '0x10',
    'NaN',
    'Infinity',
    '1,5',
    '7, 8',
    'soon',
    '9999999999999999',
    '2026-10-21T07:30:00Z',
    'yesterday GMT',
    'Wed, 21 Oct 2026 07:27:59 GMT',
    'Wed, 99 Oct 2026 07:29:00 GMT',
    'Wed, 21 Okt 2026 07:29:00 GMT',
  ])('ignores %j', (value) => {
    expect(hint(value)).toBeUndefined();
  });

  it("measures a date by the sender's own clock when it states it", () => {
    const oneHourSlow = { date: 'Wed, 21 Oct 2026 06:28:00 GMT' };
    expect(hint('Wed, 21 Oct 2026 06:28:30 GMT', oneHourSlow)).toBe(30_000);
  });

  it('prefers retry-after-ms, unless it is garbage', () => {
    expect(hint('7', { 'retry-after-ms': '250' })).toBe(250);
    for (const garbage of ['-250', '', '²', '1e9', 'soon'])
      expect(hint('7', { 'retry-after-ms': garbage })).toBe(7_000);
  });

  it('is undefined without a header', () => {
    expect(retryAfterMs({}, NOW)).toBeUndefined();
  });
});

describe('a hint in prose', () => {
  it.each([
    ['Rate limit reached, please try again after 1 seconds', 1_000],
    ['Please try again in 6.5s.', 6_500],
    ['Please try again in 6m0s.', 360_000],
    ['Please try again in 1h2m3.5s. Visit the page.', 3_723_500],
    ['Please retry in 20ms', 20],
    ['try again in 20 milliseconds', 20],
    ['try again in 2 minutes', 120_000],
    ['Your quota resets in 3 hours', 3 * HOUR_MS],
    ['It will reset in 6 days', 6 * DAY_MS],
    ['try again in 999999999 days', MONTH_MS],
  ])('is read from %j', (message, ms) => {
    expect(spokenRetryAfterMs(message)).toBe(ms);
  });

  it.each([
    'Too many requests (limit 3)',
    'try again in a while',
    'try again in 2 months',
    'retry in -1s',
    'retry in ²s',
  ])('is undefined in %j', (message) => {
    expect(spokenRetryAfterMs(message)).toBeUndefined();
  });
});

describe('a moment in prose', () => {
  it.each([
    ['Your limit will reset at 2026-10-21 17:28:00', 8, 2 * HOUR_MS],
    ['您的限额将在 2026-10-21 16:28:00 重置。', 8, HOUR_MS],
    ['resets 2026-10-21 08:28', 0, HOUR_MS],
    ['resets 2026-10-21T08:28:00.123456Z', 8, HOUR_MS],
    ['resets 2026-10-21 08:28:00 UTC', 8, HOUR_MS],
    ['resets 2026-10-21T16:28:00+08:00', 0, HOUR_MS],
    ['resets 2050-01-01 00:00:00', 0, MONTH_MS],
    ['resets 2026-10-21 07:27:59', 0, undefined],
    ['resets 2026-13-41 25:61:00', 0, undefined],
    ['resets on Monday', 0, undefined],
    ['', 0, undefined],
  ])('of %j, by a clock %d hours ahead, is read as %p', (message, offset, ms) => {
    expect(spokenResetMs(message, NOW, offset)).toBe(ms);
  });

  it('is the next midnight of its clock where a day must pass', () => {
    expect(msToNextDay(NOW, 8)).toBe(Date.parse('2026-10-22T00:00:00+08:00') - NOW);
    expect(msToNextDay(Date.parse('2026-10-21T16:00:00Z'), 8)).toBe(DAY_MS);
    expect(msToNextDay(Date.parse('2026-10-21T15:59:59Z'), 8)).toBe(1_000);
  });
});

describe('a reset', () => {
  it.each([
    ['12ms', 12],
    ['6m0s', 360_000],
    ['1h0m0s', HOUR_MS],
    ['1.5s', 1_500],
    ['59', 59_000],
    ['0', 0],
    [String((NOW + 5_000) / 1_000), 5_000],
    [String(NOW + 5_000), 5_000],
    ['2026-10-21T07:28:05Z', 5_000],
    [String(NOW - 5_000), undefined],
    ['-1', undefined],
    ['', undefined],
    ['²', undefined],
    ['soon', undefined],
    ['1d', undefined],
  ])('of a rate limit %j is read as %p', (stated, ms) => {
    expect(msOfReset(stated, NOW)).toBe(ms);
  });

  it('that is stated in a body may be a number or a text, and nothing else', () => {
    expect(msUntil(NOW + 5_000, NOW)).toBe(5_000);
    expect(msUntil((NOW + 5_000) / 1_000, NOW)).toBe(5_000);
    expect(msUntil('2026-10-21T07:28:05Z', NOW)).toBe(5_000);
    for (const garbage of [null, undefined, {}, [], true, NaN, -1, 5, 'soon'])
      expect(msUntil(garbage, NOW)).toBeUndefined();
  });
});

describe('the bound of a hint', () => {
  it('is a day, but for what was used up', () => {
    expect(boundedHintMs('quota_exhausted', 30 * DAY_MS)).toBe(30 * DAY_MS);
    for (const code of ['rate_limited', 'overloaded', 'auth_failed'] as const) {
      expect(boundedHintMs(code, 30 * DAY_MS)).toBe(DAY_MS);
      expect(boundedHintMs(code, 5)).toBe(5);
    }
  });
});
