import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Refusal, tailOf } from '../system/files.mjs';
import { ROOT } from '../system/paths.mjs';
import { cpuMsOf, rssMbOf } from './usage.mjs';

const READY_MS = 60_000;
const STOP_MS = 20_000;
const POLL_MS = 25;

/**
 * One Node process of the bench, ready when its URL answers 200: `{ name, file, args, flags, env, readyUrl, logDir }`.
 * A session of its own, so that Ctrl-C reaches it through the bench only.
 */
export class Program {
  #child;
  #isStopping = false;

  constructor({ name, file, args = [], flags = [], env, readyUrl, logDir }) {
    this.name = name;
    this.readyUrl = readyUrl;
    this.logFile = path.join(logDir, `${name}.log`);
    const log = openSync(this.logFile, 'a', 0o600);
    this.#child = spawn(process.execPath, ['--enable-source-maps', ...flags, file, ...args], {
      ...{ cwd: ROOT, env, detached: true, stdio: ['ignore', log, log] },
    });
    closeSync(log);
    this.pid = this.#child.pid;
    this.ended = new Promise((resolve) => {
      this.#child.once('error', (error) => resolve(error.message));
      this.#child.once('exit', (code, signal) => resolve(signal ?? `exit ${code}`));
    });
    /** Rejects when it ends although nobody asked for it. */
    this.lost = this.ended.then((how) => {
      if (!this.#isStopping) throw this.#obituary(`ended by itself (${how})`);
    });
    this.lost.catch(() => undefined);
  }

  async ready() {
    const givesUpAt = performance.now() + READY_MS;
    while (!(await Promise.race([answers(this.readyUrl), this.lost.then(() => false)]))) {
      if (this.#isStopping) throw new Refusal('stopped');
      if (performance.now() > givesUpAt) throw this.#obituary(`is not ready after ${READY_MS / 1000} s`);
      await pause(POLL_MS);
    }
    return this;
  }

  cpuMs() {
    return cpuMsOf(this.pid);
  }

  rssMb() {
    return rssMbOf(this.pid);
  }

  /** In order; by force when that takes too long. */
  async stop() {
    this.#isStopping = true;
    this.#child.kill('SIGTERM');
    const forced = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS);
    await this.ended;
    clearTimeout(forced);
  }

  async kill() {
    this.#isStopping = true;
    this.#child.kill('SIGKILL');
    await this.ended;
  }

  #obituary(what) {
    return new Refusal(`${this.name} ${what}. Its log ends with:\n${tailOf(this.logFile)}`);
  }
}

async function answers(url) {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(3_000) });
    await answer.arrayBuffer();
    return answer.ok;
  } catch {
    return false;
  }
}
