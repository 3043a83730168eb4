import { GatewayError, nameOf, StoredError, Target } from '@longhaul/contract';
import { LONGEST_HOLD_MS } from '@longhaul/records';

export interface EarlierFailure {
  /** `<provider>/<model>` */
  readonly target: string;
  readonly code: string;
}

/** Where a job stands when its call has failed. */
export interface Standing {
  readonly chain: readonly Target[];
  readonly position: number;
  /** Failures on this target that used up a retry. */
  readonly tries: number;
  /** Calls so far, this one included. */
  readonly calls: number;
  readonly maxCalls: number;
  readonly retryAttempts: number;
  readonly backoffMs: number;
  readonly fallbackOnRefusal: boolean;
  /** The output budget that the failed call had. */
  readonly outputBudget: number;
  /** That budget was enlarged on this target before. */
  readonly isEnlarged: boolean;
  readonly msToDeadline: number;
  /** Failed calls to other targets, in order. */
  readonly earlier: readonly EarlierFailure[];
  /** Later positions whose target a rule refuses by now. */
  readonly closed: ReadonlySet<number>;
}

export type Outcome =
  | { readonly next: 'fail'; readonly error: StoredError }
  | { readonly next: 'cancel' }
  | {
      readonly next: 'retry';
      readonly afterMs: number;
      readonly burns: boolean;
      readonly outputBudget: number | null;
    }
  | { readonly next: 'reroute'; readonly position: number };

/** Decides what a failure means. Pure: chance is passed in. The rows of ERRORS are the rule. */
export function decideOutcome(error: GatewayError, standing: Standing, random: () => number): Outcome {
  if (error.code === 'cancelled') return { next: 'cancel' };
  if (error.row.family !== 'provider') return { next: 'fail', error: storedError(error) };
  const end: Outcome = { next: 'fail', error: endOf(error, standing) };
  if (standing.calls >= standing.maxCalls) return end;
  const next = onward(error, standing);
  if (next !== null && areCallsOwed(standing)) return next;
  return again(error, standing, { isLast: next === null, random }) ?? next ?? end;
}

/** A target that may be repeated, and by its own hints without end, must leave each later rung a call. */
const areCallsOwed = (standing: Standing): boolean =>
  standing.maxCalls - standing.calls <= openRungs(standing).length;

interface Repeating {
  /** There is no other rung to go to. */
  readonly isLast: boolean;
  readonly random: () => number;
}

/** The same target once more, if its row allows it. */
function again(error: GatewayError, standing: Standing, { isLast, random }: Repeating): Outcome | null {
  const { tries, retryAttempts, backoffMs, msToDeadline } = standing;
  const hintMs = error.detail.retryAfterMs;
  const { sameTarget } = error.row;
  // Full jitter: many jobs that failed together must not come back together.
  const jitterMs = Math.round(random() * backoffMs * 2 ** tries);
  switch (sameTarget) {
    case 'never':
      return null;
    case 'after_hint':
      if (hintMs !== undefined) {
        // "At once" is said by whoever does not know: without a pause all calls would be gone within the second.
        const afterMs = Math.max(hintMs, jitterMs);
        const isSoon = (isLast || hintMs <= LONGEST_HOLD_MS) && afterMs < msToDeadline;
        return isSoon ? { next: 'retry', afterMs, burns: false, outputBudget: null } : null;
      }
      break;
    case 'once_larger_budget':
      return tries < retryAttempts && !standing.isEnlarged ? largerBudget(standing) : null;
    case 'once':
      break;
    default:
      return sameTarget satisfies never;
  }
  if (tries >= retryAttempts || jitterMs >= msToDeadline) return null;
  return { next: 'retry', afterMs: jitterMs, burns: true, outputBudget: null };
}

function largerBudget({ chain, position, outputBudget }: Standing): Outcome | null {
  const most = chain[position]?.maxOutputTokens ?? Number.POSITIVE_INFINITY;
  const doubled = Math.min(outputBudget * 2, most);
  return doubled > outputBudget ? { next: 'retry', afterMs: 0, burns: true, outputBudget: doubled } : null;
}

/** The chain names each target once, so forward is enough. */
const openRungs = ({
  chain,
  position,
  closed,
}: Standing): { readonly target: Target; readonly index: number }[] =>
  chain
    .map((target, index) => ({ target, index }))
    .filter(({ index }) => index > position && !closed.has(index));

