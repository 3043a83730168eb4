import { retryAfterMs, spokenRetryAfterMs } from './retry-after';

const NOW = Date.parse('Wed, 21 Oct 2026 07:28:00 GMT');
const DAY_MS = 86_400_000;
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
    ['1000000000', DAY_MS],
    ['999999999999999', DAY_MS],
  ])('reads %j as seconds, rounded up, at most a day', (value, ms) => {
    expect(hint(value)).toBe(ms);
  });

  it.each([
    '',
    '-1',
    '1e9',
    '²',
    '5x',
    '0x10',
    'NaN',
    'Infinity',
    '1,5',
    'soon',
    '2026-10-21T07:30:00Z',
    'yesterday GMT',
  ])('ignores %j', (value) => {
    expect(hint(value)).toBeUndefined();
  });

  it('reads an HTTP date', () => {
    expect(hint('Wed, 21 Oct 2026 07:29:30 GMT')).toBe(90_000);
    expect(hint('Wed, 21 Oct 2026 07:28:00 GMT')).toBe(0);
  });

  it('ignores the past, and cuts the far future to a day', () => {
    expect(hint('Wed, 21 Oct 2026 07:27:59 GMT')).toBeUndefined();
    expect(hint('Fri, 21 Oct 2050 07:28:00 GMT')).toBe(DAY_MS);
  });

  it("measures a date by the sender's own clock when it states it", () => {
    const oneHourSlow = { date: 'Wed, 21 Oct 2026 06:28:00 GMT' };
    expect(hint('Wed, 21 Oct 2026 06:28:30 GMT', oneHourSlow)).toBe(30_000);
  });

  it('prefers retry-after-ms, unless it is garbage', () => {
    expect(hint('7', { 'retry-after-ms': '250' })).toBe(250);
    expect(hint('7', { 'retry-after-ms': '-250' })).toBe(7_000);
  });

  it('is undefined without a header', () => {
    expect(retryAfterMs({}, NOW)).toBeUndefined();
  });
});

describe('a hint in prose', () => {
  it.each([
    ['Rate limit reached, please try again after 1 seconds', 1_000],
    ['Please try again in 6.5s.', 6_500],
    ['Please retry in 20ms', 20],
    ['try again in 2 minutes', 120_000],
  ])('is read from %j', (message, ms) => {
    expect(spokenRetryAfterMs(message)).toBe(ms);
  });

  it('is undefined where none is spoken', () => {
    expect(spokenRetryAfterMs('Too many requests (limit 3)')).toBeUndefined();
  });
});
