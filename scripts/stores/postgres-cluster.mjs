import { spawn, spawnSync } from 'node:child_process';
import {
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Refusal, tailOf, textOf } from '../system/files.mjs';
import { freePort, portIsFree } from '../system/ports.mjs';
import { commandOf, identityOf, signal, waitUntil } from '../system/processes.mjs';

export const USER = 'longhaul';
const READY_MS = 60_000;
const STOP_MS = 30_000;
const POLL_MS = 40;

/**
 * One PostgreSQL cluster of our own: `{ directory, binaries, runAs, password, logFile }`, where `runAs` is
 * `{ uid, gid }` or null for this user. The server is its own session: neither Ctrl-C nor a killed launcher ends it.
 */
export const isMade = (cluster) => existsSync(path.join(cluster.directory, 'PG_VERSION'));

/** Makes the cluster beside its place and renames it when whole: a killed initdb leaves nothing to trip over. */
export function makeCluster(cluster) {
  const draft = `${cluster.directory}.making-${process.pid}`;
  const passwordFile = `${draft}.password`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true, mode: 0o700 });
  writeFileSync(passwordFile, `${cluster.password}\n`, { mode: 0o600 });
  if (cluster.runAs) {
    chownSync(draft, cluster.runAs.uid, cluster.runAs.gid);
    chownSync(passwordFile, cluster.runAs.uid, cluster.runAs.gid);
  }
  try {
    run(cluster, 'initdb', [
      ...['-D', draft, '-U', USER, `--pwfile=${passwordFile}`, '--auth=scram-sha-256'],
      ...['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
      // Each start recovers what a power cut left; the last sync of a fresh cluster only costs a newcomer's time.
      '--no-sync',
    ]);
    rmSync(cluster.directory, { recursive: true, force: true });
    renameSync(draft, cluster.directory);
  } finally {
    rmSync(passwordFile, { force: true });
    rmSync(draft, { recursive: true, force: true });
  }
}

/** Sets the superuser's password while no server runs: for a cluster whose written password was lost. */
export function resetPassword(cluster) {
  run(cluster, 'postgres', ['--single', '-D', cluster.directory, 'postgres'], {
    input: `ALTER ROLE ${USER} PASSWORD '${cluster.password}'\n`,
  });
}

function run(cluster, program, args, options = {}) {
  const done = spawnSync(path.join(cluster.binaries, 'bin', program), args, {
    encoding: 'utf8',
    cwd: '/',
    env: serverEnv(),
    ...cluster.runAs,
    ...options,
  });
  if (done.status === 0) return;
  const said = `${done.stdout ?? ''}${done.stderr ?? ''}`.trim().slice(-1500);
  throw new Refusal(
    `PostgreSQL's ${program} failed for ${cluster.directory} (${done.error?.code ?? `exit ${done.status}`}):\n` +
      `${said}\nMend that, or set DATABASE_URL to a PostgreSQL server (14 or later).`,
  );
}

