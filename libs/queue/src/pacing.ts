import { IQueueBackend } from 'bullmq';
import { setTimeout as sleep } from 'node:timers/promises';

const PAUSE_MS = 200;

type Paced = Pick<IQueueBackend, 'moveToActive' | 'waitForJob'>;

/**
 * Keeps a BullMQ worker from spinning. Two loops of 6.7.0 have no pause of their own:
 * - on PostgreSQL `waitForJob` answers "there is one" as long as a ticket waits, also while the lane is at its
 *   fetch limit and `moveToActive` may not hand it out (has_waiting_job.sql knows no limit);
 * - a fetch that fails for another reason than a refused connection (a starting server, a read-only replica,
 *   too many clients) is repeated at once.
 */
export function pace<Backend extends Paced>(
  backend: Backend,
  pause: () => Promise<void> = () => sleep(PAUSE_MS),
): Backend {
  const fetch = backend.moveToActive.bind(backend);
  const wait = backend.waitForJob.bind(backend);
  let wasTold = false;
  let gotNone = false;
  backend.moveToActive = async (token: string, name?: string) => {
    try {
      const fetched = await fetch(token, name);
      gotNone = !fetched[0];
      // The word was kept. A lane that runs dry later must not pause for it: the next ticket would wait that long.
      if (!gotNone) wasTold = false;
      return fetched;
    } catch (thrown) {
      await pause();
      throw thrown;
    }
  };
  backend.waitForJob = async (blockSeconds: number) => {
    if (wasTold && gotNone) await pause();
    const marker = await wait(blockSeconds);
    wasTold = marker !== null;
    return marker;
  };
  return backend;
}
