/**
 * Loaded before everything else, which takes seconds on a busy machine. A signal that finds no handler ends a process as a
 * failure, and process 1 of a container does not even get it. Nothing has begun yet that would have to be ended.
 */
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

const end = (): void => process.exit(0);

for (const signal of SIGNALS) process.on(signal, end);

/** From here on there is something to end, and somebody who does it in order. */
export function leaveStopsToTheApp(): void {
  for (const signal of SIGNALS) process.off(signal, end);
}
