import { setTimeout as pause } from 'node:timers/promises';
import { isStoreAway } from '@longhaul/records';
import { Log } from './log';

const AGAIN_MS = 1000;

/**
 * For what a start cannot do without: asks again, each second, while PostgreSQL is away or too slow. A process that
 * died of it would be started again, to the same end, and take longer.
 */
export async function withPatience<Value>(log: Pick<Log, 'warn'>, ask: () => Promise<Value>): Promise<Value> {
  for (;;) {
    try {
      return await ask();
    } catch (thrown) {
      if (!isStoreAway(thrown)) throw thrown;
      log.warn('PostgreSQL does not answer; the start waits for it.');
      await pause(AGAIN_MS);
    }
  }
}
