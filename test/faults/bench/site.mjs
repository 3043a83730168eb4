import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { untilStopped } from '../../../scripts/launch/run.mjs';
import { openDataDir } from '../../../scripts/system/files.mjs';
import { DoorThread } from './doors/door-thread.mjs';
import { FaultLog } from './fault-log.mjs';
import { Member } from './member.mjs';
import { SmallDisk } from './small-disk.mjs';
import { Postgres, RedisServer } from './stores.mjs';
import { haveTickets } from './tickets.mjs';
import { Upstream } from './upstream.mjs';
import { POINTS_SITE } from './points/site.mjs';
import { SCENARIOS } from './scenarios/index.mjs';
import { CAP, TARGETS, TOTAL_CAP } from './work.mjs';

const APIS = 2;
const RUNG_AGAIN_MS = 60_000;
const LOOK_MS = 100;

/** Of production's clocks, in leases. */
const CLOCKS = { RECONCILE_SECS: 0.2, LANE_HOLD_MS: 50, RETRY_BACKOFF_SECS: 0.1 };

/**
 * What the bench stands on: both stores, the upstream, two APIs and the workers, each behind its own doors, which have a
 * thread for themselves.
 */
export class Site {
  env = { DRAIN_SECS: '0' };
  log = new FaultLog();
  members = [];
  stores = {};
  #closing = [];

  constructor({ options, redisProgram }) {
    Object.assign(this, { options, redisProgram });
    this.scenario = options.points ? POINTS_SITE : (SCENARIOS[options.scenario] ?? {});
    this.doorThread = new DoorThread();
    this.broken = this.doorThread.broken;
  }

  /** A wish to stop that comes meanwhile is heard before anything else is started. */
  async start(signal) {
    this.signal = signal;
    signal.addEventListener('abort', () => (process.exitCode = 130));
    this.directory = mkdtempSync(path.join(os.tmpdir(), 'longhaul-faults-'));
    // The database's own user has to walk through, when this is root.
    chmodSync(this.directory, process.getuid?.() === 0 ? 0o711 : 0o700);
    this.logDir = path.join(this.directory, 'logs');
    mkdirSync(this.logDir);
    this.#closing.push({ close: () => this.#leave() });
    const dataDir = openDataDir({ LONGHAUL_DATA_DIR: path.join(this.directory, 'data') });
    this.upstream = await this.#keep(new Upstream(), this.logDir);
    this.stores.postgres = await this.#keep(new Postgres(), await this.#placeOfPostgres(dataDir));
    this.stores.redis = await this.#keep(new RedisServer(), { program: this.redisProgram, dataDir });
    // Straight to the server: the bench must see what the processes cannot.
    this.pool = new pg.Pool({
      connectionString: this.stores.postgres.url,
      max: 4,
      connectionTimeoutMillis: 2_000,
      query_timeout: 30_000,
    });
    this.pool.on('error', () => undefined);
    this.#closing.push({ close: () => this.pool.end().catch(() => undefined) });
    await this.#keep(this.doorThread);
    await this.#startMembers(dataDir);
  }

