import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Refusal, tailOf } from '../../../scripts/system/files.mjs';
import { ROOT } from '../../../scripts/system/paths.mjs';
import { freePort } from '../../../scripts/system/ports.mjs';
import { entryIn } from './member.mjs';
import { SCRIPTS } from './work.mjs';

const READY_MS = 30_000;
const POLL_MS = 25;

/** The scripted provider of this checkout, in a process of its own that no fault touches. Its log is the judge. */
export class Upstream {
  #child;

  async open(logDir) {
    const port = await freePort();
    this.url = `http://127.0.0.1:${port}`;
    const file = path.join(logDir, 'upstream.log');
    const log = openSync(file, 'a', 0o600);
    const args = ['--port', String(port), '--pace', '0', '--log', path.join(logDir, 'calls.jsonl')];
    this.#child = spawn(process.execPath, [entryIn(ROOT, 'sandbox'), ...args], {
      ...{ cwd: ROOT, env: { PATH: process.env.PATH ?? '' }, detached: true, stdio: ['ignore', log, log] },
    });
    closeSync(log);
    await this.#ready(file);
    for (const script of SCRIPTS) await this.#put('script', script);
    return this;
  }

  async #ready(file) {
    const givesUpAt = performance.now() + READY_MS;
    const answers = () =>
      fetch(`${this.url}/health`).then(
        ({ ok }) => ok,
        () => false,
      );
    while (!(await answers())) {
      if (performance.now() > givesUpAt) throw new Refusal(`The upstream is not ready:\n${tailOf(file)}`);
      await pause(POLL_MS);
    }
  }

  async #put(what, body) {
    const answer = await fetch(`${this.url}/${what}`, { method: 'PUT', body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`The upstream refused a ${what}: ${await answer.text()}`);
  }

  /** Lets a held answer go: one of that marker, or without one all, and those to come. */
  async release(marker = null) {
    await this.#put('release', marker === null ? {} : { marker, n: 1 });
  }

  /** Every call in the order of arrival. */
  async calls() {
    return (await fetch(`${this.url}/calls`)).json();
  }

  async close() {
    this.#child.kill('SIGKILL');
  }
}
