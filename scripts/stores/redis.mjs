import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { accessSync, closeSync, constants, mkdirSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openLog, tailOf } from '../system/files.mjs';
import { freePort } from '../system/ports.mjs';
import { identityOf } from '../system/processes.mjs';

const PROGRAMS = ['redis-server', 'valkey-server'];
const OLDEST = [6, 2];
const READY_MS = 30_000;

/**
 * The dispatch store: the server of `REDIS_URL`, else a child process when redis-server or valkey-server is on
 * PATH, else none, which means BullMQ's PostgreSQL back end. Returns `{ url, chosen, child, stop }`.
 */
export async function openRedis({ env, dataDir }) {
  const nothing = { url: null, stop: async () => undefined };
  if (env.REDIS_URL) {
    return { ...nothing, url: env.REDIS_URL, chosen: 'Queue:      Redis, the server of REDIS_URL' };
  }
  const { program, version, reason } = findRedisServer(env);
  if (!program) return { ...nothing, chosen: `Queue:      BullMQ's PostgreSQL back end (${reason})` };
  try {
    const server = await startRedis({ program, dataDir });
    const chosen = `Queue:      ${path.basename(program)} ${version}, started on 127.0.0.1:${server.port} (REDIS_URL is not set)`;
    const { port, password } = server;
    return { ...server, chosen, restart: () => startRedis({ program, dataDir, port, password }) };
  } catch (error) {
    return { ...nothing, chosen: `Queue:      BullMQ's PostgreSQL back end (${error.message})` };
  }
}

/** `{ program, version }` of the first usable server on PATH, else `{ reason }`. */
export function findRedisServer(env) {
  let reason = 'REDIS_URL is not set, and neither redis-server nor valkey-server is on PATH';
  for (const program of PROGRAMS.flatMap((name) => onPath(name, env))) {
    const version = /v=(\d+)\.(\d+)\S*/.exec(
      spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout ?? '',
    );
    if (!version) {
      reason = `${program} does not run`;
      continue;
    }
    const [major, minor] = [Number(version[1]), Number(version[2])];
    if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) {
      return { program, version: version[0].slice(2) };
    }
    reason = `${program} is ${major}.${minor}, and ${OLDEST.join('.')} is the oldest that serves`;
  }
  return { reason };
}

function onPath(name, env) {
  const places = (env.PATH ?? '').split(path.delimiter).filter(path.isAbsolute);
  return places
    .map((place) => path.join(place, name))
    .filter((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/**
 * A server of our own with its append-only file in `<dataDir>/redis`. Everything it needs, the password too,
 * goes in through its standard input: an argument would be readable in the process list.
 */
export async function startRedis({ program, dataDir, port, password }) {
  const directory = path.join(dataDir, 'redis');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  for (let triesLeft = 3; ; triesLeft -= 1) {
    const server = launch({ program, dataDir, directory, port: port ?? (await freePort()), password });
    const gaveUp = await readyOrEnded(server);
    if (!gaveUp) return server;
    const said = tailOf(server.logFile, 3);
    if (triesLeft === 1 || port !== undefined || !said.includes('ddress already in use')) {
      throw new Error(`${path.basename(program)} did not start: ${gaveUp}: ${said}`);
    }
  }
}

/** A `password` is given for a server that takes another's place: its clients know that one. */
function launch({ program, dataDir, directory, port, password = randomBytes(24).toString('base64url') }) {
  const log = openLog(dataDir, 'redis');
  const child = spawn(program, ['-'], {
    detached: true,
    cwd: directory,
    env: { PATH: process.env.PATH ?? '', LC_ALL: 'C' },
    stdio: ['pipe', log.descriptor, log.descriptor],
  });
  closeSync(log.descriptor);
  child.stdin.on('error', () => undefined);
  child.stdin.end(configuration({ port, password, directory }));
  const ended = new Promise((resolve) => {
    child.once('error', resolve);
    child.once('exit', resolve);
  });
  const stop = async () => {
    child.kill('SIGTERM');
    child.kill('SIGCONT');
    const forced = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(forced);
  };
  const url = `redis://:${password}@127.0.0.1:${port}`;
  const { pid } = child;
  return { child, pid, identity: identityOf(pid), port, password, url, logFile: log.file, ended, stop };
}

// The queue's keys must never be evicted: a lost key is a lost bell.
const configuration = ({ port, password, directory }) =>
  [
    'bind 127.0.0.1',
    `port ${port}`,
    `requirepass ${password}`,
    'maxmemory-policy noeviction',
    'appendonly yes',
    'appendfsync everysec',
    'save ""',
    `dir ${JSON.stringify(directory)}`,
    '',
  ].join('\n');

async function readyOrEnded({ child, port, password, ended }) {
  let end = null;
  void ended.then(
    (how) => (end = how instanceof Error ? how.message : `it ended at once (${how ?? 'killed'})`),
  );
  const givesUpAt = performance.now() + READY_MS;
  while (end === null) {
    if (await pings(port, password)) return null;
    if (performance.now() > givesUpAt) {
      child.kill('SIGKILL');
      return `no answer within ${READY_MS / 1000} s`;
    }
    await pause(30);
  }
  return end;
}

/** True when the server takes our password and serves commands (while it loads its file it does not). */
function pings(port, password) {
  return new Promise((resolve) => {
    const socket = net.connect({ port, host: '127.0.0.1' });
    let said = '';
    const answer = (value) => {
      socket.destroy();
      resolve(value);
    };
    socket.setTimeout(2_000, () => answer(false));
    socket.on('error', () => answer(false));
    socket.on('close', () => answer(false));
    socket.on('data', (chunk) => {
      said += chunk;
      if (said.includes('+PONG')) answer(true);
      else if (said.includes('-')) answer(false);
    });
    socket.on('connect', () => socket.write(`AUTH ${password}\r\nPING\r\n`));
  });
}
