import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const MEGABYTE = 1024 * 1024;
const EVERY_MS = 10;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** What this process holds in memory, in MB, after its garbage is gone. */
export function residentMb(): number {
  collectGarbage();
  return process.memoryUsage.rss() / MEGABYTE;
}

/** How much more memory the work takes at its height than before it, in MB. */
export async function heightOf(work: () => Promise<unknown>): Promise<number> {
  const before = residentMb();
  let height = before;
  const look = (): void => void (height = Math.max(height, process.memoryUsage.rss() / MEGABYTE));
  const watch = setInterval(look, EVERY_MS);
  await work().finally(() => {
    clearInterval(watch);
  });
  look();
  return height - before;
}
