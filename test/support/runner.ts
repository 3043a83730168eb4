import { once } from 'node:events';
import { Metrics } from '@longhaul/metrics';
import { ProviderCatalogue, SYSTEM_TIMERS } from '@longhaul/providers';
import { Dispatch } from '@longhaul/queue';
import { Records } from '@longhaul/records';
import { Aftermath } from '../../libs/jobs/src/aftermath';
import { BarredMover } from '../../libs/jobs/src/barred-mover';
import { Feeder } from '../../libs/jobs/src/feeder';
import { HandOvers } from '../../libs/jobs/src/hand-over';
import { Heartbeat } from '../../libs/jobs/src/heartbeat';
import { JobRunner } from '../../libs/jobs/src/job.runner';
import { LeaseKeeper } from '../../libs/jobs/src/lease';
import { Log } from '../../libs/jobs/src/log';
import { RoadMeter } from '../../libs/jobs/src/road-meter';
import { Settler } from '../../libs/jobs/src/settler';
import { Seal } from '../../libs/jobs/src/spool/seal';
import { Spool } from '../../libs/jobs/src/spool/spool';
import { provider, registryOf } from '../../libs/registry/src/registry.fixtures';
import { scratchDirectory } from './scratch';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const now = (): number => performance.now();

/** The lanes of the specs, each with a key and any model. */
const PROVIDERS = ['one', 'two', 'three'].map((name) => provider(name, { acceptUnlistedModels: true }));

const USAGE = { freshInput: 1, cacheRead: 0, cacheWrite: 0, output: 1, reasoning: 0 };

const BEAT = { everyMs: 1000, timers: SYSTEM_TIMERS };
const CLOCKS = { connectMs: 1000, firstTokenMs: 1000, idleMs: 1000, totalMs: 5000 };

/** Three lines for every call; the last one when `mayEnd`, unless the call is ended before. */
function upstream(onCall: () => void, mayEnd: Promise<void>): ProviderCatalogue {
  const stream = async function* (_: unknown, signal: AbortSignal) {
    onCall();
    yield { type: 'headers', upstreamStatus: 200 };
    yield { type: 'text', text: 'hello' };
    await Promise.race([mayEnd, once(signal, 'abort')]);
    signal.throwIfAborted();
    yield { type: 'end', finishReason: 'stop', usage: USAGE };
  };
  return { get: () => ({ name: 'one', stream }) } as unknown as ProviderCatalogue;
}

/** One worker's runner over real records, with an upstream of three lines and nobody who rings. */
export interface RunnerRig {
  readonly runner: JobRunner;
  /** Not started: a spec that wants renewals, or notices of cancels, gives them. */
  readonly leases: LeaseKeeper;
  readonly barredMover: BarredMover;
  readonly settler: Settler;
  readonly spool: Spool;
  readonly spoolFolder: string;
  readonly feeder: Feeder;
  readonly meter: RoadMeter;
  /** What the meter counts into. */
  readonly metrics: Metrics;
  /** How often the upstream was called. */
  readonly calls: () => number;
}

function idleFeeder(records: Records, meter: RoadMeter): Feeder {
  const dispatch = { isUp: () => false } as Dispatch;
  const options = { lanes: [], depth: null, ageingMs: 0, random: () => 0 };
  return new Feeder({ records, dispatch, meter, log: silent }, options);
}

export interface RunnerRigOptions {
  /** Before its last line the upstream waits for it. */
  readonly mayEnd?: Promise<void>;
  /** In place of the upstream of three lines. */
  readonly providers?: ProviderCatalogue;
  readonly leaseMs?: number;
  /** The clock of the runner alone. */
  readonly now?: () => number;
  readonly log?: Log;
}

export async function runnerOver(
  records: Records,
  { mayEnd = Promise.resolve(), leaseMs = 1000, log = silent, ...given }: RunnerRigOptions = {},
): Promise<RunnerRig> {
  let calls = 0;
  const spoolFolder = scratchDirectory('spool');
  const metrics = new Metrics();
  const meter = new RoadMeter(metrics, { leaseMs, models: new Set() });
  const spoolOptions = { listingMs: 0, rotateMs: 1000, seal: new Seal([]), now };
  const spool = new Spool(spoolFolder, spoolOptions, { meter, log: silent });
  await spool.prepare();
  const feeder = idleFeeder(records, meter);
  const settler = new Settler({ records, spool, feeder, meter, now, log });
  const worker = 'w1';
  const leases = new LeaseKeeper(
    (claims) => records.leases.renew(claims, { worker, leaseMs }),
    { leaseMs, now },
    { log: silent, meter },
  );
  const providers = given.providers ?? upstream(() => (calls += 1), mayEnd);
  const handOvers = new HandOvers(registryOf({ providers: PROVIDERS, models: [] }), silent);
  const barredMover = new BarredMover({ records, meter, handOvers, settler }, () => undefined);
  const heartbeat = new Heartbeat((shown) => records.progress.show(shown), BEAT, meter);
  const termsOf = (credential: string) => ({ credential, retryAttempts: 1, backoffMs: 1 });
  const aftermath = new Aftermath({ records, handOvers, termsOf }, { random: () => 0 });
  const runner = new JobRunner(
    {
      ...{ records, ...{ leases, settler, feeder, barredMover, aftermath, heartbeat } },
      ...{ meter, providers, clocksOf: () => CLOCKS, termsOf, traitsOf: () => null, log },
    },
    { worker, leaseMs, laneHoldMs: 100, now: given.now ?? now },
  );
  const tools = { barredMover, feeder, meter, metrics, settler, spool, spoolFolder };
  return { runner, leases, ...tools, calls: () => calls };
}
