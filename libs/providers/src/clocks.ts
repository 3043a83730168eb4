import { CallPhase } from '@longhaul/contract';

/** The four clocks of a call, in milliseconds. */
export interface CallClocks {
  readonly connectMs: number;
  readonly firstTokenMs: number;
  readonly idleMs: number;
  readonly totalMs: number;
}

/** Time, passed in so that a spec can own it. `now` is monotonic milliseconds. */
export interface Timers {
  setTimeout(run: () => void, afterMs: number): unknown;
  clearTimeout(handle: unknown): void;
  now(): number;
}

export const SYSTEM_TIMERS: Timers = {
  setTimeout: (run, afterMs) => setTimeout(run, afterMs),
  clearTimeout: (handle) => {
    clearTimeout(handle as NodeJS.Timeout);
  },
  now: () => performance.now(),
};

export type ClockName = 'connect' | 'first_token' | 'idle' | 'total';

export interface RunningClocksOptions {
  readonly clocks: CallClocks;
  /** The caller's signal; its reason passes through unchanged. */
  readonly signal: AbortSignal;
  readonly timers: Timers;
  /** The error that ends the call when this clock runs out. */
  readonly onExpiry: (clock: ClockName, phase: CallPhase) => Error;
}

/** Beyond this a Node timer fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * The four clocks of one call and the caller's signal, as one AbortSignal. Connect and total run from the start,
 * first-token from sending, idle from the first token and anew with every token. What ends the call first is the
 * reason of `signal`.
 */
export class RunningClocks {
  private readonly abort = new AbortController();
  private readonly handles = new Map<ClockName, unknown>();
  private currentPhase: CallPhase = 'before_send';
  private lastTokenAtMs = 0;

  constructor(private readonly options: RunningClocksOptions) {
    const { signal, clocks } = options;
    if (signal.aborted) {
      this.followCaller();
      return;
    }
    signal.addEventListener('abort', this.followCaller, { once: true });
    this.start('connect', clocks.connectMs);
    this.start('total', clocks.totalMs);
  }

  get signal(): AbortSignal {
    return this.abort.signal;
  }

  get phase(): CallPhase {
    return this.currentPhase;
  }

  /** The connection is up and the request goes out. */
  sent(): void {
    if (this.currentPhase !== 'before_send') return;
    this.currentPhase = 'before_headers';
    this.clear('connect');
    this.start('first_token', this.options.clocks.firstTokenMs);
  }

  /** The headers are here. They are no token: the first-token clock runs on. */
  answered(): void {
    if (this.currentPhase === 'before_headers') this.currentPhase = 'before_first_token';
  }

  /** A piece of text or reasoning has come. Never call it for a keep-alive comment. */
  token(): void {
    this.lastTokenAtMs = this.options.timers.now();
    if (this.currentPhase === 'mid_answer') return;
    this.currentPhase = 'mid_answer';
    this.clear('first_token');
    this.watchIdle(this.options.clocks.idleMs);
  }

  /** The call is over; no clock may fire any more. */
  stop(): void {
    this.options.signal.removeEventListener('abort', this.followCaller);
    for (const clock of [...this.handles.keys()]) this.clear(clock);
  }

  private readonly followCaller = (): void => {
    this.end(this.options.signal.reason);
  };

  private end(reason: unknown): void {
    this.stop();
    this.abort.abort(reason);
  }

  private expire(clock: ClockName): void {
    this.end(this.options.onExpiry(clock, this.currentPhase));
  }

  /** One timer for the whole stream: a token only notes its time, so that a fast stream sets no timer per token. */
  private watchIdle(afterMs: number): void {
    this.start('idle', afterMs, () => {
      const { timers, clocks } = this.options;
      const leftMs = this.lastTokenAtMs + clocks.idleMs - timers.now();
      if (leftMs > 0) this.watchIdle(leftMs);
      else this.expire('idle');
    });
  }

  private start(clock: ClockName, afterMs: number, onFire = (): void => this.expire(clock)): void {
    if (this.abort.signal.aborted) return;
    this.handles.set(clock, this.options.timers.setTimeout(onFire, Math.min(afterMs, LONGEST_TIMER_MS)));
  }

  private clear(clock: ClockName): void {
    this.options.timers.clearTimeout(this.handles.get(clock));
    this.handles.delete(clock);
  }
}
