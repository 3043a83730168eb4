import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const POLL_MS = 50;

/**
 * What tells a process from a later one with the same pid, or null when there is none. A pid alone proves
 * nothing: after a reboot, and in a container after every start, it belongs to somebody else. A zombie counts
 * as gone: nobody may be there to reap it (a container's first process often does not).
 */
export function identityOf(pid) {
  return process.platform === 'linux' ? linuxIdentity(pid) : psIdentity(pid);
}

function linuxIdentity(pid) {
  try {
    const fields = statFields(pid);
    if (fields[0] === 'Z' || fields[0] === 'X') return null;
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot}:${fields[19]}`;
  } catch {
    return null;
  }
}

/** proc(5), from the state on. The command's name stands in brackets and may itself hold brackets and blanks. */
function statFields(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/** The parent's pid, or null. */
export function parentOf(pid) {
  try {
    if (process.platform === 'linux') return Number(statFields(pid)[1]) || null;
    return Number(spawnSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8' }).stdout) || null;
  } catch {
    return null;
  }
}

function psIdentity(pid) {
  const answer = spawnSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' });
  const [state, ...started] = answer.stdout.trim().split(/\s+/);
  return answer.status !== 0 || !state || state.startsWith('Z') ? null : started.join(' ');
}

/** The command line of a process, or an empty string. */
export function commandOf(pid) {
  try {
    if (process.platform === 'linux') {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    }
    return spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim();
  } catch {
    return '';
  }
}

/** True while the process that was written down as `{ pid, identity }` is the one that runs. */
export const stillRuns = ({ pid, identity }) => identity !== null && identityOf(pid) === identity;

/** Waits until `gone()`; false when it took longer. */
export async function waitUntil(gone, withinMs) {
  const endsAt = performance.now() + withinMs;
  while (!gone()) {
    if (performance.now() > endsAt) return false;
    await pause(POLL_MS);
  }
  return true;
}

/** Sends a signal; a process that is already gone is no fault. */
export function signal(pid, name) {
  try {
    process.kill(pid, name);
    return true;
  } catch (error) {
    if (error.code === 'ESRCH') return false;
    throw error;
  }
}

/** Ends a process that may have no parent here: politely, then, after `withinMs`, by force. */
export async function endProcess(written, withinMs) {
  if (!stillRuns(written)) return;
  signal(written.pid, 'SIGTERM');
  // A stopped process takes no SIGTERM before it goes on.
  signal(written.pid, 'SIGCONT');
  if (await waitUntil(() => !stillRuns(written), withinMs)) return;
  signal(written.pid, 'SIGKILL');
  await waitUntil(() => !stillRuns(written), 5_000);
}
