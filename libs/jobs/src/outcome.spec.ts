import { ERRORS, ErrorCode, GatewayError, Target } from '@longhaul/contract';
import { LONGEST_HOLD_MS } from '@longhaul/records';
import { decideBarred, decideOutcome, Outcome, Standing } from './outcome';

const target = (provider: string, contextWindow: number | null = 100_000): Target => ({
  ...{ provider, model: 'm', contextWindow },
  ...{ maxOutputTokens: 8000, minOutputTokens: null, price: null },
});

const standing = (change: Partial<Standing> = {}): Standing => ({
  chain: [target('one'), target('two'), target('three', 1_000_000)],
  ...{ position: 0, tries: 0, calls: 1, maxCalls: 8, retryAttempts: 1, backoffMs: 1000 },
  ...{ fallbackOnRefusal: false, outputBudget: 1000, isEnlarged: false, msToDeadline: 600_000 },
  ...{ earlier: [], closed: new Set() },
  ...change,
});

type Change = Partial<Standing> & { readonly chance?: number };

const decide = (code: ErrorCode, { chance = 0.5, ...change }: Change = {}, hintMs?: number): Outcome => {
  const error = new GatewayError(code, 'it failed', hintMs === undefined ? {} : { retryAfterMs: hintMs });
  return decideOutcome(error, standing(change), () => chance);
};

const again = (afterMs: number): Outcome => ({ next: 'retry', afterMs, burns: true, outputBudget: null });
const hinted = (afterMs: number): Outcome => ({ ...again(afterMs), burns: false }) as Outcome;
const larger = (outputBudget: number): Outcome => ({ ...again(0), outputBudget }) as Outcome;
const rung = (position: number): Outcome => ({ next: 'reroute', position });
const ends = (code: ErrorCode) => ({ next: 'fail', error: { code } });

/** DESIGN, the table of provider codes: the first failure on a target, then the next one there. */
const TABLE: [
  ErrorCode,
  first: ReturnType<typeof ends> | Outcome,
  then: ReturnType<typeof ends> | Outcome,
][] = [
  ['rate_limited', again(500), rung(1)],
  ['overloaded', again(500), rung(1)],
  ['upstream_error', again(500), rung(1)],
  ['network_error', again(500), rung(1)],
  ['timeout', rung(1), rung(1)],
  ['stream_truncated', rung(1), rung(1)],
  ['malformed_response', rung(1), rung(1)],
  ['auth_failed', rung(1), rung(1)],
  ['quota_exhausted', rung(1), rung(1)],
  ['account_terminated', rung(1), rung(1)],
  ['client_not_allowed', ends('client_not_allowed'), ends('client_not_allowed')],
  ['content_filtered', ends('content_filtered'), ends('content_filtered')],
  ['rejected_request', ends('rejected_request'), ends('rejected_request')],
  ['model_unavailable', rung(1), rung(1)],
  ['context_overflow', rung(2), rung(2)],
  ['output_starved', larger(2000), rung(1)],
  ['empty_output', again(500), rung(1)],
];
const codesOf = (family: string) =>
  (Object.keys(ERRORS) as ErrorCode[]).filter((code) => ERRORS[code].family === family);

