import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts a process's time in hundredths of a second (USER_HZ), whatever the kernel's own tick is. */
const TICK_MS = 10;

/** From the state on. The command's name stands in brackets and may itself hold brackets and blanks. */
function statOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}

/** User and system time of a process so far; null where the machine does not tell. */
export function cpuMsOf(pid) {
  const stat = statOf(pid);
  return stat === null ? null : (Number(stat[11]) + Number(stat[12])) * TICK_MS;
}

/** The same for a server that has a process for each connection, ended ones included. */
export function familyCpuMsOf(pid) {
  const own = statOf(pid);
  if (own === null) return null;
  const reapedMs = (Number(own[13]) + Number(own[14])) * TICK_MS;
  const children = readdirSync('/proc').filter(
    (name) => /^\d+$/.test(name) && Number(statOf(name)?.[1]) === pid,
  );
  return children.reduce((sum, child) => sum + (cpuMsOf(child) ?? 0), cpuMsOf(pid) + reapedMs);
}

/** Memory that a process keeps in RAM. */
export function rssMbOf(pid) {
  const said = spawnSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' }).stdout;
  const kilobytes = Number(said?.trim());
  return kilobytes > 0 ? kilobytes / 1024 : residentMb(pid);
}

function residentMb(pid) {
  try {
    return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
  } catch {
    return null;
  }
}
