import { readUpstreamError } from './upstream-error';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const HOUR_MS = 3_600_000;
const exhausted = (message: string, ...details: unknown[]) =>
  readUpstreamError({
    ...{ status: 429, headers: {}, nowMs: NOW },
    body: { error: { code: 429, status: 'RESOURCE_EXHAUSTED', message, details } },
  });
const violated = (...quotaIds: string[]) => ({ violations: quotaIds.map((quotaId) => ({ quotaId })) });
const retryIn = (retryDelay: unknown) => ({ retryDelay });

describe('a quota', () => {
  it('of the day is waited for until midnight in California, whatever delay is named', () => {
    expect(exhausted('', violated('GenerateRequestsPerDayPerProjectPerModel'), retryIn('34s'))).toEqual({
      code: 'quota_exhausted',
      words: ['resource_exhausted', 'per_day'],
      retryAfterMs: 20 * HOUR_MS,
      isOfModel: true,
    });
  });

  it('of the project, beside that of a model or alone, is of all models', () => {
    const [ofModel, ofAll] = ['RequestsPerDayPerProjectPerModel', 'RequestsPerDayPerProject'];
    expect(exhausted('', violated(ofAll)).isOfModel).toBeUndefined();
    expect(exhausted('', violated(ofModel, ofAll)).isOfModel).toBeUndefined();
    expect(exhausted('', violated(ofModel, 'TokensPerMinutePerProject')).isOfModel).toBe(true);
    expect(exhausted('Your spend cap is reached.').isOfModel).toBeUndefined();
  });

  it('of a minute is waited for as long as is said', () => {
    expect(exhausted('', violated('GenerateRequestsPerMinutePerProjectPerModel'), retryIn('34.4s'))).toEqual({
      code: 'rate_limited',
      words: ['resource_exhausted', 'per_minute'],
      retryAfterMs: 34_400,
    });
  });

  it('of the day decides when that of a minute is used up too', () => {
    const both = violated('TokensPerMinute', 'RequestsPerDay');
    expect(exhausted('', both).code).toBe('quota_exhausted');
  });

  it.each(['limit: 0', 'limit: 0, model: gemini-3-pro', 'limit: 0\nPlease retry in 9s.'])(
    'of nothing has no end that could be waited for: %j',
    (message) => {
      expect(exhausted(message, retryIn('9s'))).toMatchObject({
        code: 'quota_exhausted',
        retryAfterMs: undefined,
      });
    },
  );

  it.each(['limit: 0.5', 'limit: 05', 'limit: 10', 'limits: 0'])('is more than nothing in %j', (message) => {
    expect(exhausted(message).code).toBe('rate_limited');
  });

  it.each([null, 34, 'soon', '-1s', '', '1e9s'])('has no delay in %j', (delay) => {
    expect(exhausted('', retryIn(delay)).retryAfterMs).toBeUndefined();
  });
});

describe('an error in a reply that began well', () => {
  it('has the status that it names itself', () => {
    const read = (error: unknown) =>
      readUpstreamError({ status: 200, headers: {}, nowMs: NOW, body: { error } }).code;
    expect(read({ code: 503 })).toBe('overloaded');
    expect(read({ code: 7 })).toBe('upstream_error');
    expect(read({ code: 400, status: 'UNAVAILABLE' })).toBe('overloaded');
    expect(read('no')).toBe('upstream_error');
  });
});
