import { EventEmitter, once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { Loan } from './loan';

/** What a server that answers a new connection has, to answer the old ones too. */
const GRACE_MS = 500;
const PROBE_AGAIN_MS = 500;

const SIGN = 'sign';

/**
 * The connections whose answer is overdue. A server that stood still answers them all when it goes on, and needs no new ones
 * then, at the moment when everybody waits; where the path was cut without a word none is ever answered. So they are kept
 * until a connection made for this question is answered and they are not.
 */
export class Silence {
  private readonly overdue = new Set<Loan>();
  private readonly signs = new EventEmitter().setMaxListeners(0);
  private lastSignMs = -Infinity;
  private isQuiet = false;
  private isProbing = false;

  /** @param probe resolves when the server has answered a new connection; rejects within its own clock */
  constructor(private readonly probe: () => Promise<unknown>) {}

  add(loan: Loan): void {
    this.overdue.add(loan);
    this.isQuiet ||= loan.askedMs > this.lastSignMs;
    if (!this.isProbing) void this.probeOn();
  }

  /** It was answered, dropped or reset. Where that was the last one, whoever asks next finds out how the server is. */
  remove(loan: Loan): void {
    this.overdue.delete(loan);
    if (this.overdue.size === 0) this.end();
  }

  /** The server has answered somebody. */
  heard(): void {
    this.lastSignMs = performance.now();
    this.end();
  }

  /** Resolves when the server may be asked, at once where nothing is known against it. Rejects after `mostMs`. */
  async over(mostMs: number): Promise<void> {
    if (this.isQuiet) await once(this.signs, SIGN, { signal: AbortSignal.timeout(mostMs) });
  }

  /** Drops them all: a process that ends waits for nobody. */
  close(): void {
    this.drop([...this.overdue]);
  }

  private end(): void {
    if (!this.isQuiet) return;
    this.isQuiet = false;
    this.signs.emit(SIGN);
  }

  private async probeOn(): Promise<void> {
    this.isProbing = true;
    while (this.overdue.size > 0) {
      const doubted = [...this.overdue];
      if (await this.isAnswered()) {
        this.heard();
        await pause(GRACE_MS);
        this.drop(doubted.filter((loan) => this.overdue.has(loan)));
      } else await pause(PROBE_AGAIN_MS);
    }
    this.isProbing = false;
  }

  private isAnswered(): Promise<boolean> {
    return this.probe().then(
      () => true,
      () => false,
    );
  }

  private drop(loans: readonly Loan[]): void {
    for (const loan of loans) {
      loan.giveBack(false);
      this.remove(loan);
    }
  }
}
