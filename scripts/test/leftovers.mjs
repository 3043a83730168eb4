import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { readJson, textOf } from '../system/files.mjs';
import { endProcess, identityOf } from '../system/processes.mjs';

const GRACE_MS = 3_000;

/**
 * Ends what tests started and did not end (a test process may be killed before its own clean-up). Every process
 * of a test is written down in `<scratch>/processes/<pid>`; every cluster has its directory below `<scratch>`.
 */
export async function endLeftovers(scratch) {
  const written = path.join(scratch, 'processes');
  const processes = existsSync(written) ? readdirSync(written) : [];
  const ended = [];
  for (const name of processes) {
    const pid = Number(name);
    const [label, identity] = readFileSync(path.join(written, name), 'utf8').split('\n');
    if (identityOf(pid) !== identity) continue;
    ended.push(`${label} (pid ${pid})`);
    await endProcess({ pid, identity }, GRACE_MS);
  }
  for (const file of readdirSync(scratch, { recursive: true })) {
    if (path.basename(file) !== 'postgres.json') continue;
    ended.push(...(await endCluster(readJson(path.join(scratch, file))?.directory)));
  }
  return ended;
}

/** Also removes it: as root with a closed temporary directory it is not below `<scratch>`. */
async function endCluster(directory) {
  const written = directory ? textOf(path.join(directory, 'postmaster.pid')) : null;
  const pid = Number(written?.split('\n')[0] ?? 0);
  const identity = pid > 1 ? identityOf(pid) : null;
  if (identity) await endProcess({ pid, identity }, GRACE_MS);
  if (directory) rmSync(directory, { recursive: true, force: true });
  return identity ? [`PostgreSQL of ${directory} (pid ${pid})`] : [];
}
