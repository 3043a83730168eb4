import { ERRORS, ErrorCode, GatewayError, Target } from '@longhaul/contract';
import { LONGEST_HOLD_MS } from '@longhaul/records';
import { decideBarred, decideOutcome, Standing } from './outcome';

const target = (provider: string, contextWindow = 100_000): Target => ({
  provider,
  model: 'm',
  contextWindow,
  maxOutputTokens: 8000,
  minOutputTokens: null,
  price: null,
});

const standing = (change: Partial<Standing> = {}): Standing => ({
  chain: [target('one'), target('two'), target('three', 1_000_000)],
  position: 0,
  tries: 0,
  calls: 1,
  maxCalls: 8,
  retryAttempts: 1,
  backoffMs: 1000,
  fallbackOnRefusal: false,
  outputBudget: 1000,
  msToDeadline: 600_000,
  earlier: [],
  closed: new Set(),
  ...change,
});

const error = (code: ErrorCode, retryAfterMs?: number) =>
  new GatewayError(code, 'it failed', retryAfterMs === undefined ? {} : { retryAfterMs });
const half = () => 0.5;
const decide = (code: ErrorCode, change: Partial<Standing> = {}, hintMs?: number) =>
  decideOutcome(error(code, hintMs), standing(change), half);

const codesWhere = (test: (code: ErrorCode) => boolean) => (Object.keys(ERRORS) as ErrorCode[]).filter(test);

describe('decideOutcome', () => {
  it.each(['overloaded', 'upstream_error', 'network_error', 'rate_limited', 'empty_output'] as const)(
    'tries %s once more on the same target with jitter, then goes to the next rung',
    (code) => {
      expect(decide(code)).toEqual({ next: 'retry', afterMs: 500, burns: true, outputBudget: null });
      expect(decide(code, { tries: 1 })).toEqual({ next: 'reroute', position: 1 });
    },
  );

  it.each([
    'timeout',
    'stream_truncated',
    'malformed_response',
    'auth_failed',
    'quota_exhausted',
    'account_terminated',
    'model_unavailable',
  ] as const)('goes to the next rung at once on %s', (code) => {
    expect(decide(code)).toEqual({ next: 'reroute', position: 1 });
  });

  it.each(['client_not_allowed', 'content_filtered', 'rejected_request'] as const)(
    'ends on %s, unless the job asked for a fallback on refusal',
    (code) => {
      expect(decide(code)).toMatchObject({ next: 'fail', error: { code } });
      expect(decide(code, { fallbackOnRefusal: true })).toEqual({ next: 'reroute', position: 1 });
    },
  );

  it('goes past a rung that a rule refuses by now, and fails when none is left', () => {
    expect(decide('timeout', { closed: new Set([1]) })).toEqual({ next: 'reroute', position: 2 });
    expect(decide('timeout', { closed: new Set([1, 2]) })).toMatchObject({ next: 'fail' });
    expect(decide('context_overflow', { closed: new Set([2]) })).toMatchObject({ next: 'fail' });
  });

  it('waits for a rate limit hint of up to a minute without burning a retry', () => {
    expect(decide('rate_limited', { tries: 1 }, LONGEST_HOLD_MS)).toEqual({
      next: 'retry',
      afterMs: LONGEST_HOLD_MS,
      burns: false,
      outputBudget: null,
    });
    expect(decide('rate_limited', {}, LONGEST_HOLD_MS + 1)).toEqual({ next: 'reroute', position: 1 });
    expect(decide('rate_limited', { msToDeadline: 5000 }, 6000)).toEqual({ next: 'reroute', position: 1 });
  });

  it('sends a prompt that does not fit only to a larger window', () => {
    expect(decide('context_overflow')).toEqual({ next: 'reroute', position: 2 });
    expect(decide('context_overflow', { position: 2 })).toMatchObject({
      next: 'fail',
      error: { code: 'context_overflow' },
    });
  });

  it('doubles a starved output budget once, within the limit of the model', () => {
    expect(decide('output_starved')).toEqual({ next: 'retry', afterMs: 0, burns: true, outputBudget: 2000 });
    expect(decide('output_starved', { outputBudget: 6000 })).toMatchObject({ outputBudget: 8000 });
    expect(decide('output_starved', { outputBudget: 8000 })).toEqual({ next: 'reroute', position: 1 });
    expect(decide('output_starved', { tries: 1 })).toEqual({ next: 'reroute', position: 1 });
  });

  it('ends when the calls are used up, or no rung is left', () => {
    expect(decide('overloaded', { calls: 8 })).toMatchObject({ next: 'fail', error: { code: 'overloaded' } });
    expect(decide('timeout', { chain: [target('one')] })).toMatchObject({
      next: 'fail',
      error: { code: 'timeout' },
    });
  });

  it('names each target once, with its last code, when several were tried', () => {
    const earlier = [
      { target: 'one/m', code: 'network_error' },
      { target: 'one/m', code: 'overloaded' },
      { target: 'two/m', code: 'auth_failed' },
    ];
    const outcome = decide('timeout', { position: 2, earlier });
    expect(outcome).toMatchObject({ next: 'fail', error: { code: 'all_providers_failed' } });
    expect(JSON.stringify(outcome)).toContain('(one/m: overloaded, two/m: auth_failed, three/m: timeout)');
  });

  it('cancels on cancelled and never calls again on a fault that is not the provider’s', () => {
    expect(decide('cancelled')).toEqual({ next: 'cancel' });
    for (const code of codesWhere((each) => ERRORS[each].family !== 'provider' && each !== 'cancelled')) {
      expect(decide(code)).toMatchObject({ next: 'fail', error: { code } });
    }
  });

  it('never retries past the deadline', () => {
    expect(decide('overloaded', { msToDeadline: 100, chain: [target('one')] })).toMatchObject({
      next: 'fail',
    });
  });
});

