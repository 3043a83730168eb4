import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Refusal, tailOf } from '../../../scripts/system/files.mjs';
import { freePort } from '../../../scripts/system/ports.mjs';
import { RemoteDoor } from './doors/remote-door.mjs';
import { ask } from './http.mjs';

const READY_MS = 90_000;
const POLL_MS = 150;
const AGAIN_MS = 300;
const DOOR_STORES = ['postgres', 'redis'];

/** Where Nest's tsc builder puts an app: below its own path twice. */
export const entryIn = (root, app) => path.join(root, 'dist', 'apps', app, 'apps', app, 'src', 'main.js');

/**
 * One API or worker process with a door of its own to each store. As a supervisor would, it is started again whenever it
 * ends. `lives`: every process that it was, `{ pid, startedAt, readyAt, endedAt, how, crashPoint }` in Unix milliseconds.
 */
export class Member {
  #child = null;
  #isWanted = false;
  #crashPoint = null;
  lives = [];
  doors = {};

  /** `site`: `{ root, env, stores, doorThread, dataDir, logDir }`. */
  constructor(name, role, site) {
    Object.assign(this, { name, role, site });
  }

  async open() {
    this.port = await freePort();
    this.url = `http://127.0.0.1:${this.port}`;
    const { doorThread, stores } = this.site;
    for (const store of DOOR_STORES)
      this.doors[store] = await new RemoteDoor(doorThread).open(stores[store].port);
    this.logFile = path.join(this.site.logDir, `${this.name}.log`);
    this.start();
    return this;
  }

  get pid() {
    return this.#child?.pid ?? null;
  }

  get isUp() {
    const life = this.lives.at(-1);
    return this.#isWanted && life.readyAt !== null && life.endedAt === null;
  }

  start() {
    this.#isWanted = true;
    const crashPoint = this.#crashPoint;
    this.#crashPoint = null;
    const log = openSync(this.logFile, 'a', 0o600);
    const child = spawn(process.execPath, [entryIn(this.site.root, this.role)], {
      ...{
        cwd: this.site.root,
        env: this.#environment(crashPoint),
        detached: true,
        stdio: ['ignore', log, log],
      },
    });
    closeSync(log);
    const life = {
      pid: child.pid,
      startedAt: Date.now(),
      readyAt: null,
      endedAt: null,
      how: null,
      crashPoint,
    };
    this.#child = child;
    this.lives.push(life);
    child.once('exit', (code, name) => {
      Object.assign(life, { endedAt: Date.now(), how: name ?? `exit ${code}` });
      const isOurWish = life.isAsked || (crashPoint !== null && name === 'SIGKILL');
      if (this.#isWanted && !isOurWish)
        Object.assign(life, { isOwnWish: true, lastWords: tailOf(this.logFile, 2) });
      if (this.#isWanted) setTimeout(() => this.#isWanted && this.start(), AGAIN_MS);
    });
    void this.#watchReady(life);
  }

  /** Ends when it answers that it can take jobs, or with its life. */
  async #watchReady(life) {
    while (life.endedAt === null && !(await answers(`${this.url}/readyz`))) await pause(POLL_MS);
    if (life.endedAt === null) life.readyAt = Date.now();
  }

  async ready() {
    const givesUpAt = performance.now() + READY_MS;
    while (!this.isUp) {
      if (performance.now() > givesUpAt)
        throw new Refusal(`${this.name} is not ready after ${READY_MS / 1000} s:\n${tailOf(this.logFile)}`);
      await pause(POLL_MS);
    }
  }

  /** Starts anew as a process that crashes at that point; the one after it does not. */
  async arm(crashPoint) {
    await this.kill();
    this.#crashPoint = crashPoint;
    this.start();
    await this.ready();
  }

  /** As a supervisor asks for a stop that drains. It is started again. */
  terminate() {
    this.lives.at(-1).isAsked = true;
    this.#child.kill('SIGTERM');
  }

  /** kill -9, and nobody starts it again before `start`. */
  async kill() {
    this.#isWanted = false;
    this.#child.kill('SIGKILL');
    const life = this.lives.at(-1);
    while (life.endedAt === null) await pause(5);
  }

  freeze() {
    this.#child.kill('SIGSTOP');
  }

  thaw() {
    this.#child.kill('SIGCONT');
  }

  async close() {
    await this.kill();
    for (const door of Object.values(this.doors)) await door.close();
  }

  #environment(crashPoint) {
    const { PATH = '', HOME = '' } = process.env;
    const { env, dataDir, stores } = this.site;
    return {
      ...{ PATH, HOME, TZ: 'UTC', NODE_ENV: 'production', LONGHAUL_DATA_DIR: dataDir },
      ...{ HOST: '127.0.0.1', PORT: String(this.port), WORKER_PORT: String(this.port) },
      DATABASE_URL: through(stores.postgres.url, this.doors.postgres),
      REDIS_URL: through(stores.redis.url, this.doors.redis),
      ...env,
      ...(crashPoint === null ? {} : { LONGHAUL_CRASH_POINT: crashPoint }),
    };
  }
}

function through(url, door) {
  const through = new URL(url);
  through.port = String(door.port);
  return through.href;
}

const answers = (url) =>
  ask(url, { patienceMs: 2_000 }).then(
    ({ status }) => status === 200,
    () => false,
  );
