import { Dispatcher } from 'undici';
import { wireFailureOf } from './wire-failure';

export type ReplyHeaders = Readonly<Record<string, string>>;

/** Above this the upstream is told to wait until the reader has caught up. */
const QUEUE_LIMIT_BYTES = 256 * 1024;
/** How long, and how much, an upstream may still send after the answer is complete before its socket is destroyed. */
const DISCARD_MS = 1_000;
const DISCARD_BYTES = 64 * 1024;

/**
 * One request on the wire, from the HTTP client's callbacks to a status and a stream of bytes. It is written
 * against `dispatch` because only there is the moment known at which the connection is up and the request goes out.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  status = 0;
  headers: ReplyHeaders = {};
  private controller: Dispatcher.DispatchController | null = null;
  private readonly queue: Buffer[] = [];
  private queuedBytes = 0;
  private discardedBytes = 0;
  private state: 'open' | 'discarding' | 'ended' = 'open';
  private failure: { readonly thrown: unknown } | null = null;
  private wake: () => void = () => undefined;

  constructor(
    private readonly signal: AbortSignal,
    private readonly onSent: () => void,
  ) {
    signal.addEventListener('abort', this.onAbort, { once: true });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    // Ended while the connection was being made: nothing has been written yet, and nothing will be.
    if (this.failure !== null) this.cut();
    else this.onSent();
  }

  onResponseStart(_: unknown, status: number, headers: Record<string, string | string[] | undefined>): void {
    if (status < 200) return;
    this.status = status;
    this.headers = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name.toLowerCase(), [value ?? ''].flat().join(', ')]),
    );
    this.wake();
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.state === 'discarding') {
      this.discardedBytes += chunk.length;
      if (this.discardedBytes > DISCARD_BYTES) this.destroy();
      return;
    }
    this.queue.push(chunk);
    this.queuedBytes += chunk.length;
    if (this.queuedBytes > QUEUE_LIMIT_BYTES) controller.pause();
    this.wake();
  }

  onResponseEnd(): void {
    this.end();
  }

  onResponseError(_: unknown, error: Error): void {
    this.failure ??= { thrown: wireFailureOf(error) };
    this.end();
  }

  /** Resolves when the headers are here. */
  async answered(): Promise<void> {
    while (this.status === 0 && this.failure === null) await this.news();
    if (this.status === 0 && this.failure !== null) throw this.failure.thrown;
  }

  /** Bytes that came before the connection broke are still given out; an abort drops them. */
  async *bytes(): AsyncGenerator<Buffer> {
    for (;;) {
      const chunk = this.queue.shift();
      if (chunk !== undefined) {
        this.queuedBytes -= chunk.length;
        if (this.queue.length === 0) this.controller?.resume();
        yield chunk;
      } else if (this.failure !== null) {
        throw this.failure.thrown;
      } else if (this.state === 'ended') {
        return;
      } else {
        await this.news();
      }
    }
  }

  /** The answer is complete: lets the reply end by itself, so that the connection can serve again. */
  discard(): void {
    if (this.state !== 'open') return;
    this.state = 'discarding';
    this.queue.length = 0;
    this.controller?.resume();
    setTimeout(() => {
      this.destroy();
    }, DISCARD_MS).unref();
  }

  /** Ends the reply now, as if the upstream had closed it, and destroys the socket. */
  destroy(): void {
    if (this.state === 'ended') return;
    this.end();
    this.cut();
  }

  endUnlessDiscarded(): void {
    if (this.state === 'open') this.destroy();
  }

  private readonly onAbort = (): void => {
    if (this.state === 'ended') return;
    this.failure = { thrown: this.signal.reason };
    this.queue.length = 0;
    this.end();
    this.cut();
  };

  private cut(): void {
    this.controller?.abort(new Error('Longhaul ended the call'));
  }

  private end(): void {
    this.state = 'ended';
    this.signal.removeEventListener('abort', this.onAbort);
    this.wake();
  }

  private news(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }
}
