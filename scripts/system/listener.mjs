import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { commandOf } from './processes.mjs';

const LISTENS = '0A';
const SHOWN_CHARACTERS = 120;

/** Who listens on a TCP port of this machine: `{ pid, command }`, or null when this user may not see it. */
export function listenerOn(port) {
  const pid = process.platform === 'linux' ? linuxListener(port) : lsofListener(port);
  return pid === null ? null : { pid, command: commandOf(pid).slice(0, SHOWN_CHARACTERS) || 'a process' };
}

function linuxListener(port) {
  const sockets = new Set(['tcp', 'tcp6'].flatMap((table) => socketsIn(table, port)));
  if (sockets.size === 0) return null;
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const found = pids.find((pid) => linksOf(pid).some((link) => sockets.has(link)));
  return found === undefined ? null : Number(found);
}

/** proc(5): `sl local_address rem_address st … inode`, the port in hex after the colon. */
function socketsIn(table, port) {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  return textOf(`/proc/net/${table}`)
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => state === LISTENS && local.endsWith(`:${wanted}`))
    .map((fields) => `socket:[${fields[9]}]`);
}

function textOf(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Another user's process shows none. */
function linksOf(pid) {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((descriptor) => linkOf(`/proc/${pid}/fd/${descriptor}`));
  } catch {
    return [];
  }
}

function linkOf(file) {
  try {
    return readlinkSync(file);
  } catch {
    return '';
  }
}

function lsofListener(port) {
  const { stdout } = spawnSync('lsof', ['-nP', '-t', `-iTCP:${port}`, '-sTCP:LISTEN'], { encoding: 'utf8' });
  return Number(stdout?.split('\n')[0]) || null;
}
