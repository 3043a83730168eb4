import { Dispatch } from '@longhaul/queue';

export interface QueueCanaryOptions {
  readonly everyMs: number;
  /** While the last one did not come back. */
  readonly troubledMs: number;
  readonly onMended: () => void;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/**
 * Puts a ticket that nobody serves into the queue store and takes it out again, as a ring and a fetch would. A store that
 * only answers pings, is full, or may not be written to, shows here before a job waits for it.
 */
export class QueueCanary {
  private timer: NodeJS.Timeout | null = null;
  private stopped = false;
  private fault: string | null = null;
  private tookMs: number | null = null;

  constructor(
    private readonly dispatch: Pick<Dispatch, 'probe'>,
    private readonly options: QueueCanaryOptions,
  ) {}

  start(): void {
    this.timer ??= setTimeout(() => void this.goOn(), 0);
  }

  stop(): void {
    this.stopped = true;
    if (this.timer) clearTimeout(this.timer);
  }

  /** Why the last one did not come back; null = it did, or none was sent yet. */
  get trouble(): string | null {
    return this.fault;
  }

  /** Of the last one that came back. */
  get seconds(): number | null {
    return this.tookMs === null ? null : this.tookMs / 1000;
  }

  /** Sends one now. @returns why it did not come back, or null */
  async send(): Promise<string | null> {
    const startedMs = this.options.now();
    try {
      await this.dispatch.probe();
      const isMended = this.fault !== null;
      this.fault = null;
      this.tookMs = this.options.now() - startedMs;
      if (isMended) this.options.onMended();
    } catch (thrown) {
      this.fault = thrown instanceof Error ? thrown.message : String(thrown);
    }
    return this.fault;
  }

  private async goOn(): Promise<void> {
    await this.send();
    if (this.stopped) return;
    const { everyMs, troubledMs } = this.options;
    this.timer = setTimeout(() => void this.goOn(), this.fault === null ? everyMs : troubledMs);
  }
}
