import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { openPostgres } from '../stores/postgres.mjs';
import { findRedisServer, startRedis } from '../stores/redis.mjs';
import { openDataDir, Refusal } from '../system/files.mjs';
import { entryOf } from '../system/paths.mjs';
import { freePort } from '../system/ports.mjs';
import { Program } from './program.mjs';

/**
 * What a bench stands on: a scratch directory, fresh stores, an upstream that answers at once, and every process that
 * it started. `stop` takes all of it down, whatever state it is in, and leaves nothing behind.
 */
export class Bed {
  #resources = [];
  #isStopping = false;
  env = { DRAIN_SECS: '0' };

  constructor() {
    /** Rejects when a process ends that should not. */
    this.broken = new Promise((_, reject) => (this.breakWith = reject));
    this.broken.catch(() => undefined);
  }

  async start() {
    this.directory = mkdtempSync(path.join(os.tmpdir(), 'longhaul-bench-'));
    // The database's own user has to walk through, when this is root.
    chmodSync(this.directory, process.getuid?.() === 0 ? 0o711 : 0o700);
    this.#resources.push({ stop: () => rmSync(this.directory, { recursive: true, force: true }) });
  }

  /** Stores of their own for one back end, with a database for each side: `{ urls, redisUrl, pid, sql, version }`. */
  async openStores(backEnd, parameters) {
    const dataDir = openDataDir({ LONGHAUL_DATA_DIR: path.join(this.directory, backEnd) });
    const database = 'longhaul';
    const postgres = await openPostgres({ env: {}, dataDir, parameters, database });
    this.#keep({ stop: () => destroy(postgres) });
    const redis = backEnd === 'redis' ? await this.#openRedis(dataDir) : null;
    const floorUrl = new URL(postgres.url);
    floorUrl.pathname = '/floor';
    await query(postgres.url, 'CREATE DATABASE floor');
    return {
      ...{ backEnd, dataDir, pid: postgres.pid, redisPid: redis?.pid ?? null },
      urls: { longhaul: postgres.url, floor: floorUrl.href },
      redisUrl: redis?.url ?? null,
    };
  }

  async #openRedis(dataDir) {
    const { program, reason } = findRedisServer(process.env);
    if (!program) throw new Refusal(`There is no Redis for the bench: ${reason}.`);
    const redis = await startRedis({ program, dataDir });
    this.#keep(redis);
    return redis;
  }

  /** The sandbox without its pace: `{ url, program }`. */
  async openUpstream(backEnd) {
    const url = `http://127.0.0.1:${await freePort()}`;
    const args = ['--port', new URL(url).port, '--pace', '0'];
    const name = `${backEnd}-sandbox`;
    const program = await this.launch({ name, file: entryOf('sandbox'), args, readyUrl: `${url}/health` });
    return { url, program };
  }

  /** A Node process, ready. Its environment is only what is given, and a PATH. */
  async launch(description) {
    if (this.#isStopping) throw new Refusal('stopped');
    const logDir = path.join(this.directory, 'logs');
    mkdirSync(logDir, { recursive: true });
    const { PATH = '', HOME = '' } = process.env;
    const program = new Program({
      ...description,
      logDir,
      env: { PATH, HOME, TZ: 'UTC', ...description.env },
    });
    // Nothing that runs here has to be saved.
    this.#keep({ stop: () => program.kill() });
    program.lost.catch(this.breakWith);
    return program.ready();
  }

  /** A client that is closed with the bed. */
  async connect(url) {
    const client = new pg.Client({ connectionString: url, application_name: 'bench' });
    client.on('error', () => undefined);
    await client.connect();
    this.#keep({ stop: () => client.end().catch(() => undefined) });
    return client;
  }

  #keep(resource) {
    this.#resources.push(resource);
    if (this.#isStopping) throw new Refusal('stopped');
  }

  /** What came up last goes first; one that cannot be ended holds no other up. */
  async stop() {
    this.#isStopping = true;
    const faults = [];
    for (let last = this.#resources.pop(); last; last = this.#resources.pop()) {
      await Promise.resolve(last.stop()).catch((error) => faults.push(error));
    }
    if (faults.length > 0) throw faults[0];
  }

  kill() {
    return this.stop();
  }
}

async function destroy(postgres) {
  await postgres.stop();
  // As root with a closed temporary directory it does not lie in ours.
  rmSync(postgres.directory, { recursive: true, force: true });
}

export async function query(url, text, values) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text, values)).rows;
  } finally {
    await client.end();
  }
}
