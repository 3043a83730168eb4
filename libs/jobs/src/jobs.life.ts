import { LaneChange, LaneDeclaration, Records } from '@longhaul/records';
import { DeadlineError, Lanes, within } from '@longhaul/queue';
import { BarredMover } from './barred-mover';
import { CancelWatch } from './cancel-watch';
import { Feeder } from './feeder';
import { Heartbeat } from './heartbeat';
import { JobRunner } from './job.runner';
import { LeaseKeeper } from './lease';
import { Log } from './log';
import { withPatience } from './patience';
import { Reconciler } from './reconciler';
import { Settler } from './settler';
import { Spool } from './spool/spool';
import { VitalSigns } from './vital-signs';

/** The consuming side; an API process has none. */
export interface WorkingParts {
  readonly runner: JobRunner;
  readonly lanes: Lanes;
  readonly heartbeat: Heartbeat;
  readonly cancels: CancelWatch;
}

export interface JobsLifeParts {
  readonly spool: Spool;
  readonly records: Records;
  readonly keeper: LeaseKeeper;
  readonly settler: Settler;
  readonly feeder: Feeder;
  readonly barredMover: BarredMover;
  readonly reconciler: Reconciler;
  readonly working: WorkingParts | null;
  readonly vitals: VitalSigns;
  readonly log: Log;
}

export interface JobsLifeOptions {
  readonly lanes: readonly LaneDeclaration[];
  readonly totalCap: number;
  readonly drainMs: number;
}

/** After the drain's time is over: for calls to close, and for their jobs to be given back. */
const SETTLE_MS = 5000;
/** Without a call for so long, what a drain still waits for hangs before its claim: no claim takes longer to be answered. */
const NO_CALL_MS = 10_000;

/** Starts the road's parts in order, and ends them in the other. */
export class JobsLife {
  constructor(
    private readonly parts: JobsLifeParts,
    private readonly options: JobsLifeOptions,
  ) {}

  async start(): Promise<void> {
    const { spool, records, keeper, feeder, reconciler, working, settler, barredMover, log } = this.parts;
    await spool.prepare();
    await withPatience(log, () => this.declareLanes());
    records.notices.start();
    records.notices.on('cancel', (jobId) => {
      keeper.cancel(jobId);
    });
    keeper.start();
    await withPatience(log, () => settler.commitAllSpooled());
    feeder.start((jobId) => barredMover.move(jobId));
    reconciler.start();
    working?.cancels.start();
    await working?.lanes.start();
    this.parts.vitals.start();
  }

  /** For the first moment of a stop, before anything that takes time. */
  stopClaiming(): void {
    const { working, vitals } = this.parts;
    vitals.stop();
    working?.runner.stopClaiming();
    working?.lanes.stopClaiming();
  }

  /** Claims end at once, calls go on for the drain's time, what is left is given back. */
  async stop(): Promise<void> {
    this.stopClaiming();
    const { working, settler, reconciler, feeder, keeper, spool } = this.parts;
    if (working) await this.drain(working);
    working?.heartbeat.stop();
    working?.cancels.stop();
    settler.stop();
    await withinSettle(reconciler.stop());
    feeder.stop();
    keeper.stop();
    await withinSettle(spool.close());
  }

  private async drain({ runner, lanes }: WorkingParts): Promise<void> {
    const { drainMs } = this.options;
    if (runner.runningCount > 0) {
      this.parts.log.info(
        `Draining: ${String(runner.runningCount)} call(s) may go on for ${String(drainMs / 1000)} s.`,
      );
    }
    const outOfTime = setTimeout(() => {
      runner.abandonAll();
    }, drainMs);
    const looks = endHopeless({ runner, lanes });
    await lanes.close(drainMs + SETTLE_MS);
    clearTimeout(outOfTime);
    clearInterval(looks);
  }

  private async declareLanes(): Promise<void> {
    const { lanes, totalCap } = this.options;
    for (const change of await this.parts.records.lanes.declare(lanes, totalCap)) {
      for (const sentence of sentencesOf(change)) this.parts.log.info(sentence);
    }
  }
}

/** Handlers whose disk hangs never end, and keep their tickets from other workers while they are waited for. */
function endHopeless({ runner, lanes }: Pick<WorkingParts, 'runner' | 'lanes'>): NodeJS.Timeout {
  let isIdle = false;
  return setInterval(() => {
    if (isIdle && runner.runningCount === 0) lanes.waitNoLonger();
    isIdle = runner.runningCount === 0;
  }, NO_CALL_MS / 2);
}

/** What waits for a disk may wait for ever. */
async function withinSettle(work: Promise<void>): Promise<void> {
  await within(SETTLE_MS, work).catch((thrown: unknown) => {
    if (!(thrown instanceof DeadlineError)) throw thrown;
  });
}

function sentencesOf({ name, before, cap, limits, limitsBefore }: LaneChange): string[] {
  const lane = name === '*' ? 'all lanes' : name;
  const told = (what: string, was: number | null, is: number | null): string[] =>
    was === is
      ? []
      : [`The ${what} of ${lane} was ${String(was ?? 'none')} and is ${String(is ?? 'none')} now.`];
  return [
    ...told('in-flight cap', before, cap),
    ...told('limit of requests per minute', limitsBefore.requestsPerMinute, limits.requestsPerMinute),
    ...told('limit of tokens per minute', limitsBefore.tokensPerMinute, limits.tokensPerMinute),
    ...told('limit of tokens per day', limitsBefore.tokensPerDay, limits.tokensPerDay),
  ];
}