/** Nothing of this process's environment may steer the server: no PGDATA, no PGPORT, no odd locale. */
const serverEnv = () => ({ PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' });

/** What postmaster.pid says about a live server of this cluster: `{ pid, identity, port }`, else null. */
export function runningServer(cluster) {
  const written = textOf(path.join(cluster.directory, 'postmaster.pid'));
  if (written === null) return null;
  const lines = written.split('\n');
  const pid = Number(lines[0]);
  const identity = Number.isInteger(pid) && pid > 1 ? identityOf(pid) : null;
  // The pid of a dead server may meanwhile be anybody's, and PostgreSQL itself then refuses to start.
  if (identity === null || !commandOf(pid).includes(cluster.directory)) return null;
  return { pid, identity, port: Number(lines[3]) || null };
}

/**
 * Starts the server, on `wantedPort` when that is free (so that its URL stays the same), and waits until it
 * answers. A backend that outlived a killed server holds its shared memory for a moment: then it is asked again.
 */
export async function startServer(cluster, { wantedPort, parameters = {} } = {}) {
  const givesUpAt = performance.now() + READY_MS;
  for (;;) {
    const port = wantedPort && (await portIsFree(wantedPort)) ? wantedPort : await freePort();
    rmSync(path.join(cluster.directory, 'postmaster.pid'), { force: true });
    const child = spawnServer(cluster, port, parameters);
    const ended = await readyOrEnded(cluster, { child, port, givesUpAt });
    if (!ended) return { pid: child.pid, identity: identityOf(child.pid), port };
    const said = tailOf(cluster.logFile);
    const worthAnotherTry = /could not bind|Address already in use|pre-existing shared memory/.test(said);
    if (!worthAnotherTry || performance.now() > givesUpAt) {
      throw new Refusal(
        `PostgreSQL did not start (${ended}). Its log ${cluster.logFile} ends with:\n${said}`,
      );
    }
    await pause(250);
  }
}

function spawnServer(cluster, port, parameters) {
  const settings = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: 200,
    fsync: 'on',
    synchronous_commit: 'on',
    ssl: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...parameters,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const log = openSync(cluster.logFile, 'a', 0o600);
  const child = spawn(path.join(cluster.binaries, 'bin', 'postgres'), ['-D', cluster.directory, ...flags], {
    detached: true,
    cwd: '/',
    env: serverEnv(),
    stdio: ['ignore', log, log],
    ...cluster.runAs,
  });
  closeSync(log);
  child.unref();
  return child;
}

async function readyOrEnded(cluster, { child, port, givesUpAt }) {
  let ended = null;
  child.once('error', (error) => (ended = error.message));
  child.once('exit', (code, signalName) => (ended ??= signalName ?? `exit ${code}`));
  while (ended === null) {
    if ((await whoAnswers(cluster, port)) === 'ours') return null;
    if (performance.now() > givesUpAt) {
      child.kill('SIGQUIT');
      return `no answer within ${READY_MS / 1000} s`;
    }
    await pause(POLL_MS);
  }
  return ended;
}

/**
 * Who is on this port: `ours` (takes our password and serves this very cluster), `foreign` (another cluster, or
 * our password is not its password), or `silent` (nobody, or still starting).
 */
export async function whoAnswers(cluster, port) {
  try {
    const rows = await query(cluster, { port, text: 'SHOW data_directory' });
    return rows[0]?.data_directory === cluster.directory ? 'ours' : 'foreign';
  } catch (error) {
    return error.code === '28P01' || error.code === '28000' ? 'foreign' : 'silent';
  }
}

export async function makeDatabase(cluster, port, name) {
  const found = await query(cluster, {
    port,
    text: 'SELECT 1 FROM pg_database WHERE datname = $1',
    values: [name],
  });
  if (found.length > 0) return;
  const { default: pg } = await import('pg');
  await query(cluster, { port, text: `CREATE DATABASE ${pg.escapeIdentifier(name)}` });
}

async function query(cluster, { port, text, values }) {
  // Not at the top: a launcher must come as far as to say that the packages are missing.
  const { default: pg } = await import('pg');
  const client = new pg.Client({
    ...{ host: '127.0.0.1', port, user: USER, password: cluster.password, database: 'postgres' },
    connectionTimeoutMillis: 5_000,
    query_timeout: 30_000,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query(text, values)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

export const urlOf = (cluster, port, database) =>
  `postgresql://${USER}:${cluster.password}@127.0.0.1:${port}/${database}`;

/** Fast shutdown: clients are cut off, everything committed is kept. The pid file goes last. */
export async function stopServer(cluster, server) {
  const gone = () => runningServer(cluster)?.identity !== server.identity;
  signal(server.pid, 'SIGINT');
  signal(server.pid, 'SIGCONT');
  if (await waitUntil(gone, STOP_MS)) return;
  signal(server.pid, 'SIGQUIT');
  if (await waitUntil(gone, 5_000)) return;
  throw new Refusal(`PostgreSQL (pid ${server.pid}) did not stop; see ${cluster.logFile}. End it by hand.`);
}