/** The next rung, if the row allows it and one fits. */
function onward(error: GatewayError, standing: Standing): Outcome | null {
  const { chain, position, fallbackOnRefusal } = standing;
  const rest = openRungs(standing);
  const { nextRung } = error.row;
  switch (nextRung) {
    case 'never':
      return null;
    case 'if_asked':
      if (!fallbackOnRefusal) return null;
      break;
    case 'larger_window': {
      const window = chain[position]?.contextWindow ?? 0;
      const larger = rest.find(({ target }) => (target.contextWindow ?? 0) > window);
      return larger ? { next: 'reroute', position: larger.index } : null;
    }
    case 'always':
      break;
    default:
      return nextRung satisfies never;
  }
  const [next] = rest;
  return next ? { next: 'reroute', position: next.index } : null;
}

export const storedError = (error: GatewayError): StoredError => ({
  code: error.code,
  message: error.message,
});

/** One target tried: its own code. Several: `all_providers_failed`, each named once with what it said last. */
function endOf(error: GatewayError, { chain, position, earlier }: Standing): StoredError {
  const here = chain[position];
  if (earlier.length === 0 || !here) return storedError(error);
  const last = new Map(earlier.map(({ target, code }) => [target, code]));
  const codes = [...last, [nameOf(here), error.code]]
    .map(([target, code]) => `${target}: ${code}`)
    .join(', ');
  return {
    code: 'all_providers_failed',
    message: `Every target of the chain failed (${codes}). See the attempts for each one's reason.`,
  };
}

/** What a claim or a feed found out about a rung; `until` null = off until somebody turns it on. */
export interface RungBar {
  readonly until: Date | null;
  readonly code: string;
}

export interface BarredStanding {
  readonly chain: readonly Target[];
  readonly position: number;
  /** The bar of each rung of the chain, in order; null = free. */
  readonly bars: readonly (RungBar | null)[];
  /** Later positions whose target a rule refuses by now. */
  readonly closed: ReadonlySet<number>;
  readonly now: Date;
  readonly deadlineAt: Date;
}

/** `stay` = nothing to wait for but a switch; the Feeder rings it when the provider is on again. */
export type BarredOutcome =
  | { readonly next: 'hold'; readonly position: number; readonly readyAt: Date }
  | { readonly next: 'reroute'; readonly position: number }
  | { readonly next: 'stay' }
  | { readonly next: 'fail'; readonly error: StoredError };

/** A short bar is waited out; else the next free rung; else the earliest end of a bar before the deadline. */
export function decideBarred({
  chain,
  position,
  bars,
  closed,
  now,
  deadlineAt,
}: BarredStanding): BarredOutcome {
  const bar = bars[position] ?? null;
  if (bar === null) return { next: 'hold', position, readyAt: now };
  const isShort = bar.until !== null && bar.until.getTime() - now.getTime() <= LONGEST_HOLD_MS;
  if (bar.until !== null && isShort && bar.until < deadlineAt) {
    return { next: 'hold', position, readyAt: bar.until };
  }
  const rungs = chain
    .map((target, index) => ({ target, index, bar: bars[index] ?? null }))
    .filter(({ index }) => index >= position && !closed.has(index));
  const free = rungs.find((rung) => rung.bar === null);
  if (free) return { next: 'reroute', position: free.index };
  const ends = rungs.flatMap(({ index, bar: own }) => (own?.until ? [{ index, until: own.until }] : []));
  const earliest = ends.sort((left, right) => left.until.getTime() - right.until.getTime())[0];
  if (earliest && earliest.until < deadlineAt)
    return { next: 'hold', position: earliest.index, readyAt: earliest.until };
  if (rungs.some((rung) => rung.bar?.until === null)) return { next: 'stay' };
  return { next: 'fail', error: barredError(chain, position, bar) };
}

function barredError(chain: readonly Target[], position: number, bar: RungBar): StoredError {
  const target = chain[position];
  const name = target ? nameOf(target) : 'the target';
  return {
    code: bar.code,
    message: `${name} may not be called before ${bar.until?.toISOString() ?? 'it is turned on'} (${bar.code}), after this job's deadline, and no other target is left.`,
  };
}