describe('decideOutcome', () => {
  it('knows every code of a provider', () => {
    expect(TABLE.map(([code]) => code).sort()).toEqual(codesOf('provider').sort());
  });

  it.each(TABLE)('does on %s as the table says', (code, first, then) => {
    expect(decide(code)).toMatchObject(first);
    expect(decide(code, { tries: 1, calls: 2 })).toMatchObject(then);
  });

  it.each(TABLE)('never goes past the last rung on %s, and ends with that code', (code) => {
    expect(decide(code, { position: 2, tries: 1 })).toMatchObject(ends(code));
  });

  it.each(TABLE)('ends on %s when the calls are used up', (code) => {
    expect(decide(code, { calls: 8, fallbackOnRefusal: true }, 5)).toMatchObject(ends(code));
    expect(decide(code, { calls: 9 })).toMatchObject(ends(code));
  });

  it.each(['client_not_allowed', 'content_filtered', 'rejected_request'] as const)(
    'goes to the next rung on %s when the job asked for it',
    (code) => {
      expect(decide(code, { fallbackOnRefusal: true })).toEqual(rung(1));
    },
  );

  it.each([
    ['at once', { hintMs: 0, msToDeadline: 600_000 }, hinted(0)],
    [
      'as long as a target is waited for',
      { hintMs: LONGEST_HOLD_MS, msToDeadline: 600_000 },
      hinted(LONGEST_HOLD_MS),
    ],
    ['longer than that', { hintMs: LONGEST_HOLD_MS + 1, msToDeadline: 600_000 }, rung(1)],
    ['just before the deadline', { hintMs: 4999, msToDeadline: 5000 }, hinted(4999)],
    ['at the deadline', { hintMs: 5000, msToDeadline: 5000 }, rung(1)],
    ['after the deadline', { hintMs: 5001, msToDeadline: 5000 }, rung(1)],
  ] as const)('heeds a hint of a rate limit that says %s', (_when, { hintMs, msToDeadline }, outcome) => {
    // It burns no retry, and so asks for none.
    for (const tries of [0, 1])
      expect(decide('rate_limited', { msToDeadline, tries }, hintMs)).toEqual(outcome);
  });

  it('draws the wait from the whole backoff, which doubles with each repeat', () => {
    expect(decide('overloaded', { chance: 0 })).toEqual(again(0));
    expect(decide('overloaded', { chance: 0.999_999 })).toEqual(again(1000));
    expect(decide('overloaded', { tries: 2, retryAttempts: 3, chance: 0.999_999 })).toEqual(again(4000));
  });

  it('never repeats at or after the deadline', () => {
    expect(decide('overloaded', { msToDeadline: 500 })).toEqual(rung(1));
    expect(decide('overloaded', { msToDeadline: 501 })).toEqual(again(500));
  });

  it.each([0, 1, 3])('repeats as often as RETRY_ATTEMPTS says: %i', (retryAttempts) => {
    for (const code of ['rate_limited', 'overloaded', 'empty_output'] as const) {
      const burns = [0, 1, 2, 3].map((tries) => decide(code, { tries, retryAttempts }).next === 'retry');
      expect(burns.filter(Boolean)).toHaveLength(retryAttempts);
    }
  });

  it('enlarges a starved budget once per target, within the limit of the model and of the retries', () => {
    expect(decide('output_starved', { outputBudget: 6000 })).toEqual(larger(8000));
    expect(decide('output_starved', { outputBudget: 7999 })).toEqual(larger(8000));
    expect(decide('output_starved', { outputBudget: 8000 })).toEqual(rung(1));
    expect(decide('output_starved', { retryAttempts: 0 })).toEqual(rung(1));
    expect(decide('output_starved', { retryAttempts: 3, tries: 1 })).toEqual(larger(2000));
    expect(decide('output_starved', { retryAttempts: 3, tries: 1, isEnlarged: true })).toEqual(rung(1));
    const unlimited = { ...target('one'), maxOutputTokens: null };
    expect(decide('output_starved', { chain: [unlimited], outputBudget: 9000 })).toEqual(larger(18_000));
  });

  it.each([
    ['the first larger one', [100, 100, 200, 300], rung(2)],
    ['none of the same size', [100, 100, 50], ends('context_overflow')],
    ['none whose size nobody knows', [100, null], ends('context_overflow')],
  ])('sends a prompt that does not fit to %s', (_which, windows, outcome) => {
    const chain = windows.map((window, index) => target(String(index), window));
    expect(decide('context_overflow', { chain })).toMatchObject(outcome);
  });

  it('goes past a rung that a rule refuses by now, and fails when none is left', () => {
    expect(decide('timeout', { closed: new Set([1]) })).toEqual(rung(2));
    expect(decide('timeout', { closed: new Set([1, 2]) })).toMatchObject(ends('timeout'));
    expect(decide('context_overflow', { closed: new Set([2]) })).toMatchObject(ends('context_overflow'));
  });

  it('names each target once, with its last code, when several were tried', () => {
    const earlier = [
      { target: 'one/m', code: 'network_error' },
      { target: 'one/m', code: 'overloaded' },
      { target: 'two/m', code: 'auth_failed' },
    ];
    const outcome = decide('timeout', { position: 2, earlier });
    expect(outcome).toMatchObject(ends('all_providers_failed'));
    expect(JSON.stringify(outcome)).toContain('(one/m: overloaded, two/m: auth_failed, three/m: timeout)');
  });

  it('cancels on cancelled, whatever else holds, and never calls again on a fault that is not the provider’s', () => {
    expect(decide('cancelled', { calls: 8 })).toEqual({ next: 'cancel' });
    for (const code of [...codesOf('caller'), ...codesOf('gateway')].filter((each) => each !== 'cancelled'))
      expect(decide(code)).toMatchObject(ends(code));
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
