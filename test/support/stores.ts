import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import Redis from 'ioredis';
import { Client } from 'pg';
import { freePort, randomWord, ROOT, scratchDirectory, writeDown } from './scratch';

const run = promisify(execFile);
const READY_MS = 20_000;

/** Everything opened by this test file that is still open; ended after its last test, passed or failed. */
const open = new Set<() => Promise<void>>();

afterAll(async () => {
  await Promise.all([...open].map((end) => end().catch(() => undefined)));
}, 60_000);

function endLater(end: () => Promise<void>): () => Promise<void> {
  const once = async (): Promise<void> => {
    open.delete(once);
    await end();
  };
  open.add(once);
  return once;
}

function serverUrl(): string {
  const url = process.env.TEST_DATABASE_URL;
  if (url === undefined) throw new Error('TEST_DATABASE_URL is not set. Run the tests with: npm test');
  return url;
}

async function asSuperuser(statement: string): Promise<void> {
  const client = new Client({ connectionString: serverUrl() });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

export interface FreshDatabase {
  readonly url: string;
  /** Cuts off whoever is still connected. */
  drop(): Promise<void>;
}

/** An empty database on the run's own PostgreSQL. Dropped after the file's last test when the test did not. */
export async function freshDatabase(): Promise<FreshDatabase> {
  const name = `lh_${randomWord()}`;
  await asSuperuser(`CREATE DATABASE ${name}`);
  const url = new URL(serverUrl());
  url.pathname = `/${name}`;
  return { url: url.href, drop: endLater(() => asSuperuser(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)) };
}

export type BackEnd = 'postgres' | 'redis';

/** The queue back ends that this machine can serve: for `describe.each(backEnds())`. */
export const backEnds = (): BackEnd[] =>
  process.env.TEST_REDIS_SERVER === undefined ? ['postgres'] : ['postgres', 'redis'];

export interface RedisServer {
  readonly url: string;
  readonly pid: () => number;
  flushAll(): Promise<void>;
  /** Goes on answering, and reading, but takes nothing more (`OOM`). */
  refuseWrites(): Promise<void>;
  takeWrites(): Promise<void>;
  /** Becomes a replica and has caught up; its clients stay connected, and may not write. */
  follow(primary: RedisServer): Promise<void>;
  /** Takes writes from now on, with what it has. */
  lead(): Promise<void>;
  /** A user as `ACL SETUSER` takes it: the name, then its rules. */
  addUser(...rules: string[]): Promise<void>;
  /** Orderly: its append-only file is kept for the next start. */
  stop(): Promise<void>;
  kill(): Promise<void>;
  /** Again on the same port and the same file. */
  start(): Promise<void>;
  freeze(): void;
  thaw(): void;
}

/** A Redis of this test's own. Ask `backEnds()` first: without a redis-server on PATH there is none. */
export async function startRedis(): Promise<RedisServer> {
  const program = process.env.TEST_REDIS_SERVER;
  if (program === undefined)
    throw new Error('TEST_REDIS_SERVER is not set: ask backEnds() before startRedis().');
  const directory = scratchDirectory('redis');
  const port = await freePort();
  const url = `redis://127.0.0.1:${String(port)}`;
  const spawnServer = (): ReturnType<typeof spawn> => {
    const settings = ['--bind', '127.0.0.1', '--port', String(port), '--dir', directory, '--save', ''];
    const queue = ['--maxmemory-policy', 'noeviction', '--appendonly', 'yes'];
    // Else a replica waits five seconds for others to be served with it.
    const replication = ['--repl-diskless-sync-delay', '0'];
    return spawn(program, [...settings, ...queue, ...replication], { stdio: 'ignore', cwd: directory });
  };
  let server = await listening(spawnServer, url);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const gone = once(server, 'exit');
    server.kill(signal);
    server.kill('SIGCONT');
    await gone;
  };
  const stop = endLater(() => end('SIGTERM'));
  return {
    ...{ url, stop, pid: () => server.pid ?? 0 },
    flushAll: () => withRedis(url, async (client) => void (await client.flushall())),
    refuseWrites: () => withRedis(url, async (client) => void (await client.config('SET', 'maxmemory', '1'))),
    takeWrites: () => withRedis(url, async (client) => void (await client.config('SET', 'maxmemory', '0'))),
    follow: (primary) => withRedis(url, (client) => catchUp(client, primary)),
    lead: () => withRedis(url, async (client) => void (await client.replicaof('NO', 'ONE'))),
    addUser: (...rules) =>
      withRedis(url, async (client) => void (await client.call('ACL', 'SETUSER', ...rules))),
    kill: () => end('SIGKILL'),
    start: async () => {
      server = await listening(spawnServer, url);
      open.add(stop);
    },
    freeze: () => void server.kill('SIGSTOP'),
    thaw: () => void server.kill('SIGCONT'),
  };
}

async function listening(
  spawnServer: () => ReturnType<typeof spawn>,
  url: string,
): Promise<ReturnType<typeof spawn>> {
  const server = spawnServer();
  writeDown('redis', server.pid ?? 0);
  const givesUpAt = Date.now() + READY_MS;
  while (!(await withRedis(url, async (client) => void (await client.ping())).then(...YES_NO))) {
    if (server.exitCode !== null) throw new Error(`redis-server ended with ${String(server.exitCode)}.`);
    if (Date.now() > givesUpAt) throw new Error(`redis-server does not answer on ${url}.`);
    await pause(20);
  }
  return server;
}

async function catchUp(client: Redis, primary: RedisServer): Promise<void> {
  const { hostname, port } = new URL(primary.url);
  await client.replicaof(hostname, Number(port));
  const givesUpAt = Date.now() + READY_MS;
  while (!(await client.info('replication').catch(() => '')).includes('master_link_status:up')) {
    if (Date.now() > givesUpAt) throw new Error(`The Redis does not catch up with ${primary.url}.`);
    await pause(20);
  }
}

const YES_NO = [() => true, () => false] as const;

async function withRedis(url: string, work: (client: Redis) => Promise<void>): Promise<void> {
  const client = new Redis(url, {
    lazyConnect: true,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    disconnectTimeout: 100,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await work(client);
  } finally {
    client.disconnect();
  }
}

export interface PostgresServer {
  readonly url: string;
  /** Everything it has, while it is stopped. */
  readonly directory: string;
  /** Fast shutdown: everybody is cut off. */
  stop(): Promise<void>;
  /** Again on the same port. */
  start(): Promise<void>;
  /** kill -9 of the server and all its backends. */
  kill(): Promise<void>;
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  destroy(): Promise<void>;
}

/** A PostgreSQL of this test's own, to be stopped and killed; made by the launchers' code (scripts/stores). */
export async function startPostgres(): Promise<PostgresServer> {
  const directory = join(scratchDirectory('postgres'), 'data');
  const command = async (verb: string, ...more: string[]): Promise<string> =>
    (
      await run(process.execPath, [
        join(ROOT, 'scripts/stores/cluster-command.mjs'),
        verb,
        directory,
        ...more,
      ])
    ).stdout;
  const start = (): Promise<string> => command('start', 'fsync=off', 'full_page_writes=off');
  const { url } = JSON.parse(await start()) as { url: string };
  const silently = (verb: string) => async (): Promise<void> => void (await command(verb));
  return {
    ...{ url, directory },
    start: async () => void (await start()),
    stop: silently('stop'),
    kill: silently('kill'),
    freeze: silently('freeze'),
    thaw: silently('thaw'),
    destroy: endLater(silently('destroy')),
  };
}
