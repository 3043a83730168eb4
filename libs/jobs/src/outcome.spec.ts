import { ERRORS, ErrorCode, GatewayError, Target } from '@longhaul/contract';
import { LONGEST_HOLD_MS } from '@longhaul/records';
import { decideOutcome, Outcome, Standing } from './outcome';

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
      expect(decide('rate_limited', { msToDeadline, tries, chance: 0 }, hintMs)).toEqual(outcome);
  });

  it('takes a hint for the earliest moment: it is never sooner back than without one', () => {
    expect(decide('rate_limited', {}, 0)).toEqual(hinted(500));
    expect(decide('rate_limited', {}, 499)).toEqual(hinted(500));
    expect(decide('rate_limited', {}, 501)).toEqual(hinted(501));
    expect(decide('rate_limited', { tries: 2, retryAttempts: 3 }, 0)).toEqual(hinted(2000));
    expect(decide('rate_limited', { msToDeadline: 500 }, 0)).toEqual(rung(1));
  });

  it.each([
    ['waits for a long hint', 3_599_999, hinted(3_599_999)],
    ['ends when the hint is at the deadline or after it', 3_600_000, ends('rate_limited')],
  ])('%s where no other rung is left', (_what, hintMs, outcome) => {
    const last = { position: 2, msToDeadline: 3_600_000, tries: 1 };
    expect(decide('rate_limited', last, hintMs)).toMatchObject(outcome);
    const closed = { ...last, position: 0, closed: new Set([1, 2]) };
    expect(decide('rate_limited', closed, hintMs)).toMatchObject(outcome);
  });

  it.each(['rate_limited', 'overloaded', 'empty_output', 'output_starved'] as const)(
    'leaves a call for each later rung, however often %s may be repeated',
    (code) => {
      const patient = { retryAttempts: 9, maxCalls: 8, chance: 0 };
      expect(decide(code, { ...patient, calls: 5 }, 5)).toMatchObject({ next: 'retry' });
      expect(decide(code, { ...patient, calls: 6 }, 5)).toEqual(rung(1));
      expect(decide(code, { ...patient, calls: 6, closed: new Set([1]) }, 5)).toMatchObject({
        next: 'retry',
      });
      expect(decide(code, { ...patient, calls: 7, position: 1 }, 5)).toEqual(rung(2));
      expect(decide(code, { ...patient, calls: 7, position: 2 }, 5)).toMatchObject({ next: 'retry' });
    },
  );

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
    // The chain holds windows that fit the estimate, or are unknown.
    ['a known one from an unknown one', [null, null, 100], rung(2)],
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
