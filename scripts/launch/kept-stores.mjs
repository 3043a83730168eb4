import { setTimeout as pause } from 'node:timers/promises';
import { Refusal, tailOf } from '../system/files.mjs';
import { stillRuns } from '../system/processes.mjs';
import { clock } from './kept-app.mjs';
import { Pauses } from './pauses.mjs';

const LOOK_MS = 500;

/**
 * The stores that were brought up here, also adopted ones, whose end is no event of ours: they are looked after. One
 * that ends by itself is started again with its port, its password and its data, for as long as it takes: the apps
 * stand a store's absence without loss, while ending them would cost the calls that they have in flight.
 * `{ say, isKept, onChange, onLost }`.
 */
export class KeptStores {
  #stores = [];
  #watch = null;
  #stop = new AbortController();
  #work = new Set();

  constructor(options) {
    this.options = options;
  }

  /** `{ name, pid, identity, logFile, stop, restart }`; without a pid it is somebody else's, and is left alone. */
  add(store) {
    this.#stores.push({ ...store, startedAt: performance.now(), pauses: new Pauses(), isAway: false });
  }

  get written() {
    return this.#stores.filter(({ pid }) => pid).map(({ name, pid, identity }) => ({ name, pid, identity }));
  }

  watch() {
    this.#watch = setInterval(() => {
      const gone = this.#stores.filter((store) => store.pid && !store.isAway && !stillRuns(store));
      for (const store of gone) this.#onDeath(store);
    }, LOOK_MS);
    this.#watch.unref();
  }

  /** The last that came up goes first. */
  async stop() {
    this.#stop.abort();
    clearInterval(this.#watch);
    await Promise.all(this.#work);
    for (const store of [...this.#stores].reverse()) {
      if (!store.pid || stillRuns(store)) await store.stop();
    }
  }

  #onDeath(store) {
    const obituary = `${store.name} (pid ${store.pid}) ended by itself`;
    if (!this.options.isKept) {
      this.options.onLost(new Refusal(`${obituary}; see ${store.logFile}.`));
      return;
    }
    store.isAway = true;
    const livedMs = performance.now() - store.startedAt;
    const pauseMs = store.pauses.after(livedMs);
    this.options.say(
      `${clock()}  ${obituary} after ${Math.round(livedMs / 1000)} s; starting it again in ${pauseMs / 1000} s. ` +
        `Its log ${store.logFile} ends with: ${tailOf(store.logFile, 1)}`,
    );
    const work = this.#bringBack(store, pauseMs).finally(() => this.#work.delete(work));
    this.#work.add(work);
  }

  async #bringBack(store, firstPauseMs) {
    for (let pauseMs = firstPauseMs; ; pauseMs = store.pauses.after(0)) {
      await pause(pauseMs, undefined, { signal: this.#stop.signal }).catch(() => undefined);
      if (this.#stop.signal.aborted) return;
      try {
        Object.assign(store, await store.restart(), { startedAt: performance.now(), isAway: false });
        this.options.onChange();
        this.options.say(`${clock()}  ${store.name} is back (pid ${store.pid})`);
        return;
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        this.options.say(`${clock()}  ${error.message} Trying again.`);
      }
    }
  }
}
