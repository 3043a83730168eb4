import path from 'node:path';
import { findPort } from './api-port.mjs';
import { Child } from './child.mjs';
import { openDataDir, Refusal } from '../system/files.mjs';
import { tryLock } from '../system/lock.mjs';
import { freePort } from '../system/ports.mjs';
import { endProcess, stillRuns } from '../system/processes.mjs';
import { openPostgres } from '../stores/postgres.mjs';
import { openRedis } from '../stores/redis.mjs';

const DRAIN_SECS = '10';
const SETTLE_MS = 5_000;

/**
 * Everything that `npm start` and the demo bring up: stores, sandbox, API, workers. `start` goes step by step and
 * may be given up at any of them; `stop` takes down, in the opposite order, whatever has come up so far.
 */
export class Stack {
  #lock = null;
  #stores = [];
  #sandbox = null;
  #apps = [];
  #storeWatch = null;
  #isStopping = false;

  /** `{ command, workers, env, ownPort, withSandbox, say }`; `ownPort`: a busy port is no fault, another one is taken. */
  constructor(options) {
    this.options = options;
    this.env = { DRAIN_SECS, ...options.env };
    this.drainMs = Number(this.env.DRAIN_SECS) * 1000 + SETTLE_MS;
    /** Rejects when something ends that should not. */
    this.broken = new Promise((_, reject) => (this.break = reject));
    this.broken.catch(() => undefined);
  }

  async start(signal) {
    const { say } = this.options;
    this.dataDir = openDataDir(this.env);
    await this.#takeDataDir();
    signal.throwIfAborted();
    say(`Data:       ${this.dataDir} (logs in ${path.join(this.dataDir, 'logs')})`);
    const { host, port } = await findPort(this.env, this.options);
    await this.#openStores();
    signal.throwIfAborted();
    await this.#openUpstream(signal);
    await this.#openApps({ host, port }, signal);
  }

