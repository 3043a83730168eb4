import { setTimeout as pause } from 'node:timers/promises';
import { tailOf } from '../system/files.mjs';
import { Child } from './child.mjs';
import { Pauses } from './pauses.mjs';

const SHOWN_CHARACTERS = 240;

/**
 * An app that is started again, on the same port and with the same environment, when it ends by itself. One that was
 * never ready is not: its own fault ends the launcher. `{ dataDir, description, say, onLaunch, onLost, isKept }`;
 * `onLaunch` hears of every process, `onLost` of an end that is not followed by a start.
 */
export class KeptApp {
  #child = null;
  #wasReady = false;
  #pauses = new Pauses();
  #stop = new AbortController();

  constructor(options) {
    this.options = options;
    this.name = options.description.name;
  }

  /** Who it is now, for the lock file. */
  get written() {
    return { name: this.name, pid: this.#child.pid, identity: this.#child.identity };
  }

  launch() {
    this.#child = this.#begin({ isAgain: false });
    return this;
  }

  async ready(signal) {
    await this.#child.ready(signal);
    this.#wasReady = true;
  }

  async stop(withinMs) {
    this.#stop.abort();
    await this.#child?.stop(withinMs);
  }

  kill() {
    this.#stop.abort();
    this.#child?.kill();
  }

  #begin({ isAgain }) {
    const { dataDir, description, onLaunch } = this.options;
    const child = new Child(dataDir, { ...description, isAgain });
    this.#child = child;
    void child.died.then((how) => this.#onDeath(child, how));
    onLaunch();
    return child;
  }

  #onDeath(child, how) {
    if (this.#stop.signal.aborted) return;
    if (!this.#wasReady || !this.options.isKept) this.options.onLost(child.obituary(how));
    else void this.#startAgain(child, how);
  }

  async #startAgain(child, how) {
    const { say } = this.options;
    const livedMs = performance.now() - child.startedAt;
    const pauseMs = this.#pauses.after(livedMs);
    say(
      `${clock()}  ${this.name} (pid ${child.pid}) ended by itself (${how}) after ${Math.round(livedMs / 1000)} s; ` +
        `starting it again in ${pauseMs / 1000} s. Its log ${child.logFile} ends with: ${lastLineOf(child.logFile)}`,
    );
    try {
      await pause(pauseMs, undefined, { signal: this.#stop.signal });
      const successor = this.#begin({ isAgain: true });
      await successor.ready(this.#stop.signal);
      say(`${clock()}  ${this.name} is back (pid ${successor.pid})`);
    } catch (error) {
      this.#nameAbsence(error);
    }
  }

  /** `#onDeath` speaks of an end, and whoever asked for a stop of that; what is left runs and does not get ready. */
  #nameAbsence(error) {
    if (this.#stop.signal.aborted || this.#child.isOver) return;
    this.options.say(`${clock()}  ${error.message.split('\n')[0]}`);
  }
}

export const clock = () => new Date().toTimeString().slice(0, 8);

/** Our own log has its words inside JSON; a crash that comes with a stack has none. */
export const lastLineOf = (file) => wordsOf(tailOf(file, 1)).slice(-SHOWN_CHARACTERS) || '(nothing)';

function wordsOf(line) {
  try {
    return JSON.parse(line).msg ?? line;
  } catch {
    return line;
  }
}
