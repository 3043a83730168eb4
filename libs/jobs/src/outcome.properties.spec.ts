import { ERRORS, ErrorCode, GatewayError, Target } from '@longhaul/contract';
import fc from 'fast-check';
import { decideBarred, decideOutcome, RungBar, Standing } from './outcome';

const CODES = (Object.keys(ERRORS) as ErrorCode[]).filter((code) => ERRORS[code].family === 'provider');
const NOW = new Date('2026-01-01T00:00:00Z');
const MS_TO_DEADLINE = 600_000;

interface Rung {
  readonly target: Target;
  /** Each provider may have its own. */
  readonly retryAttempts: number;
}

const rungs: fc.Arbitrary<Rung[]> = fc
  .array(
    fc.record({
      window: fc.constantFrom(null, 1000, 2000, 4000),
      most: fc.constantFrom(null, 1000, 8000),
      retryAttempts: fc.integer({ min: 0, max: 3 }),
    }),
    { minLength: 1, maxLength: 9 },
  )
  .map((made) =>
    made.map(({ window, most, retryAttempts }, index) => ({
      retryAttempts,
      target: {
        ...{ provider: `p${String(index)}`, model: 'm', contextWindow: window, maxOutputTokens: most },
        ...{ minOutputTokens: null, price: null },
      },
    })),
  );

const bar: fc.Arbitrary<RungBar | null> = fc.oneof(
  { weight: 4, arbitrary: fc.constant(null) },
  fc.record({
    until: fc.constantFrom(null, ...[5, 90, 9000].map((seconds) => new Date(NOW.getTime() + seconds * 1000))),
    code: fc.constant('overloaded'),
  }),
);

/** What a job meets on its way: what bars its rungs by then, and how its call ends. */
const meeting = fc.record({
  code: fc.constantFrom(...CODES),
  hintMs: fc.option(fc.constantFrom(0, 1, 59_999, 60_000, 60_001, 700_000), { nil: undefined }),
  bars: fc.option(fc.array(bar, { minLength: 9, maxLength: 9 }), { nil: null }),
  chance: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
});

const job = fc.record({
  rungs,
  meetings: fc.array(meeting, { minLength: 1, maxLength: 20 }),
  maxCalls: fc.integer({ min: 1, max: 40 }),
  backoffMs: fc.constantFrom(0, 1000, 120_000),
  fallbackOnRefusal: fc.boolean(),
  closed: fc.uniqueArray(fc.integer({ min: 1, max: 8 }), { maxLength: 3 }).map((all) => new Set(all)),
});

type Job = typeof job extends fc.Arbitrary<infer Made> ? Made : never;

/** Where a job has been, and what it took. */
interface Walk {
  readonly positions: number[];
  calls: number;
  afterHints: number;
  tries: number;
  isEnlarged: boolean;
}

const here = ({ positions }: Walk): number => positions.at(-1) ?? 0;

function goTo(walk: Walk, position: number): void {
  if (position === here(walk)) return;
  walk.positions.push(position);
  Object.assign(walk, { tries: 0, isEnlarged: false });
}

function standingOf({ rungs: all, ...settings }: Job, walk: Walk): Standing {
  return {
    ...settings,
    ...{ chain: all.map(({ target }) => target), position: here(walk) },
    ...{ tries: walk.tries, calls: walk.calls, isEnlarged: walk.isEnlarged },
    retryAttempts: all[here(walk)]?.retryAttempts ?? 0,
    ...{ outputBudget: 1000, msToDeadline: MS_TO_DEADLINE, earlier: [] },
  };
}

/** False = it has ended. */
function isMoved(walk: Walk, { chain, closed }: Standing, bars: readonly (RungBar | null)[]): boolean {
  const deadlineAt = new Date(NOW.getTime() + MS_TO_DEADLINE);
  const outcome = decideBarred({ chain, position: here(walk), bars, closed, now: NOW, deadlineAt });
  if (outcome.next === 'fail') return false;
  if (outcome.next !== 'stay') goTo(walk, outcome.position);
  return true;
}

function walkOf(made: Job): Walk {
  const walk: Walk = { positions: [0], calls: 0, afterHints: 0, tries: 0, isEnlarged: false };
  for (;;) {
    const met = made.meetings[walk.calls % made.meetings.length];
    if (met?.bars && !isMoved(walk, standingOf(made, walk), met.bars)) return walk;
    walk.calls += 1;
    const detail = met?.hintMs === undefined ? {} : { retryAfterMs: met.hintMs };
    const error = new GatewayError(met?.code ?? 'internal', 'it failed', detail);
    const outcome = decideOutcome(error, standingOf(made, walk), () => met?.chance ?? 0);
    if (outcome.next === 'reroute') goTo(walk, outcome.position);
    else if (outcome.next !== 'retry') return walk;
    else {
      expect(outcome.afterMs).toBeLessThan(MS_TO_DEADLINE);
      walk.afterHints += outcome.burns ? 0 : 1;
      walk.tries += outcome.burns ? 1 : 0;
      walk.isEnlarged ||= outcome.outputBudget !== null;
    }
    // A job without an end would hang the test instead of failing it.
    if (walk.calls > made.maxCalls) return walk;
  }
}

const always = (holds: (walk: Walk, made: Job) => void): void => {
  fc.assert(
    fc.property(job, (made) => {
      holds(walkOf(made), made);
    }),
    { numRuns: 3000 },
  );
};

describe('whatever fails, and however it is set', () => {
  it('a job makes no more calls than it may make in all', () => {
    always((walk, { maxCalls }) => {
      expect(walk.calls).toBeLessThanOrEqual(maxCalls);
    });
  });

  it('a job calls each rung once and as often again as its provider allows, besides what a hint asks for', () => {
    always((walk, { rungs: all }) => {
      const allowed = walk.positions.map((position) => 1 + (all[position]?.retryAttempts ?? 0));
      expect(walk.calls).toBeLessThanOrEqual(allowed.reduce((sum, one) => sum + one, walk.afterHints));
    });
  });

  it('a job has called, or passed by for its bars and rules, every rung before its calls are used up', () => {
    always(({ calls, positions }, { maxCalls, rungs: all, closed }) => {
      if (calls < maxCalls || maxCalls < all.length) return;
      const last = positions.at(-1) ?? 0;
      const left = all.map((_, index) => index).filter((index) => index > last && !closed.has(index));
      expect(left).toEqual([]);
    });
  });

  it('a job goes forward through its chain, never to a rung that is closed, and never leaves it', () => {
    always(({ positions }, { rungs: all, closed }) => {
      for (const [index, position] of positions.entries()) {
        expect(position).toBeGreaterThan(positions[index - 1] ?? -1);
        expect(position).toBeLessThan(all.length);
        expect(closed.has(position)).toBe(false);
      }
    });
  });
});
