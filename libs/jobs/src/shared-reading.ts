/** Scrapes come from several sides; PostgreSQL is asked at most so often. */
const FRESH_MS = 1000;

/** Reads when somebody asks, and not again at once: those who ask together share one answer. */
export class SharedReading {
  private askedMs = -Infinity;
  private reading: Promise<void> = Promise.resolve();

  /** @param now monotonic milliseconds */
  constructor(
    private readonly read: () => Promise<void>,
    private readonly now: () => number,
  ) {}

  ask(): Promise<void> {
    const nowMs = this.now();
    if (nowMs - this.askedMs >= FRESH_MS) {
      this.askedMs = nowMs;
      this.reading = this.read();
    }
    return this.reading;
  }
}
