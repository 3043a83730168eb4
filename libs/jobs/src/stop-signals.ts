/** Ctrl-C in a terminal comes twice, and systemd sends SIGHUP after SIGTERM: only a later one is a second wish. */
const SAME_WISH_MS = 1000;

export const STOP_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

export interface StopOptions {
  /** Longer than the drain and everything after it. */
  readonly mostMs: number;
  readonly process: Pick<NodeJS.Process, 'on' | 'exit'>;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly say: (line: string) => void;
}

/**
 * The two ways out beside an orderly stop: a second signal ends the process at once, and so does a stop that takes
 * longer than it may (a connection that nobody answers). What was running then costs one more call each.
 */
export function endWithoutPatience({ mostMs, process, now, say }: StopOptions): void {
  let firstMs: number | null = null;
  const onSignal = (): void => {
    if (firstMs === null) {
      firstMs = now();
      setTimeout(() => {
        say(`The stop took longer than ${String(mostMs / 1000)} s; the process ends as it is.`);
        process.exit(1);
      }, mostMs).unref();
    } else if (now() - firstMs > SAME_WISH_MS) {
      say(
        'A second signal: the process ends at once. Running calls are lost and repeated by another worker.',
      );
      process.exit(1);
    }
  };
  for (const signal of STOP_SIGNALS) process.on(signal, onSignal);
}
