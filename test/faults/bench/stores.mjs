import { cpSync, existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freezeFamily, signalFamily } from '../../../scripts/system/family.mjs';
import { signal, stillRuns, waitUntil } from '../../../scripts/system/processes.mjs';
import { openPostgres } from '../../../scripts/stores/postgres.mjs';
import { startRedis } from '../../../scripts/stores/redis.mjs';

const GONE_MS = 10_000;

/** Durable against a killed server, not against a power cut: no fault of this bench cuts the power. */
const PARAMETERS = { fsync: 'off', full_page_writes: 'off', max_connections: 300 };
/** Of a server that may write little before it meets the end of its disk. */
const SMALL = { max_wal_size: '48MB', min_wal_size: '32MB' };
const AGAIN_MS = 300;
const REVIVED_MS = 60_000;

/** PostgreSQL, to be killed, stopped, frozen and started again on the same port and data. */
export class Postgres {
  #first;
  #server;

  async open({ dataDir, isSmall }) {
    const parameters = { ...PARAMETERS, ...(isSmall ? SMALL : {}) };
    this.#first = await openPostgres({ env: {}, dataDir, parameters });
    this.#server = this.#first;
    this.url = this.#first.url;
    this.port = Number(new URL(this.url).port);
    return this;
  }

  /** The server and all its backends, kill -9. */
  async kill() {
    signalFamily(this.#server.pid, 'SIGKILL');
    await waitUntil(() => !stillRuns(this.#server), GONE_MS);
  }

  /** Fast shutdown: whoever is connected is cut off, what is committed is on disk. */
  async stop() {
    signalFamily(this.#server.pid, 'SIGCONT');
    await this.#server.stop();
  }

  async start() {
    this.#server = await this.#first.restart();
  }

  get runs() {
    return stillRuns(this.#server);
  }

  hasEnded() {
    return waitUntil(() => !this.runs, GONE_MS);
  }

  /** As a supervisor would: started again until it stays, if it has ended. */
  async revive() {
    const givesUpAt = performance.now() + REVIVED_MS;
    while (!this.runs) {
      try {
        await this.start();
      } catch (error) {
        if (performance.now() > givesUpAt) throw error;
        await pause(AGAIN_MS);
      }
    }
  }

  freeze() {
    return freezeFamily(this.#server.pid);
  }

  thaw() {
    signalFamily(this.#server.pid, 'SIGCONT');
  }

  async close() {
    await this.kill();
    rmSync(this.#first.directory, { recursive: true, force: true });
  }
}

/** Redis with an append-only file, to be killed, frozen, emptied, and brought back with an older file. */
export class RedisServer {
  #program;
  #dataDir;
  #server;
  #hasCopy = false;

  async open({ program, dataDir }) {
    this.#program = program;
    this.#dataDir = dataDir;
    this.#server = await startRedis({ program, dataDir });
    this.port = this.#server.port;
    this.url = this.#server.url;
    return this;
  }

  get password() {
    return this.#server.password;
  }

  async kill() {
    signal(this.#server.pid, 'SIGKILL');
    await this.#server.ended;
  }

  async start() {
    const { port, password } = this.#server;
    this.#server = await startRedis({ program: this.#program, dataDir: this.#dataDir, port, password });
  }

  freeze() {
    signal(this.#server.pid, 'SIGSTOP');
  }

  thaw() {
    signal(this.#server.pid, 'SIGCONT');
  }

  /** While it is down: a new, empty server will start. */
  empty() {
    rmSync(this.#files, { recursive: true, force: true });
  }

  /** Keeps today's file. A copy of a file that is being written has a torn end, which Redis cuts off when it loads. */
  copy() {
    rmSync(this.#oldFiles, { recursive: true, force: true });
    cpSync(this.#files, this.#oldFiles, { recursive: true });
    this.#hasCopy = true;
  }

  /** While it is down: it will start with what `copy` has kept. */
  putBack() {
    if (!this.#hasCopy || !existsSync(this.#oldFiles)) return;
    this.empty();
    cpSync(this.#oldFiles, this.#files, { recursive: true });
  }

  async close() {
    await this.kill();
  }

  get #files() {
    return path.join(this.#dataDir, 'redis');
  }

  get #oldFiles() {
    return path.join(this.#dataDir, 'redis-old');
  }
}
