import { BackEnd, Dispatch } from '@longhaul/queue';
import { Circuit, LaneFigures, Records } from '@longhaul/records';
import { hasLane, Settings } from '@longhaul/settings';
import { coolingOf, unixSeconds } from './overview-cooling';
import { LaneState, laneWords, summaryWords, Surroundings } from './overview-words';

export interface LaneView {
  readonly lane: string;
  readonly cap: number;
  readonly in_flight: number;
  readonly waiting: number;
  readonly scheduled: number;
  readonly oldest_waiting_s: number | null;
  /** Until when nothing of the provider is called; a model that cools alone is in `words`. */
  readonly cooling_until: number | null;
  readonly words: string;
}

export interface StatusView {
  readonly object: 'status';
  readonly summary: string;
  readonly stores: { readonly database: 'ok'; readonly queue: string };
  readonly total: {
    readonly cap: number;
    readonly in_flight: number;
    readonly waiting: number;
    readonly scheduled: number;
  };
  readonly lanes: readonly LaneView[];
}

export interface OverviewParts {
  readonly records: Pick<Records, 'figures' | 'health'>;
  readonly dispatch: Pick<Dispatch, 'isUp'>;
  readonly backEnd: Pick<BackEnd, 'kind'>;
  readonly settings: Pick<Settings, 'providers'>;
}

/** How the whole is, over all processes, in words and numbers. */
export class Overview {
  private readonly configured: ReadonlySet<string>;

  constructor(private readonly parts: OverviewParts) {
    this.configured = new Set(parts.settings.providers.filter(hasLane).map(({ name }) => name));
  }

  /** @throws GatewayError store_unavailable */
  async status(): Promise<StatusView> {
    const { figures, health } = this.parts.records;
    const [rows, total, { circuits }] = await Promise.all([
      figures.lanes(),
      figures.total(),
      health.circuits(),
    ]);
    const lanes = rows.map((row) => this.stateOf(row, circuits)).filter(isShown);
    const around: Surroundings = {
      total,
      queue: this.parts.backEnd.kind,
      isQueueUp: this.parts.dispatch.isUp(),
    };
    return {
      object: 'status',
      summary: summaryWords(lanes, around),
      stores: { database: 'ok', queue: queueWords(around) },
      total: {
        cap: total.cap,
        in_flight: total.inFlight,
        waiting: lanes.reduce((sum, lane) => sum + lane.waiting, 0),
        scheduled: lanes.reduce((sum, lane) => sum + lane.scheduled, 0),
      },
      lanes: lanes.map((lane) => viewLane(lane, around)),
    };
  }

  private stateOf(row: LaneFigures, circuits: readonly Circuit[]): LaneState {
    return { ...row, isConfigured: this.configured.has(row.lane), cooling: coolingOf(row.lane, circuits) };
  }
}

/** A lane of an older configuration is of interest only while something is left in it. */
const isShown = (lane: LaneState): boolean =>
  lane.isConfigured || lane.waiting + lane.scheduled + lane.inFlight > 0;

const queueWords = ({ queue, isQueueUp }: Surroundings): string =>
  `${queue}: ${isQueueUp ? 'ok' : 'away; jobs are accepted and wait until it answers'}`;

function viewLane(lane: LaneState, around: Surroundings): LaneView {
  const { oldestReadySeconds, cooling } = lane;
  return {
    lane: lane.lane,
    cap: lane.cap,
    in_flight: lane.inFlight,
    waiting: lane.waiting,
    scheduled: lane.scheduled,
    oldest_waiting_s: oldestReadySeconds === null ? null : Math.round(oldestReadySeconds * 10) / 10,
    cooling_until: cooling.lane === null ? null : unixSeconds(cooling.lane.until),
    words: laneWords(lane, around).words,
  };
}
