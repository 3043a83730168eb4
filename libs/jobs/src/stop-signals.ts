/**
 * Ctrl-C under npm comes twice, and systemd sends SIGHUP after SIGTERM. Such an echo is there within milliseconds, and
 * whoever means it waits longer (docs/decisions/0039-a-signal-and-its-echo.md).
 */
const ECHO_MS = 300;

export const STOP_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

export interface StopOptions {
  /** Longer than the drain and everything after it. */
  readonly mostMs: number;
  readonly process: Pick<NodeJS.Process, 'on' | 'exit' | 'kill' | 'pid' | 'getActiveResourcesInfo'>;
  readonly say: (line: string) => void;
}

/** How a process ends beside an orderly stop. What was running then costs one more call each. */
export class Ending {
  constructor(private readonly options: StopOptions) {}

  /** A second signal ends the process at once, and so does a stop that takes longer than it may (a connection that nobody answers). */
  hearSignals(): void {
    const { process, say } = this.options;
    let stage: 'runs' | 'told' | 'stops' = 'runs';
    const onSignal = (): void => {
      if (stage === 'runs') {
        stage = 'told';
        // What came while the event loop was busy is heard after its timers: an echo must not count as late for that.
        setTimeout(() => setImmediate(() => (stage = 'stops')), ECHO_MS).unref();
        this.limit();
      } else if (stage === 'stops') {
        say(
          'A second signal: the process ends at once. Running calls are lost and repeated by another worker.',
        );
        process.exit(1);
      }
    };
    for (const signal of STOP_SIGNALS) process.on(signal, onSignal);
  }

  /** After a stop that nobody asked for, which may take no longer than any other. */
  failAfter(stop: Promise<unknown>): void {
    this.limit();
    void stop.finally(() => {
      this.end();
    });
  }

  private limit(): void {
    const { mostMs, say } = this.options;
    setTimeout(() => {
      say(`The stop took longer than ${String(mostMs / 1000)} s; the process ends as it is.`);
      this.end();
    }, mostMs).unref();
  }

  /** `exit` waits for the file operations of a disk that hangs, and nothing of this process runs meanwhile. */
  private end(): void {
    const { process } = this.options;
    if (process.getActiveResourcesInfo().some((name) => name.startsWith('FSReq')))
      process.kill(process.pid, 'SIGKILL');
    else process.exit(1);
  }
}
