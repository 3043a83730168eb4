import { spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { openLog, Refusal, tailOf } from '../system/files.mjs';
import { entryOf, ROOT } from '../system/paths.mjs';
import { identityOf } from '../system/processes.mjs';

const READY_MS = 60_000;
const POLL_MS = 100;
/** Longer than a start takes that waits for nothing. */
const TELL_AFTER_MS = 5_000;

/**
 * One app as a child: `{ name, app, args, env, readyUrl, isAgain }`. It writes into its own log file, so that it
 * outlives a killed launcher without a broken pipe (`isAgain`: it goes on in the log of its predecessor), and it is
 * its own session, so that Ctrl-C reaches it through the launcher only, in the right order.
 */
export class Child {
  #process;
  #stopping = false;

  constructor(dataDir, { name, app, args = [], env, readyUrl, isAgain = false }) {
    this.name = name;
    this.readyUrl = readyUrl;
    const log = openLog(dataDir, name, { isAgain });
    this.logFile = log.file;
    this.#process = spawn(process.execPath, ['--enable-source-maps', entryOf(app), ...args], {
      cwd: ROOT,
      env,
      detached: true,
      stdio: ['ignore', log.descriptor, log.descriptor],
    });
    closeSync(log.descriptor);
    this.startedAt = performance.now();
    this.pid = this.#process.pid;
    this.identity = identityOf(this.pid);
    /** How it ended, in words. */
    this.ended = new Promise((resolve) => {
      this.#process.once('error', (error) => resolve(error.message));
      this.#process.once('exit', (code, signalName) => resolve(signalName ?? `exit ${code}`));
    });
    /** How, in words; only settles when it ends although nobody asked for it. */
    this.died = new Promise((resolve) => {
      void this.ended.then((how) => this.#stopping || resolve(how));
    });
  }

  obituary(how) {
    return new Refusal(
      `${this.name} ended by itself (${how}). Its log ${this.logFile} ends with:\n${tailOf(this.logFile)}`,
    );
  }

  get isOver() {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  /** Waits for a 200 of its readiness path. */
  async ready(signal) {
    const startedAt = performance.now();
    let last = 'no answer';
    let isTold = false;
    const dead = this.died.then((how) => {
      throw this.obituary(how);
    });
    dead.catch(() => undefined);
    for (;;) {
      signal.throwIfAborted();
      last = await Promise.race([whatItSays(this.readyUrl), dead]);
      if (last === null) return;
      const waitedMs = performance.now() - startedAt;
      if (!isTold && waitedMs > TELL_AFTER_MS) {
        process.stdout.write(`${this.name} is not ready yet: ${last}\n`);
        isTold = true;
      }
      if (waitedMs > READY_MS) {
        throw new Refusal(
          `${this.name} is not ready after ${READY_MS / 1000} s (${this.readyUrl}: ${last}). ` +
            `Its log ${this.logFile} ends with:\n${tailOf(this.logFile)}`,
        );
      }
      await pause(POLL_MS);
    }
  }

  /** Asks it to drain, and ends it when that takes longer than `withinMs`. */
  async stop(withinMs) {
    this.#stopping = true;
    this.#process.kill('SIGTERM');
    const forced = setTimeout(() => this.#process.kill('SIGKILL'), withinMs);
    await this.ended;
    clearTimeout(forced);
  }

  kill() {
    this.#stopping = true;
    this.#process.kill('SIGKILL');
  }
}

async function whatItSays(url) {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(3_000) });
    const text = await answer.text();
    return answer.ok ? null : (wordsOf(text) ?? `${answer.status} ${text.slice(0, 300)}`);
  } catch (error) {
    return error.cause?.code ?? error.message;
  }
}

/** What a readiness that is red says of its checks; null = it is none. */
function wordsOf(text) {
  try {
    const { checks } = JSON.parse(text);
    const red = Object.entries(checks).filter(([, words]) => !words.startsWith('ok'));
    return red.map(([name, words]) => `${name}: ${words}`).join('; ');
  } catch {
    return null;
  }
}
