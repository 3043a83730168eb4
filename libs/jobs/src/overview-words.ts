import { LaneFigures, TotalFigures } from '@longhaul/records';
import { LaneCooling } from './overview-cooling';

/** One lane, and what this process knows of it. */
export interface LaneState extends LaneFigures {
  /** Whether this process could call its provider: it has the block, and the key if one is needed. */
  readonly isConfigured: boolean;
  readonly cooling: LaneCooling;
}

/** What holds for all lanes. */
export interface Surroundings {
  readonly total: TotalFigures;
  readonly queue: 'redis' | 'postgres';
  readonly isQueueUp: boolean;
}

/** What is said of a lane; `trouble` = somebody should do something, or at least know. */
export interface LaneWords {
  readonly words: string;
  readonly trouble: boolean;
}

/** So long a ticket may lie in a lane where nothing runs before somebody should look. */
const UNSERVED_AFTER_SECONDS = 5;
/** Lanes in trouble that the summary tells of; the rest is in `lanes`. */
const MOST_TROUBLES = 3;

const jobs = (count: number): string => `${String(count)} ${count === 1 ? 'job' : 'jobs'}`;
const verb = (count: number, word: string): string => (count === 1 ? `${word}s` : word);
const waits = (count: number): string => `${jobs(count)} ${verb(count, 'wait')}`;
const timeOf = (moment: Date): string => moment.toISOString().replace(/\.\d+Z$/, 'Z');
const capVariable = (lane: string): string => `MAX_INFLIGHT_${lane.toUpperCase()}`;

/** Seconds up to two minutes, then whole minutes, then whole hours. */
export function ageWords(seconds: number): string {
  if (seconds < 120) return `${String(Math.floor(seconds))} s`;
  if (seconds < 7200) return `${String(Math.floor(seconds / 60))} min`;
  return `${String(Math.floor(seconds / 3600))} h`;
}

/** A lane in a sentence or two: how it is, and what to do when something is wrong. */
export function laneWords(lane: LaneState, around: Surroundings): LaneWords {
  const wrong = troubleOf(lane, around);
  if (wrong !== null) return { words: wrong, trouble: lane.waiting + lane.scheduled > 0 };
  return { words: `${busyWords(lane, around)}${coolingModels(lane)}`, trouble: false };
}

function troubleOf(lane: LaneState, around: Surroundings): string | null {
  const { waiting, scheduled, inFlight, cap } = lane;
  const held = waiting + scheduled === 0 ? 'nothing waits for it' : waits(waiting + scheduled);
  if (cap === 0)
    return `Off, its cap is 0; ${held}. To turn it on, set ${capVariable(lane.lane)} above 0 and start Longhaul again.`;
  if (!lane.isConfigured)
    return `Not configured here: its provider has no block or no key; ${held}. Give every process the same config and keys.`;
  if (lane.cooling.lane !== null)
    return `Cooling until ${timeOf(lane.cooling.lane.until)} because ${lane.cooling.lane.code}; ${held}.${adviceOn(lane.cooling.lane.code)}`;
  if (waiting === 0) return null;
  if (!around.isQueueUp) return `${waits(waiting)} until the queue store answers; ${slots(inFlight, cap)}.`;
  if (inFlight === 0 && !isTotalFull(around) && (lane.oldestReadySeconds ?? 0) >= UNSERVED_AFTER_SECONDS)
    return `${waits(waiting)}, ${age(lane)}, all ${String(cap)} slots are free and nothing runs: no worker seems to serve this lane. Start one (npm run start:worker), or look at WORKER_LANES of those that run.`;
  return null;
}

/** Codes that only a person can mend. */
function adviceOn(code: string): string {
  switch (code) {
    case 'auth_failed':
      return ' Check its key.';
    case 'quota_exhausted':
      return ' Add credit, or wait for its reset.';
    case 'account_terminated':
    case 'client_not_allowed':
      return ' Ask the provider.';
    default:
      return '';
  }
}

