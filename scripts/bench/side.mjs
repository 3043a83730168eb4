import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Refusal } from '../system/files.mjs';
import { entryOf, ROOT } from '../system/paths.mjs';
import { freePort } from '../system/ports.mjs';

/** In flight at once on both sides: Longhaul's caps, the floor's concurrency, and the driver's connections. */
export const CONCURRENCY = 50;
const DONE_MS = 180_000;
const LOOK_MS = 200;

/** About the length of a short question; the echo answers as much, in eleven events. */
const PROMPT = 'A line of text about nothing in particular, as long as a short question. '
  .repeat(3)
  .padEnd(256, '.');

/** The body that both sides get, byte for byte. */
export const bodyOf = (marker = 'load') =>
  JSON.stringify({
    type: 'chat',
    model: 'sandbox/echo',
    input: { messages: [{ role: 'user', content: `${PROMPT} [[${marker}]]` }] },
  });

/** One of the two that are compared: one API process, one worker process, one database. */
export class Side {
  api = null;
  worker = null;
  #launched = 0;

  /** `name` is `longhaul` or `floor`; `flagsOf(program)` are Node's own flags for each process. */
  constructor({ name, bed, stores, upstream, flagsOf }) {
    Object.assign(this, { name, bed, stores, upstream, flagsOf });
  }

  async open() {
    this.client = await this.bed.connect(this.stores.urls[this.name]);
    return this;
  }

  async startApi() {
    const port = await freePort();
    this.url = `http://127.0.0.1:${port}`;
    this.api = await this.#launch('api', port);
  }

  async startWorker() {
    this.worker = await this.launchWorker();
  }

  async launchWorker() {
    return this.#launch('worker', await freePort());
  }

  async stopWorker() {
    await this.worker?.stop();
    this.worker = null;
  }

  async stop() {
    await this.stopWorker();
    await this.api?.stop();
    this.api = null;
  }

  #launch(role, port) {
    this.#launched += 1;
    const name = `${this.stores.backEnd}-${this.name}-${role}-${this.#launched}`;
    const isFloor = this.name === 'floor';
    return this.bed.launch({
      name,
      file: isFloor ? path.join(ROOT, 'scripts/bench/floor', `${role}.mjs`) : entryOf(role),
      flags: this.flagsOf({ name, isFloor }),
      env: { ...this.#environment(isFloor), PORT: String(port), WORKER_PORT: String(port) },
      readyUrl: `http://127.0.0.1:${port}/readyz`,
    });
  }

  #environment(isFloor) {
    const { urls, redisUrl, dataDir } = this.stores;
    const shared = { DATABASE_URL: urls[this.name], ...(redisUrl ? { REDIS_URL: redisUrl } : {}) };
    if (isFloor) return { ...shared, UPSTREAM_URL: this.upstream.url, CONCURRENCY: String(CONCURRENCY) };
    return {
      ...shared,
      SANDBOX_BASE_URL: `${this.upstream.url}/v1`,
      LONGHAUL_DATA_DIR: dataDir,
      LOG_LEVEL: 'warn',
      DRAIN_SECS: '10',
      HOST: '127.0.0.1',
      MAX_INFLIGHT_SANDBOX: String(CONCURRENCY),
      MAX_INFLIGHT_TOTAL: String(CONCURRENCY),
    };
  }

  async sql(text, values) {
    return (await this.client.query(text, values)).rows;
  }

  /** The database's clock, as text that keeps its microseconds. */
  async now() {
    return (await this.sql('SELECT clock_timestamp()::text AS now'))[0].now;
  }

  async untilAllDone() {
    const givesUpAt = performance.now() + DONE_MS;
    for (;;) {
      const [{ open }] = await this.sql('SELECT count(*)::int AS open FROM jobs WHERE completed_at IS NULL');
      if (open === 0) return;
      if (performance.now() > givesUpAt) {
        throw new Refusal(`${this.name}: ${open} jobs are still open after ${DONE_MS / 1000} s.`);
      }
      await pause(LOOK_MS);
    }
  }

  /** What each process has used of the processors so far. */
  cpuMs() {
    const { api, worker, stores, upstream } = this;
    return {
      api: api?.cpuMs() ?? null,
      worker: worker?.cpuMs() ?? null,
      ...stores.cpuMs(),
      upstream: upstream.program.cpuMs(),
    };
  }
}
