import { messageOf, QueueLog } from './quiet-log';

/** Whether a store is there, and who wants to know that it came back. */
export class Presence {
  #isUp = false;
  #wasAway = false;
  readonly #callbacks = new Set<() => void>();

  constructor(private readonly log: QueueLog) {}

  get isUp(): boolean {
    return this.#isUp;
  }

  away(): void {
    this.#isUp = false;
    this.#wasAway = true;
  }

  /** There still, but it may be another one: the next `here` counts as a return. */
  replaced(): void {
    this.#wasAway = true;
  }

  /** Calls back when the store had been away, also if that was its first appearance. */
  here(): void {
    const returned = this.#wasAway;
    this.#isUp = true;
    this.#wasAway = false;
    if (!returned) return;
    for (const callback of this.#callbacks) this.#call(callback);
  }

  onRestored(callback: () => void): () => void {
    this.#callbacks.add(callback);
    return () => this.#callbacks.delete(callback);
  }

  #call(callback: () => void): void {
    try {
      callback();
    } catch (thrown) {
      this.log.error(`A listener to the return of the queue store threw: ${messageOf(thrown)}`);
    }
  }
}
