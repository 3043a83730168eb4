import { Dispatch } from '@longhaul/queue';
import { Records, WriteRefusal } from '@longhaul/records';
import { Feeder } from './feeder';
import { LaneWatch } from './lane-watch';
import { LiveConfig } from './live-config';
import { QueueCanary } from './queue-canary';
import { Spool } from './spool/spool';

export interface ReadinessReport {
  readonly ready: boolean;
  /** It works, but somebody should look: jobs that could run wait. */
  readonly degraded: boolean;
  /** Each store, the configuration, the spool, and how the lanes go, in a word or a sentence. */
  readonly checks: Readonly<Record<'database' | 'queue' | 'config' | 'spool' | 'lanes' | 'feeder', string>>;
}

/** What is watched in the background. */
export interface Vitals {
  /** From the first moment of a stop on: no job is claimed any more. */
  readonly hasStopped: boolean;
  readonly watch: Pick<LaneWatch, 'stuck' | 'lanes'>;
  /** Whether this process consumes the lane; an API consumes none. */
  serves(lane: string): boolean;
  readonly canary: Pick<QueueCanary, 'trouble'>;
  readonly feeder: Pick<Feeder, 'lagMs'>;
}

export interface ReadinessParts {
  readonly records: { readonly leases: Pick<Records['leases'], 'refusal'> };
  readonly dispatch: Pick<Dispatch, 'isUp'>;
  readonly live: Pick<LiveConfig, 'current' | 'trouble'>;
  readonly spool: Pick<Spool, 'trouble'>;
  readonly vitals: Vitals;
  /** Longer than this no job that could start may wait while its lane starts nothing; 0 = for ever. */
  readonly stuckAfterMs: number;
  /** A worker whose own lanes stand still, or that has no spool for what it pays, is not ready; an API still accepts, and what it accepts is safe. */
  readonly role: 'api' | 'worker';
}

const AWAY = 'away: no job can be accepted until it answers';
const REFUSALS: Readonly<Record<WriteRefusal, string>> = {
  no_room: 'full: no job can be accepted until there is room on its disk; paid answers wait in the spool',
  read_only:
    'read-only: no job can be accepted until DATABASE_URL leads to a server that takes writes; promote the standby, ' +
    'or look for default_transaction_read_only',
};
const STOPS = 'this process stops: nothing is claimed any more, and what runs may go on for DRAIN_SECS';

/** A feed is asked for every other second. */
const LONGEST_LAG_MS = 15_000;

/**
 * Ready means, of an API: a job sent now is accepted. A queue store that is away, or a lane that stands still, delays
 * jobs, but loses and refuses none, and an API that said it is not ready would only be sent none. Of a worker: it runs
 * what it is given; a lane that others serve, or nobody, says nothing of it. While the disk of PostgreSQL is full no job is
 * accepted, but an API that said it is not ready would not be sent the reads either, which go on: so it is degraded. One
 * that reaches a read-only server is not ready: after a failover others may reach the new primary. Nor is a process that
 * stops. A process that cannot follow the newest version of the configuration works on by the one before.
 */
export async function readinessOf(parts: ReadinessParts): Promise<ReadinessReport> {
  const { records, dispatch, live, spool, vitals, role } = parts;
  const database = await records.leases.refusal().then(
    (refusal) => (refusal === null ? 'ok' : REFUSALS[refusal]),
    () => AWAY,
  );
  const queue = queueWords(dispatch, vitals);
  const stuck = stuckLanes(parts);
  const lagMs = vitals.feeder.lagMs();
  const lags = lagMs > LONGEST_LAG_MS;
  const feeder = `${lags ? 'behind' : 'ok'}: the last feed of each lane is ${seconds(lagMs)} old or younger`;
  const lanes = vitals.hasStopped
    ? STOPS
    : `${stuckWords(stuck, parts) ?? oldestWords(vitals)}${newerWords(vitals)}`;
  const isStuckHere = stuck.some(({ lane }) => vitals.serves(lane));
  const isWell = role === 'api' || (!isStuckHere && spool.trouble === null);
  const ready = isWell && !vitals.hasStopped && (database === 'ok' || database === REFUSALS.no_room);
  const degraded = stuck.length > 0 || spool.trouble !== null || lags || queue !== 'ok' || database !== 'ok';
  const words = { config: configWords(live), spool: spoolWords(spool) };
  return { ready, degraded, checks: { database, queue, ...words, lanes, feeder } };
}

const spoolWords = ({ trouble }: ReadinessParts['spool']): string =>
  trouble === null
    ? 'ok'
    : `cannot be written (${trouble}): answers are committed from memory, and a worker that dies meanwhile may cost its calls twice`;

function queueWords(dispatch: ReadinessParts['dispatch'], { canary }: Vitals): string {
  if (!dispatch.isUp()) return 'away: jobs are accepted and wait until it answers';
  return canary.trouble === null ? 'ok' : `in trouble: ${canary.trouble}`;
}

type Stuck = ReturnType<LaneWatch['stuck']>;

const stuckLanes = ({ vitals, stuckAfterMs }: ReadinessParts): Stuck =>
  vitals.watch.stuck().filter((lane) => stuckAfterMs > 0 && lane.seconds * 1000 >= stuckAfterMs);

function stuckWords(stuck: Stuck, { vitals, role }: ReadinessParts): string | null {
  if (stuck.length === 0) return null;
  const words = stuck.map(({ lane, seconds: of }) => {
    const oldest = vitals.watch.lanes.find((state) => state.lane === lane)?.startableSeconds ?? of;
    const elsewhere = role === 'api' || vitals.serves(lane) ? '' : ', not served here';
    return `${lane} started nothing for ${seconds(of * 1000)} (oldest ready job: ${seconds(oldest * 1000)}${elsewhere})`;
  });
  return `stuck although slots are free: ${words.join(', ')}`;
}

function oldestWords({ watch }: Vitals): string {
  const ages = watch.lanes.flatMap(({ startableSeconds }) => startableSeconds ?? []);
  return ages.length === 0
    ? 'ok'
    : `ok: the oldest job that could start is ready for ${seconds(Math.max(...ages) * 1000)}`;
}

/** In a rollout these wait for a worker that knows them; without one they would wait for ever. */
function newerWords({ watch }: Vitals): string {
  const newer = watch.lanes.reduce((sum, lane) => sum + lane.newer, 0);
  return newer === 0 ? '' : `; ${String(newer)} job(s) or more wait for a newer worker`;
}

const seconds = (ms: number): string => `${String(Math.round(ms / 1000))} s`;

const configWords = ({ current, trouble }: ReadinessParts['live']): string =>
  trouble ?? (current.version === 0 ? 'ok: no overrides' : `ok: version ${String(current.version)}`);