describe('decideBarred', () => {
  const now = new Date('2026-01-01T00:00:00Z');
  const at = (seconds: number) => new Date(now.getTime() + seconds * 1000);
  const bar = (seconds: number | null) => ({
    until: seconds === null ? null : at(seconds),
    code: 'quota_exhausted',
  });
  const barred = (
    bars: (ReturnType<typeof bar> | null)[],
    deadlineSeconds = 3600,
    { position = 0, closed = [] as number[] } = {},
  ) =>
    decideBarred({
      chain: [target('one'), target('two'), target('three')],
      position,
      bars,
      closed: new Set(closed),
      now,
      deadlineAt: at(deadlineSeconds),
    });

  it('goes to no rung that a rule refuses by now', () => {
    expect(barred([bar(61), null, null], 3600, { closed: [1] })).toEqual({ next: 'reroute', position: 2 });
    expect(barred([bar(600), bar(90), null], 3600, { closed: [1, 2] })).toEqual({
      next: 'hold',
      position: 0,
      readyAt: at(600),
    });
  });

  it('waits out a bar of up to a minute, though another rung is free', () => {
    expect(barred([bar(60), null, null])).toEqual({ next: 'hold', position: 0, readyAt: at(60) });
  });

  it('waits out no bar that ends after the deadline', () => {
    expect(barred([bar(30), null, null], 20)).toEqual({ next: 'reroute', position: 1 });
    expect(barred([bar(30), bar(10), null], 20)).toEqual({ next: 'reroute', position: 2 });
  });

  it('goes to the next free rung when the bar is longer', () => {
    expect(barred([bar(61), bar(500), null])).toEqual({ next: 'reroute', position: 2 });
  });

  it('never goes back to an earlier rung', () => {
    expect(barred([null, bar(100), bar(90)], 3600, { position: 1 })).toEqual({
      next: 'hold',
      position: 2,
      readyAt: at(90),
    });
  });

  it('waits for the earliest end under the deadline when every rung is barred', () => {
    expect(barred([bar(500), bar(300), bar(null)])).toEqual({ next: 'hold', position: 1, readyAt: at(300) });
  });

  it('stays for a provider that is off, and ends with the code of the bar when nothing can come in time', () => {
    expect(barred([bar(null), bar(9000), bar(9000)])).toEqual({ next: 'stay' });
    expect(barred([bar(9000), bar(9000), bar(9000)])).toMatchObject({
      next: 'fail',
      error: { code: 'quota_exhausted' },
    });
  });

  it('is ready at once when the bar has gone meanwhile', () => {
    expect(barred([null, null, null])).toEqual({ next: 'hold', position: 0, readyAt: now });
  });
});
