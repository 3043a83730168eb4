import { IQueueBackend } from 'bullmq';
import { setTimeout as sleep } from 'node:timers/promises';

const LONGEST_PAUSE_MS = 200;

type Paced = Pick<IQueueBackend, 'moveToActive' | 'waitForJob'>;

/**
 * Keeps a BullMQ worker from spinning. Two loops of 6.7.0 have no pause of their own:
 * - on PostgreSQL `waitForJob` answers "there is one" as long as a ticket waits, also while the lane is at its
 *   fetch limit and `moveToActive` may not hand it out (has_waiting_job.sql knows no limit);
 * - a fetch that fails for another reason than a refused connection (a starting server, a read-only replica,
 *   too many clients) is repeated at once.
 *
 * On Redis one empty fetch follows every ticket, because BullMQ sets its marker once more with each. Only a word that
 * is broken twice in a row is a spin; a pause for the first would make the next ticket of an idle lane wait.
 */
export function pace<Backend extends Paced>(
  backend: Backend,
  pause: (ms: number) => Promise<void> = sleep,
): Backend {
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
