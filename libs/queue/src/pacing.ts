import { IQueueBackend } from 'bullmq';
import { setTimeout as sleep } from 'node:timers/promises';

const LONGEST_PAUSE_MS = 200;
/** No ticket waits longer than this for the fetches behind it. */
const LONGEST_KEPT_MS = 20;

export interface PaceOptions {
  readonly pause: (ms: number) => Promise<void>;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

const REAL: PaceOptions = { pause: sleep, now: () => performance.now() };

type Paced = Pick<IQueueBackend, 'moveToActive' | 'waitForJob'>;

/** Keeps a BullMQ worker from spinning, and from sitting on tickets. */
export const pace = <Backend extends Paced>(backend: Backend, options: PaceOptions = REAL): Backend =>
  startingSoon(spinningNever(backend, options), options);

/**
 * Two loops of BullMQ 6.7.0 have no pause of their own:
 * - on PostgreSQL `waitForJob` answers "there is one" as long as a ticket waits, also while the lane is at its
 *   fetch limit and `moveToActive` may not hand it out (has_waiting_job.sql knows no limit);
 * - a fetch that fails for another reason than a refused connection (a starting server, a read-only replica,
 *   too many clients) is repeated at once.
 *
 * On Redis one empty fetch follows every ticket, because BullMQ sets its marker once more with each. Only a word that
 * is broken twice in a row is a spin; a pause for the first would make the next ticket of an idle lane wait.
 */
function spinningNever<Backend extends Paced>(backend: Backend, { pause }: PaceOptions): Backend {
  const fetch = backend.moveToActive.bind(backend);
  const wait = backend.waitForJob.bind(backend);
  let wasTold = false;
  let brokenWords = 0;
  backend.moveToActive = async (token: string, name?: string) => {
    try {
      const fetched = await fetch(token, name);
      if (fetched[0]) brokenWords = 0;
      else if (wasTold) brokenWords += 1;
      wasTold = false;
      return fetched;
    } catch (thrown) {
      await pause(LONGEST_PAUSE_MS);
      throw thrown;
    }
  };
  backend.waitForJob = async (blockSeconds: number) => {
    if (brokenWords > 1) await pause(Math.min(LONGEST_PAUSE_MS, 2 ** brokenWords));
    const marker = await wait(blockSeconds);
    wasTold = marker !== null;
    if (!wasTold) brokenWords = 0;
    return marker;
  };
  return backend;
}

/**
 * BullMQ's worker fetches one ticket after the other, up to its concurrency, before it starts the first of them: where a
 * fetch takes 15 ms, forty are most of a second. An empty answer and a wait, neither from the store, make it start them.
 */
function startingSoon<Backend extends Paced>(backend: Backend, { pause, now }: PaceOptions): Backend {
  const fetch = backend.moveToActive.bind(backend);
  const wait = backend.waitForJob.bind(backend);
  /** When the first of those was fetched that may not have been started. */
  let keptSinceMs: number | null = null;
  let mustStart = false;
  backend.moveToActive = async (token: string, name?: string) => {
    if (keptSinceMs !== null && now() - keptSinceMs >= LONGEST_KEPT_MS) {
      keptSinceMs = null;
      mustStart = true;
      return [];
    }
    const fetched = await fetch(token, name);
    keptSinceMs = fetched[0] ? (keptSinceMs ?? now()) : null;
    return fetched;
  };
  backend.waitForJob = async (blockSeconds: number) => {
    if (!mustStart) return wait(blockSeconds);
    mustStart = false;
    // One turn of the event loop is enough for all of them.
    await pause(0);
    return { member: '0', score: 0 };
  };
  return backend;
}
