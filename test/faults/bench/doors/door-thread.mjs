import { Worker } from 'node:worker_threads';

/**
 * The thread in which all doors of a run do their work. Every byte between Longhaul and its stores passes there: on the
 * event loop of the callers and the judge, each would wait for the other, and be measured with it.
 */
export class DoorThread {
  #thread = null;
  #waiting = new Map();
  #calls = 0;
  #doors = 0;
  #end = null;
  #break;

  /** `broken` rejects when the thread ends of itself: no process can reach its stores then. */
  constructor() {
    this.broken = new Promise((_, reject) => (this.#break = reject));
  }

  async open() {
    this.#thread = new Worker(new URL('thread-main.mjs', import.meta.url));
    this.#thread.unref();
    this.#thread.on('message', (message) => this.#hear(message));
    this.#thread.on('error', (error) => this.#fail(error));
    this.#thread.on('exit', (code) =>
      this.#fail(new Error(`The thread of the doors has ended with ${code}.`)),
    );
    return this;
  }

  get hasEnded() {
    return this.#end !== null;
  }

  /** @returns the number of a door that is not there yet */
  nextDoor() {
    return (this.#doors += 1);
  }

  /** What that method of that door answers, or throws. */
  ask(door, method, words) {
    return new Promise((resolve, reject) => {
      if (this.hasEnded) throw this.#end;
      const call = (this.#calls += 1);
      this.#thread.postMessage({ call, door, method, words });
      this.#waiting.set(call, { resolve, reject });
    });
  }

  async close() {
    this.#leave(new Error('The doors are closed.'));
    await this.#thread?.terminate();
  }

  #hear({ call, answer, error }) {
    if (this.hasEnded) return;
    const { resolve, reject } = this.#waiting.get(call);
    this.#waiting.delete(call);
    if (error) reject(error);
    else resolve(answer);
  }

  #fail(error) {
    if (this.hasEnded) return;
    this.#leave(error);
    this.#break(error);
  }

  #leave(error) {
    this.#end ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#end);
    this.#waiting.clear();
  }
}