  async #takeDataDir() {
    const { command } = this.options;
    const lock = tryLock(path.join(this.dataDir, 'launcher.json'), {
      command,
      startedAt: new Date().toISOString(),
    });
    if (lock.holder) throw new Refusal(alreadyRuns(lock.holder, this.dataDir));
    this.#lock = lock;
    const left = (lock.left?.children ?? []).filter(stillRuns);
    if (left.length === 0) return;
    this.options.say(
      `Left over:  ${left.map(({ name }) => name).join(', ')} of a launcher that was killed; ending them`,
    );
    await Promise.all(left.map((child) => endProcess(child, this.drainMs)));
  }

  async #openStores() {
    const { say } = this.options;
    const postgres = await openPostgres({ env: this.env, dataDir: this.dataDir });
    this.#stores.push({ name: 'PostgreSQL', ...postgres });
    say(postgres.chosen);
    const redis = await openRedis({ env: this.env, dataDir: this.dataDir });
    this.#stores.push({ name: 'Redis', ...redis });
    say(redis.chosen);
    this.env.DATABASE_URL = postgres.url;
    if (redis.url) this.env.REDIS_URL = redis.url;
    this.#writeDownChildren();
    this.#watchStores();
  }

  /** A store may be adopted, and then its end is no event of ours: it is looked after. */
  #watchStores() {
    const watched = this.#stores.filter(({ pid, identity }) => pid && identity);
    this.#storeWatch = setInterval(() => {
      const gone = watched.find((store) => !stillRuns(store));
      if (gone)
        this.break(new Refusal(`${gone.name} (pid ${gone.pid}) ended by itself; see ${gone.logFile}.`));
    }, 1_000);
    this.#storeWatch.unref();
  }

  async #openUpstream(signal) {
    const { say, withSandbox = true } = this.options;
    if (!withSandbox) return;
    if (this.env.SANDBOX_BASE_URL) {
      say(`Upstream:   the sandbox of SANDBOX_BASE_URL, ${this.env.SANDBOX_BASE_URL}`);
      return;
    }
    const port = await freePort();
    const url = `http://127.0.0.1:${port}/v1`;
    const env = onlyOf(this.env, ['PATH', 'HOME', 'LANG', 'TZ']);
    const sandbox = {
      name: 'sandbox',
      app: 'sandbox',
      args: ['--port', String(port)],
      env,
      readyUrl: `${url}/models`,
    };
    this.#sandbox = this.#launch(sandbox);
    await this.#sandbox.ready(signal);
    this.env.SANDBOX_BASE_URL = url;
    say(`Upstream:   the sandbox on ${url} (SANDBOX_BASE_URL is not set)`);
  }

  async #openApps({ host, port }, signal) {
    const { say, workers } = this.options;
    const shown = host.includes(':') ? `[${host}]` : host;
    const reachable = ['0.0.0.0', '[::]'].includes(shown) ? '127.0.0.1' : shown;
    this.apiUrl = `http://${reachable}:${port}`;
    const api = { name: 'api', app: 'api', env: { ...this.env, HOST: host, PORT: String(port) } };
    this.#apps.push(this.#launch({ ...api, readyUrl: `${this.apiUrl}/readyz` }));
    for (let number = 1; number <= workers; number += 1) this.#apps.push(await this.#launchWorker(number));
    await Promise.all(this.#apps.map((app) => app.ready(signal)));
    this.#lock.update({ url: this.apiUrl });
    await this.#nameAbsentQueue();
    say(`Workers:    ${workers}`);
    say(`API:        ${this.apiUrl}`);
  }

  /** Ready without Redis is right, jobs are accepted and wait; but whoever mistyped its URL should see that. */
  async #nameAbsentQueue() {
    if (!this.env.REDIS_URL) return;
    const { checks } = await (await fetch(`${this.apiUrl}/readyz`)).json();
    if (checks.queue !== 'ok') this.options.say(`Queue:      REDIS_URL: ${checks.queue}`);
  }

  async #launchWorker(number) {
    const port = await freePort();
    return this.#launch({
      name: `worker-${number}`,
      app: 'worker',
      env: { ...this.env, WORKER_PORT: String(port) },
      readyUrl: `http://127.0.0.1:${port}/readyz`,
    });
  }

  #launch(description) {
    if (this.#isStopping) throw new Refusal('stopped');
    const child = new Child(this.dataDir, description);
    void child.died.then((obituary) => this.break(obituary));
    this.#writeDownChildren(child);
    return child;
  }

  /** Whoever finds a dead launcher's lock knows from this what it left. PostgreSQL is found by its own record. */
  #writeDownChildren(newest) {
    const redis = this.#stores.find(({ name, pid }) => name === 'Redis' && pid);
    const all = [redis, this.#sandbox, ...this.#apps, newest].filter(Boolean);
    this.#lock.update({ children: all.map(({ name, pid, identity }) => ({ name, pid, identity })) });
  }

  /** Workers and API drain while their upstream and their stores still stand. */
  async stop() {
    this.#isStopping = true;
    clearInterval(this.#storeWatch);
    await Promise.all(this.#apps.map((app) => app.stop(this.drainMs)));
    await this.#sandbox?.stop(SETTLE_MS);
    for (const store of [...this.#stores].reverse()) await store.stop();
    this.#lock?.release();
  }

  /** No drain, no wait: for the second Ctrl-C. Leases and PostgreSQL's own recovery make it safe. */
  async kill() {
    this.#isStopping = true;
    clearInterval(this.#storeWatch);
    for (const child of [...this.#apps, this.#sandbox]) child?.kill();
    await Promise.all([...this.#stores].map((store) => store.stop()));
    this.#lock?.release();
  }
}

const onlyOf = (env, names) =>
  Object.fromEntries(names.filter((name) => name in env).map((name) => [name, env[name]]));

const alreadyRuns = (holder, dataDir) =>
  `${holder.command} (pid ${holder.pid}, since ${holder.startedAt}) already runs on the data directory ${dataDir}` +
  `${holder.url ? `; its API is ${holder.url}` : ''}. Use that one, stop it first (Ctrl-C there, or kill ${holder.pid}), ` +
  'or set LONGHAUL_DATA_DIR to another directory.';
