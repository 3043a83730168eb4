import { linkSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { readJson, writePrivately } from './files.mjs';
import { identityOf, stillRuns } from './processes.mjs';

/**
 * Takes a lock file for this process. Guarantees: at most one live process holds it; the lock of a dead one,
 * also of one whose pid somebody else has now, is taken over.
 * Returns `{ holder }` (who has it), or `{ update, release, left }`, where `left` is what a dead holder had
 * written, or null.
 */
export function tryLock(file, about) {
  const mine = { ...about, pid: process.pid, identity: identityOf(process.pid) };
  const draft = `${file}.draft-${process.pid}`;
  writeFileSync(draft, JSON.stringify(mine, null, 2), { mode: 0o600 });
  try {
    let left = null;
    // A link is made whole or not at all, and fails when the name is taken.
    while (!linked(draft, file)) {
      const holder = readJson(file);
      if (holder && stillRuns(holder)) return { holder };
      left = putAside(file, holder) ?? left;
    }
    return held(file, mine, left);
  } finally {
    rmSync(draft, { force: true });
  }
}

function linked(draft, file) {
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Two processes may find the same dead lock: what was moved aside is looked at again, and a live one put back. */
function putAside(file, holder) {
  const aside = `${file}.stale-${process.pid}`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
  const moved = readJson(aside);
  if (moved && stillRuns(moved)) linked(aside, file);
  rmSync(aside, { force: true });
  return moved ?? holder;
}

function held(file, mine, left) {
  return {
    left,
    /** Adds to what the next process reads, should this one be killed. */
    update(more) {
      Object.assign(mine, more);
      writePrivately(file, JSON.stringify(mine, null, 2));
    },
    release() {
      if (readJson(file)?.identity === mine.identity) rmSync(file, { force: true });
    },
  };
}
