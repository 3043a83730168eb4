/**
 * Ctrl-C under npm comes twice, and systemd sends SIGHUP after SIGTERM. Such an echo is there within milliseconds, and
 * whoever means it waits longer (docs/decisions/0039-a-signal-and-its-echo.md).
 */
const ECHO_MS = 300;

export const STOP_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

export interface StopOptions {
  /** Longer than the drain and everything after it. */
  readonly mostMs: number;
  readonly process: Pick<NodeJS.Process, 'on' | 'exit'>;
  readonly say: (line: string) => void;
}

/**
 * The two ways out beside an orderly stop: a second signal ends the process at once, and so does a stop that takes
 * longer than it may (a connection that nobody answers). What was running then costs one more call each.
 */
export function endWithoutPatience({ mostMs, process, say }: StopOptions): void {
  let stage: 'runs' | 'told' | 'stops' = 'runs';
  const onSignal = (): void => {
    if (stage === 'runs') {
      stage = 'told';
      // What came while the event loop was busy is heard after its timers: an echo must not count as late for that.
      setTimeout(() => setImmediate(() => (stage = 'stops')), ECHO_MS).unref();
      setTimeout(() => {
        say(`The stop took longer than ${String(mostMs / 1000)} s; the process ends as it is.`);
        process.exit(1);
      }, mostMs).unref();
    } else if (stage === 'stops') {
      say(
        'A second signal: the process ends at once. Running calls are lost and repeated by another worker.',
      );
      process.exit(1);
    }
  };
  for (const signal of STOP_SIGNALS) process.on(signal, onSignal);
}