  /** Its log is not on the small disk: it has to say what became of it. */
  async #placeOfPostgres(dataDir) {
    const megabytes = this.scenario.diskMb;
    if (!megabytes) return { dataDir, isSmall: false };
    const directory = path.join(this.directory, 'small-disk');
    this.disk = await this.#keep(new SmallDisk(), { directory, megabytes });
    const small = path.join(directory, 'data');
    mkdirSync(small, { mode: 0o711 });
    symlinkSync(this.logDir, path.join(small, 'logs'));
    return { dataDir: openDataDir({ LONGHAUL_DATA_DIR: small }), isSmall: true };
  }

  async #startMembers(dataDir) {
    const { root, processes } = this.options;
    const { logDir, stores, doorThread } = this;
    const site = { root, dataDir, logDir, stores, doorThread, env: this.#environment() };
    const open = (role, number) => {
      const name = `${role}-${number}`;
      return this.#keep(new Member(name, role, { ...site, env: { ...site.env, ...this.#lanesOf(name) } }));
    };
    // The first one migrates.
    this.members.push(await open('api', 1));
    await this.#ready(this.members[0]);
    for (let number = 2; number <= (this.scenario.apis ?? APIS); number += 1)
      this.members.push(await open('api', number));
    for (let number = 1; number <= processes; number += 1) this.members.push(await open('worker', number));
    await Promise.all(this.members.map((member) => this.#ready(member)));
  }

  #ready(member) {
    return Promise.race([member.ready(), untilStopped(this.signal)]);
  }

  #environment() {
    const { leaseMs } = this.options;
    const of = (name) => name.toUpperCase();
    const perProvider = TARGETS.flatMap(({ provider }) => [
      [`${of(provider)}_API_KEY`, 'bench-key'],
      [`${of(provider)}_BASE_URL`, `${this.upstream.url}/${provider}/v1`],
      [`MAX_INFLIGHT_${of(provider)}`, String(CAP)],
    ]);
    return {
      ...Object.fromEntries(perProvider),
      MAX_INFLIGHT_TOTAL: String(TOTAL_CAP),
      LEASE_SECS: String(leaseMs / 1000),
      RECONCILE_SECS: String((CLOCKS.RECONCILE_SECS * leaseMs) / 1000),
      LANE_HOLD_MS: String(Math.round((CLOCKS.LANE_HOLD_MS * leaseMs) / 1000)),
      RETRY_BACKOFF_SECS: String((CLOCKS.RETRY_BACKOFF_SECS * leaseMs) / 1000),
      DRAIN_SECS: '5',
      LOG_LEVEL: 'info',
      ...this.scenario.env,
    };
  }

  #lanesOf(name) {
    const lanes = this.scenario.lanes?.[name];
    return lanes === undefined ? {} : { WORKER_LANES: lanes.join(',') };
  }

  async #keep(thing, ...words) {
    this.signal.throwIfAborted();
    this.#closing.push(thing);
    return thing.open(...words);
  }

  get apis() {
    return this.members.filter(({ role }) => role === 'api');
  }

  async sql(text, values) {
    return (await this.pool.query(text, values)).rows;
  }

  /** Several questions about the same moment: jobs may be purged meanwhile. */
  async snapshot(texts) {
    const client = await this.pool.connect();
    try {
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      const found = {};
      for (const [name, text] of Object.entries(texts)) found[name] = (await client.query(text)).rows;
      return found;
    } finally {
      client.release(true);
    }
  }

  /** The jobs that wait for a worker and whose ticket lies in Redis. */
  async waitingWithTicket() {
    const rows = await this.sql(
      `SELECT id FROM jobs WHERE rung_at IS NOT NULL AND lease_owner IS NULL AND completed_at IS NULL`,
    ).catch(() => []);
    return rows.map(({ id }) => id);
  }

  /** Until each of them has been rung anew and its ticket lies in Redis, or it runs, or has ended. Null when a store went away meanwhile. */
  async untilRungAgain(ids, sinceMs) {
    const text = `SELECT id AS "jobId", ring, provider AS lane, coalesce(rung_at >= to_timestamp($2 / 1000.0), false) AS "isRung"
      FROM jobs WHERE id = ANY ($1) AND completed_at IS NULL AND lease_owner IS NULL AND ready_at < clock_timestamp()`;
    while (Date.now() - sinceMs < RUNG_AGAIN_MS) {
      const isBack = await this.sql(text, [ids, sinceMs])
        .then((bells) => bells.every(({ isRung }) => isRung) && haveTickets(this.stores.redis.url, bells))
        .catch(() => null);
      if (isBack === null) return null;
      if (isBack) return Date.now();
      await pause(LOOK_MS);
    }
    return Infinity;
  }

  #leave() {
    if (!this.options.keep) rmSync(this.directory, { recursive: true, force: true });
  }

  /** What came up last goes first; one that cannot be ended holds no other up. */
  async stop() {
    for (let last = this.#closing.pop(); last; last = this.#closing.pop()) {
      await Promise.resolve(last.close()).catch((error) => process.stderr.write(`${error.stack}\n`));
    }
  }

  kill() {
    return this.stop();
  }
}
