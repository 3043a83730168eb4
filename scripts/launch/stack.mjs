import path from 'node:path';
import { openPostgres } from '../stores/postgres.mjs';
import { openRedis } from '../stores/redis.mjs';
import { openDataDir, Refusal } from '../system/files.mjs';
import { tryLock } from '../system/lock.mjs';
import { freePort } from '../system/ports.mjs';
import { endProcess, stillRuns } from '../system/processes.mjs';
import { findPort } from './api-port.mjs';
import { KeptApp } from './kept-app.mjs';
import { KeptStores } from './kept-stores.mjs';
import { inWords, keyedProviders, readSettings } from './settings.mjs';

const DRAIN_SECS = '10';
const SETTLE_MS = 5_000;

/**
 * Everything that `npm start` and the demo bring up: stores, sandbox, API, workers. `start` goes step by step and
 * may be given up at any of them; `stop` takes down, in the opposite order, whatever has come up so far.
 */
export class Stack {
  #lock = null;
  #stores;
  #storesEnd = null;
  #apps = [];
  #isStopping = false;

  /**
   * `{ command, workers, env, ownPort, withSandbox, keeps, say }`; `ownPort`: a busy port is no fault, another one is
   * taken; `withSandbox`: true, false, or `keyless`, only when no provider has a key; `keeps`: what ends by itself is
   * started again, else its end is the end of all.
   */
  constructor(options) {
    this.options = options;
    this.env = { DRAIN_SECS, ...options.env };
    /** Rejects when something ends that should not. */
    this.broken = new Promise((_, reject) => (this.break = reject));
    this.broken.catch(() => undefined);
    this.#stores = new KeptStores({
      say: options.say,
      isKept: options.keeps,
      onChange: () => this.#writeDownChildren(),
      onLost: this.break,
    });
  }

  async start(signal) {
    const { say } = this.options;
    this.settings = readSettings(this.env);
    this.drainMs = this.settings.clocks.drainMs + SETTLE_MS;
    this.dataDir = openDataDir({ LONGHAUL_DATA_DIR: this.settings.dataDir });
    await this.#takeDataDir();
    signal.throwIfAborted();
    say(`Data:       ${this.dataDir}`);
    say(`Logs:       ${path.join(this.dataDir, 'logs')}`);
    const { host, port } = await findPort(this.settings.http, this.options);
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
    // Still theirs until they have ended, should this launcher be killed meanwhile.
    lock.update({ children: left });
    this.options.say(
      `Left over:  ${left.map(({ name }) => name).join(', ')} of a launcher that was killed; ending them`,
    );
    await Promise.all(left.map((child) => endProcess(child, this.drainMs)));
  }

  async #openStores() {
    const { say } = this.options;
    const { databaseUrl, redisUrl } = this.settings;
    // What DATABASE_URL_FILE and REDIS_URL_FILE name counts as if it stood in the variable.
    if (databaseUrl !== null) this.env.DATABASE_URL = databaseUrl;
    if (redisUrl !== null) this.env.REDIS_URL = redisUrl;
    const postgres = await openPostgres({ env: this.env, dataDir: this.dataDir });
    this.#stores.add({ name: 'PostgreSQL', ...postgres });
    say(postgres.chosen);
    const redis = await openRedis({ env: this.env, dataDir: this.dataDir });
    this.#stores.add({ name: 'Redis', ...redis });
    say(redis.chosen);
    this.env.DATABASE_URL = postgres.url;
    if (redis.url) this.env.REDIS_URL = redis.url;
    this.#writeDownChildren();
    this.#stores.watch();
  }

  async #openUpstream(signal) {
    const { say, withSandbox } = this.options;
    const keyed = keyedProviders(this.settings);
    const isWanted = withSandbox === 'keyless' ? keyed.length === 0 : withSandbox;
    const isElsewhere = Boolean(this.env.SANDBOX_BASE_URL?.trim());
    const answers = isWanted || isElsewhere ? '; the sandbox answers (model sandbox/echo)' : '';
    say(`Providers:  ${inWords(keyed) || `none has a key${answers}`}`);
    for (const warning of this.settings.warnings) say(`Note:       ${warning}`);
    if (isElsewhere) say(`Upstream:   the sandbox of SANDBOX_BASE_URL, ${this.env.SANDBOX_BASE_URL}`);
    else if (isWanted) await this.#openSandbox(signal);
  }

  async #openSandbox(signal) {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}/v1`;
    const env = onlyOf(this.env, ['PATH', 'HOME', 'LANG', 'TZ']);
    const args = ['--port', String(port)];
    const sandbox = { name: 'sandbox', app: 'sandbox', args, env, readyUrl: `${url}/models` };
    await this.#launch(sandbox).ready(signal);
    this.env.SANDBOX_BASE_URL = url;
    this.options.say(`Upstream:   the sandbox on ${url} (SANDBOX_BASE_URL is not set)`);
  }

  async #openApps({ host, port }, signal) {
    const { workers } = this.options;
    const shown = host.includes(':') ? `[${host}]` : host;
    const reachable = { '0.0.0.0': '127.0.0.1', '[::]': '[::1]' }[shown] ?? shown;
    this.apiUrl = `http://${reachable}:${port}`;
    const api = { name: 'api', app: 'api', env: { ...this.env, HOST: host, PORT: String(port) } };
    const ports = await Promise.all(Array.from({ length: workers }, () => freePort()));
    const apps = [
      this.#launch({ ...api, readyUrl: `${this.apiUrl}/readyz` }),
      ...ports.map((workerPort, index) => this.#launchWorker(index + 1, workerPort)),
    ];
    await Promise.all(apps.map((app) => app.ready(signal)));
    this.#lock.update({ url: this.apiUrl });
    await this.#nameAbsentQueue();
    this.#namePlaces(ports.map((workerPort) => `http://127.0.0.1:${workerPort}`));
  }

  #launchWorker(number, port) {
    return this.#launch({
      name: `worker-${number}`,
      app: 'worker',
      env: { ...this.env, WORKER_HOST: '127.0.0.1', WORKER_PORT: String(port) },
      readyUrl: `http://127.0.0.1:${port}/readyz`,
    });
  }

  /** Ready without Redis is right, jobs are accepted and wait; but whoever mistyped its URL should see that. */
  async #nameAbsentQueue() {
    if (!this.env.REDIS_URL) return;
    const { checks } = await (await fetch(`${this.apiUrl}/readyz`)).json();
    if (checks.queue !== 'ok') this.options.say(`Queue:      REDIS_URL: ${checks.queue}`);
  }

  #namePlaces(workerUrls) {
    const { say } = this.options;
    const { apiKeysFile } = this.settings.http;
    say(`Callers:    ${apiKeysFile ? `the keys of ${apiKeysFile}` : 'this machine alone, without a key'}`);
    say(`Workers:    ${workerUrls.join('  ')}`);
    say(`Metrics:    ${[this.apiUrl, ...workerUrls].map((url) => `${url}/metrics`).join('  ')}`);
    say(`Docs:       ${this.apiUrl}/docs`);
    say(`API:        ${this.apiUrl}`);
  }

  #launch(description) {
    if (this.#isStopping) throw new Refusal('stopped');
    const { say, keeps: isKept } = this.options;
    const onLaunch = () => this.#writeDownChildren();
    const app = new KeptApp({
      ...{ dataDir: this.dataDir, description, say, isKept, onLaunch },
      onLost: this.break,
    });
    this.#apps.push(app);
    return app.launch();
  }

  /** Whoever finds a dead launcher's lock knows from this what it left. PostgreSQL is found by its own record. */
  #writeDownChildren() {
    const redis = this.#stores.written.filter(({ name }) => name === 'Redis');
    this.#lock.update({ children: [...redis, ...this.#apps.map((app) => app.written)] });
  }

  /** Workers and API drain while their upstream and their stores still stand. */
  async stop() {
    this.#isStopping = true;
    const sandbox = this.#apps.filter(({ name }) => name === 'sandbox');
    const ours = this.#apps.filter((app) => !sandbox.includes(app));
    await Promise.all(ours.map((app) => app.stop(this.drainMs)));
    await Promise.all(sandbox.map((app) => app.stop(SETTLE_MS)));
    await this.#endStores();
  }

  /** No drain, no wait: for the second Ctrl-C. Leases and PostgreSQL's own recovery make it safe. */
  async kill() {
    this.#isStopping = true;
    for (const app of this.#apps) app.kill();
    await this.#endStores();
  }

  /**
   * Once, and to its end: a drain that is cut short comes here too, and whoever is first ends the launcher. The lock says what
   * is left to whoever comes next, so it stays where something could not be ended.
   */
  #endStores() {
    this.#storesEnd ??= this.#stores.stop().then(() => this.#lock?.release());
    return this.#storesEnd;
  }
}

const onlyOf = (env, names) =>
  Object.fromEntries(names.filter((name) => name in env).map((name) => [name, env[name]]));

const alreadyRuns = (holder, dataDir) =>
  `${holder.command} (pid ${holder.pid}, since ${holder.startedAt}) already runs on the data directory ${dataDir}` +
  `${holder.url ? `; its API is ${holder.url}` : ''}. Use that one, stop it first (Ctrl-C there, or kill ${holder.pid}), ` +
  'or set LONGHAUL_DATA_DIR to another directory.';
