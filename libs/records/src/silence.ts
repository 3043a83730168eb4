import { EventEmitter, once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { isSilence } from './store-faults';

/** A connection that a question is on its way over: one of the pool, or one beside it. */
export interface Asked {
  /** False where it is in nobody's hands any more. */
  readonly isOut: boolean;
  /** When it was last asked for something, as `performance.now()` counts. */
  readonly askedMs: number;
  /** @param isWhole false = it is dropped */
  giveBack(isWhole: boolean): void;
}

/**
 * The time that a server which answers a new connection has to answer the old ones too. Short, since where the way was cut
 * the leases of a worker run on meanwhile.
 */
const GRACE_MS = 500;
const PROBE_AGAIN_MS = 500;

const SIGN = 'sign';

/**
 * What a process does while its answers are overdue. A server that stood still answers on all connections when it goes on,
 * and needs no new ones then, at the moment when everybody waits; where the way was cut without a word none is ever
 * answered. So those whose answer is overdue are kept until a connection made for this question is answered, if only by a
 * refusal, and they are not.
 */
export class Silence {
  private readonly overdue = new Set<Asked>();
  private readonly signs = new EventEmitter().setMaxListeners(0);
  private readonly closing = new AbortController();
  private lastSignMs = -Infinity;
  private isQuiet = false;
  private isProbing = false;

  /** @param probe resolves when the server has answered a new connection; rejects within clocks of its own */
  constructor(private readonly probe: () => Promise<unknown>) {}

  /** A clock has run out over this one. */
  add(asked: Asked): void {
    if (this.closing.signal.aborted) {
      asked.giveBack(false);
      return;
    }
    if (asked.isOut) this.overdue.add(asked);
    this.isQuiet ||= asked.askedMs > this.lastSignMs;
    if (!this.isProbing) void this.probeOn();
  }

  remove(asked: Asked): void {
    this.overdue.delete(asked);
  }

  /** The server, or the machine that it runs on, has answered somebody. */
  heard(): void {
    this.lastSignMs = performance.now();
    if (!this.isQuiet) return;
    this.isQuiet = false;
    this.signs.emit(SIGN);
  }

  /** Null where the server may be asked now; else it resolves when it may, and rejects after `mostMs`. */
  over(mostMs: number): Promise<unknown> | null {
    return this.isQuiet ? once(this.signs, SIGN, { signal: AbortSignal.timeout(mostMs) }) : null;
  }

  /** Drops them all, those too that are yet to come: a process that ends waits for nobody. */
  close(): void {
    this.closing.abort();
    this.drop([...this.overdue]);
  }

  private async probeOn(): Promise<void> {
    this.isProbing = true;
    while ((this.isQuiet || this.overdue.size > 0) && !this.closing.signal.aborted) {
      const doubted = [...this.overdue];
      const isAnswered = await this.isAnswered();
      if (isAnswered) this.heard();
      await this.pause(isAnswered ? GRACE_MS : PROBE_AGAIN_MS);
      if (isAnswered) this.drop(doubted.filter((asked) => this.overdue.has(asked)));
    }
    this.isProbing = false;
  }

  private isAnswered(): Promise<boolean> {
    return this.probe().then(
      () => true,
      (thrown: unknown) => !isSilence(thrown),
    );
  }

  private pause(ms: number): Promise<void> {
    return pause(ms, undefined, { signal: this.closing.signal }).catch(() => undefined);
  }

  private drop(late: readonly Asked[]): void {
    for (const asked of late) {
      this.overdue.delete(asked);
      asked.giveBack(false);
    }
  }
}
