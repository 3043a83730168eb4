import { Notices } from '@longhaul/records';

/** Waits for the `ended` notice of one job. */
export class EndNotice {
  private heard = false;
  private wake: (() => void) | null = null;
  private readonly off: () => void;

  constructor(notices: Notices, id: string) {
    this.off = notices.on('ended', (subject) => {
      if (subject !== id) return;
      this.heard = true;
      this.wake?.();
    });
  }

  wait(ms: number, signal: AbortSignal): Promise<void> {
    if (this.heard || signal.aborted) {
      this.heard = false;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        this.wake = null;
        this.heard = false;
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener('abort', done);
      this.wake = done;
    });
  }

  close(): void {
    this.off();
  }
}
