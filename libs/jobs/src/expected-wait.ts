import { Circuit, FiguresRecords, HealthRecords, LaneFigures } from '@longhaul/records';
import { scopeOf } from './health-words';
import { isProbing, lastOf } from './overview-cooling';

/** How long a job would wait for its first call, as far as can be told. */
export interface ExpectedWait {
  /** Null where it cannot be told. */
  readonly seconds: number | null;
  readonly because: string;
}

export const STORE_AWAY: ExpectedWait = { seconds: null, because: 'PostgreSQL did not answer.' };

export interface WaitFigures {
  readonly figures: Pick<FiguresRecords, 'lanes' | 'total' | 'callSeconds'>;
  readonly health: Pick<HealthRecords, 'circuits'>;
}

/** Whoever waits goes first, and each round of calls takes as long as calls have taken lately. */
export async function expectedWait(
  { provider: lane, model }: { readonly provider: string; readonly model: string },
  { figures, health }: WaitFigures,
): Promise<ExpectedWait> {
  const [lanes, total, callSeconds, { circuits }] = await Promise.all([
    figures.lanes(),
    figures.total(),
    figures.callSeconds(lane),
    health.circuits(),
  ]);
  if (total.cap === 0) return { seconds: null, because: 'No call starts at all: MAX_INFLIGHT_TOTAL is 0.' };
  const found = lanes.find((row) => row.lane === lane);
  if (found === undefined) return { seconds: null, because: `No process has a lane for ${lane}.` };
  const bar = found.cap === 0 ? null : barOver({ provider: lane, model }, circuits);
  return bar ?? waitIn(found, callSeconds);
}

/** A job whose first target cools is held, or goes on to the next: when it starts cannot be told. */
function barOver(
  { provider, model }: { readonly provider: string; readonly model: string },
  circuits: readonly Circuit[],
): ExpectedWait | null {
  const own = circuits.filter(({ scope }) => {
    const of = scopeOf(scope);
    return of?.provider === provider && (of.model === null || of.model === model);
  });
  const bar = lastOf(own.filter(({ state }) => state === 'open'));
  if (bar !== null) {
    const until = bar.until.toISOString().replace(/\.\d{3}Z$/, 'Z');
    const because = `${provider}/${model} may not be called before ${until} (${bar.code}): the job waits, or goes to its next target.`;
    return { seconds: null, because };
  }
  const probe = own.find(isProbing);
  if (probe === undefined) return null;
  const because = `One call finds out whether ${provider}/${model} is well again (${probe.code}): the job waits for its first token.`;
  return { seconds: null, because };
}

/** Pure. */
export function waitIn(
  { lane, cap, inFlight, waiting }: LaneFigures,
  callSeconds: number | null,
): ExpectedWait {
  if (cap === 0) return { seconds: null, because: `The lane ${lane} is off: its in-flight cap is 0.` };
  const ahead = inFlight + waiting;
  const stands = `In the lane ${lane} ${String(inFlight)} of ${String(cap)} calls are in flight and ${String(waiting)} jobs wait`;
  if (ahead < cap) return { seconds: 0, because: `${stands}: it would start at once.` };
  if (callSeconds === null)
    return { seconds: null, because: `${stands}, and none of its latest calls has ended well.` };
  const rounds = Math.floor((ahead - cap) / cap) + 1;
  const seconds = Math.round(rounds * callSeconds * 10) / 10;
  return { seconds, because: `${stands}; a call has taken ${callSeconds.toFixed(1)} s lately.` };
}
