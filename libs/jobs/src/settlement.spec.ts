import { ERRORS, ErrorCode, GatewayError } from '@longhaul/contract';
import { Cooling, JobRow, Settlement } from '@longhaul/records';
import { Outcome } from './outcome';
import { failed } from './settlement';

const HOUR_MS = 3_600_000;
const TARGET = 'target:one/m';
const KEY = 'credential:one:f1';
const ONWARD: Outcome = { next: 'reroute', position: 1 };

const target = {
  ...{ provider: 'one', model: 'm', price: null },
  ...{ contextWindow: null, maxOutputTokens: null, minOutputTokens: null },
};
const job = { id: 'job_1', tries: 0, position: 0, outputBudget: null, chain: [target, target] };

function settled(error: GatewayError, outcome: Outcome = ONWARD): Settlement {
  const head = { jobId: job.id, fence: 1, worker: 'w1' };
  const terms = { credential: 'one:f1', retryAttempts: 1, backoffMs: 1000 };
  const made = { job: job as unknown as JobRow, error, outcome, target, terms };
  return failed(head, { ...made, handOver: null, call: null });
}

function cooling(code: ErrorCode, hintMs?: number, outcome: Outcome = ONWARD): Cooling | null {
  const error = new GatewayError(code, 'it failed', hintMs === undefined ? {} : { retryAfterMs: hintMs });
  return settled(error, outcome).cooling;
}

const fixed = (code: string, scope: string, forMs: number): Cooling => ({
  ...{ scope, code, forMs, growing: false, mostMs: forMs },
});
const soft = (code: string): Cooling => ({ ...fixed(code, TARGET, 1000), probed: false });
const growing = (code: string, firstMs = 1000): Cooling => ({
  ...{ scope: TARGET, code, forMs: 1000, growing: true, mostMs: 60_000, firstMs },
});

/** DESIGN, the last column of the table: without a hint, and with one of two minutes. */
const TABLE: [ErrorCode, without: Cooling | null, hinted: Cooling | null][] = [
  ['rate_limited', growing('rate_limited'), fixed('rate_limited', TARGET, 120_000)],
  ['overloaded', growing('overloaded'), fixed('overloaded', TARGET, 120_000)],
  ['upstream_error', growing('upstream_error'), fixed('upstream_error', TARGET, 120_000)],
  ['network_error', growing('network_error'), fixed('network_error', TARGET, 120_000)],
  ['timeout', soft('timeout'), soft('timeout')],
  ['stream_truncated', soft('stream_truncated'), soft('stream_truncated')],
  ['malformed_response', soft('malformed_response'), soft('malformed_response')],
  ['auth_failed', fixed('auth_failed', KEY, HOUR_MS), fixed('auth_failed', KEY, 120_000)],
  ['quota_exhausted', fixed('quota_exhausted', KEY, HOUR_MS), fixed('quota_exhausted', KEY, 120_000)],
  [
    'account_terminated',
    fixed('account_terminated', KEY, HOUR_MS),
    fixed('account_terminated', KEY, 120_000),
  ],
  [
    'client_not_allowed',
    fixed('client_not_allowed', 'provider:one', HOUR_MS),
    fixed('client_not_allowed', 'provider:one', 120_000),
  ],
  ['content_filtered', null, null],
  ['rejected_request', null, null],
  [
    'model_unavailable',
    fixed('model_unavailable', TARGET, HOUR_MS),
    fixed('model_unavailable', TARGET, 120_000),
  ],
  ['context_overflow', null, null],
  ['output_starved', null, null],
  ['empty_output', null, null],
];

describe('what a failure cools', () => {
  it.each(TABLE)('is on %s what the table says, and as long', (code, without, hinted) => {
    expect(cooling(code)).toEqual(without);
    expect(cooling(code, 120_000)).toEqual(hinted);
  });

  it('is known for every code, and only a provider’s failure cools', () => {
    const codes = Object.keys(ERRORS) as ErrorCode[];
    const ofProviders = codes.filter((code) => ERRORS[code].family === 'provider');
    expect(TABLE.map(([code]) => code).sort()).toEqual(ofProviders.sort());
    for (const code of codes.filter((each) => ERRORS[each].family !== 'provider' && each !== 'cancelled'))
      expect(cooling(code, 5000, { next: 'fail', error: { code, message: '' } })).toBeNull();
  });

  it('is barred no longer than until the job’s own retry, which is the probe', () => {
    const retry: Outcome = { next: 'retry', afterMs: 250, burns: true, outputBudget: null };
    expect(cooling('overloaded', undefined, retry)).toEqual(growing('overloaded', 250));
  });

  it('is half-open at once after a hint of nothing', () => {
    const retry: Outcome = { next: 'retry', afterMs: 0, burns: false, outputBudget: null };
    expect(cooling('rate_limited', 0, retry)).toEqual(fixed('rate_limited', TARGET, 0));
  });

  it('is a quota of an hour where the provider says that it is whole again at once', () => {
    expect(cooling('quota_exhausted', 0)).toEqual(fixed('quota_exhausted', KEY, HOUR_MS));
  });

  it('is the target where the quota is one model’s', () => {
    const error = new GatewayError('quota_exhausted', 'used up', { retryAfterMs: 5000, isOfModel: true });
    expect(settled(error, ONWARD).cooling).toEqual(fixed('quota_exhausted', TARGET, 5000));
  });
});

describe('a half-open circuit', () => {
  const refused = (code: ErrorCode, upstreamStatus?: number) =>
    settled(new GatewayError(code, 'no', upstreamStatus === undefined ? {} : { upstreamStatus })).warm;

  it('closes when its probe is refused for what it asked: the target is there', () => {
    expect(refused('rejected_request', 400)).toBe(TARGET);
    expect(refused('content_filtered', 200)).toBe(TARGET);
  });

  it('does not close for a refusal that no reply gave, nor for a failure', () => {
    expect(refused('rejected_request')).toBeNull();
    expect(refused('overloaded', 503)).toBeNull();
  });
});
