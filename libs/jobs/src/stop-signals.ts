/**
 * Ctrl-C under npm comes twice, and systemd sends SIGHUP after SIGTERM. Such an echo is there within milliseconds, and
 * whoever means it waits longer (docs/decisions/0039-a-signal-and-its-echo.md).
 */
const ECHO_MS = 300;

export const STOP_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** The last file operations of a process, a log's or a check's, are over in milliseconds; what takes this long hangs. */
const LAST_FILES_MS = 1000;
const LAST_FILES_LOOK_MS = 20;

/** As `getActiveResourcesInfo` names them: the second is the closing of a `FileHandle`. */
const FILE_OPERATION = /^(?:FSReq|CloseReq)/;

export interface StopOptions {
  /** Longer than the drain and everything after it. */
  readonly mostMs: number;
  /** Ends in order what there is. Called once. */
  readonly stop: () => Promise<unknown>;
  readonly process: Pick<NodeJS.Process, 'on' | 'exit' | 'kill' | 'pid' | 'getActiveResourcesInfo'>;
  readonly say: (line: string) => void;
}

/** How a process ends: in order, by a signal or by itself; else at once. What was running then costs one more call each. */
export class Ending {
  private hasBegun = false;
  private isLeaving = false;

  constructor(private readonly options: StopOptions) {}

  /**
   * The first signal begins the stop, which ends with 0. A second one ends the process at once, and so does a stop that takes
   * longer than it may (a connection that nobody answers).
   */
  hearSignals(): void {
    const { process, say } = this.options;
    let stage: 'runs' | 'told' | 'stops' = 'runs';
    const onSignal = (): void => {
      if (stage === 'runs') {
        stage = 'told';
        // What came while the event loop was busy is heard after its timers: an echo must not count as late for that.
        setTimeout(() => setImmediate(() => (stage = 'stops')), ECHO_MS).unref();
        this.begin(0);
      } else if (stage === 'stops') {
        say(
          'A second signal: the process ends at once. Running calls are lost and repeated by another worker.',
        );
        void this.leave(1);
      }
    };
    for (const signal of STOP_SIGNALS) process.on(signal, onSignal);
  }

  /** A stop that nobody asked for: the exit code is 1, unless one that was asked for has begun. */
  fail(): void {
    this.begin(1);
  }

  private begin(code: number): void {
    if (this.hasBegun) return;
    this.hasBegun = true;
    const { mostMs, say } = this.options;
    setTimeout(() => {
      say(`The stop took longer than ${String(mostMs / 1000)} s; the process ends as it is.`);
      void this.leave(1);
    }, mostMs).unref();
    void this.stopWith(code);
  }

  private async stopWith(code: number): Promise<void> {
    try {
      await this.options.stop();
    } catch (thrown) {
      this.options.say(`The stop failed: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
      return this.leave(1);
    }
    return this.leave(code);
  }

  /**
   * Once: the first end decides the code. `exit` waits for the file operations of a disk that hangs, and nothing of this
   * process runs meanwhile. Process 1 of a container is not killed by its own hand, and has that exit alone.
   */
  private async leave(code: number): Promise<void> {
    if (this.isLeaving) return;
    this.isLeaving = true;
    const { process } = this.options;
    for (let left = LAST_FILES_MS; left > 0 && this.waitsForFiles(); left -= LAST_FILES_LOOK_MS)
      await new Promise((resolve) => setTimeout(resolve, LAST_FILES_LOOK_MS));
    if (this.waitsForFiles()) process.kill(process.pid, 'SIGKILL');
    process.exit(code);
  }

  private waitsForFiles(): boolean {
    return this.options.process.getActiveResourcesInfo().some((name) => FILE_OPERATION.test(name));
  }
}