function busyWords(lane: LaneState, around: Surroundings): string {
  const { waiting, scheduled, inFlight, cap } = lane;
  const later = scheduled === 0 ? '' : ` ${jobs(scheduled)} ${scheduled === 1 ? 'is' : 'are'} for later.`;
  if (waiting + inFlight === 0) return `Idle, ${String(cap)} slots are free.${later}`;
  if (waiting === 0) return `${capital(slots(inFlight, cap))}, nothing waits.${later}`;
  return `${capital(slots(inFlight, cap))}; ${waits(waiting)}${whatFor(lane, around)}, ${age(lane)}.${later}`;
}

function whatFor({ cooling, inFlight, cap }: LaneState, around: Surroundings): string {
  if (cooling.probed.includes(null)) return ' while one call finds out whether it is well again';
  if (inFlight >= cap) return ' for a slot';
  return isTotalFull(around) ? ' for a slot of all lanes (MAX_INFLIGHT_TOTAL)' : '';
}

function coolingModels({ cooling: { models, probed } }: LaneState): string {
  const cool = models.map(
    ({ model, until, code }) => ` ${model} cools until ${timeOf(until)} because ${code}.`,
  );
  const tried = probed.flatMap((model) =>
    model === null ? [] : [` One call finds out whether ${model} is well again.`],
  );
  return [...cool, ...tried].join('');
}

const slots = (inFlight: number, cap: number): string => `${String(inFlight)} of ${String(cap)} slots busy`;
const age = (lane: LaneState): string => `the oldest for ${ageWords(lane.oldestReadySeconds ?? 0)}`;
const capital = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);
const isTotalFull = ({ total }: Surroundings): boolean => total.inFlight >= total.cap;

/** All lanes in a few sentences, troubles last. */
export function summaryWords(lanes: readonly LaneState[], around: Surroundings): string {
  const sum = (of: (lane: LaneState) => number): number => lanes.reduce((all, lane) => all + of(lane), 0);
  const scheduled = sum((lane) => lane.scheduled);
  const later =
    scheduled === 0 ? '' : ` ${jobs(scheduled)} ${scheduled === 1 ? 'is' : 'are'} scheduled for later.`;
  const away = around.isQueueUp
    ? ''
    : ` The queue store (${around.queue}) is away: jobs are accepted, and wait until it answers.`;
  return `${flowWords(
    lanes,
    around,
    sum((lane) => lane.waiting),
  )}${later}${away}${troubleWords(lanes, around)}`;
}

function flowWords(lanes: readonly LaneState[], { total }: Surroundings, waiting: number): string {
  const running = total.inFlight;
  if (running + waiting === 0) return 'Nothing runs and nothing waits.';
  const runs = running === 0 ? 'No job runs' : `${jobs(running)} ${verb(running, 'run')}`;
  if (waiting === 0) return `${runs}, none waits.`;
  const [oldest] = lanes
    .filter(({ oldestReadySeconds }) => oldestReadySeconds !== null)
    .sort((left, right) => (right.oldestReadySeconds ?? 0) - (left.oldestReadySeconds ?? 0));
  const line = `${runs}, ${String(waiting)} ${verb(waiting, 'wait')}`;
  if (oldest === undefined) return `${line}.`;
  const { lane, inFlight, cap, oldestReadySeconds } = oldest;
  return `${line}; the oldest has waited ${ageWords(oldestReadySeconds ?? 0)} in lane ${lane} (${slots(inFlight, cap)}).`;
}

function troubleWords(lanes: readonly LaneState[], around: Surroundings): string {
  // One sentence for all of them has been said already.
  if (!around.isQueueUp) return '';
  const troubles = lanes
    .map((lane) => ({ lane: lane.lane, ...laneWords(lane, around) }))
    .filter(({ trouble }) => trouble);
  const told = troubles.slice(0, MOST_TROUBLES).map(({ lane, words }) => ` Lane ${lane}: ${words}`);
  const left = troubles.length - told.length;
  return `${told.join('')}${left === 0 ? '' : ` ${String(left)} more want a look.`}`;
}
