import {
  closeSync,
  constants,
  existsSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  chownSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Refusal } from '../system/files.mjs';
import { tryLock } from '../system/lock.mjs';
import { entryOf, parseEntries, randomKey, refuseBadWish, textOf } from './entry.mjs';

const WIDER_THAN_0600 = 0o177;
const TURN_MS = 20_000;

/** `place` is `{ file, owner }`: the uid to which the file belongs, and under which the API reads it. */
export const listKeys = (place) => readEntries(place) ?? [];

/** Returns the new key, which is nowhere else. */
export async function addKey(place, wish) {
  refuseBadWish(wish);
  const key = randomKey();
  await change(place, (entries) => {
    if (entries.some(({ name }) => name === wish.name)) {
      throw new Refusal(
        `${place.file} has a key of ${wish.name} already. Choose another name, or remove that one first: ` +
          `npm run key -- --remove --name ${wish.name}`,
      );
    }
    return [...entries, entryOf(key, wish)];
  });
  return key;
}

export async function removeKey(place, name) {
  await change(place, (entries) => {
    const rest = entries.filter((entry) => entry.name !== name);
    if (rest.length === entries.length) {
      throw new Refusal(`${place.file} has no key of ${name}. npm run key -- --list shows the names.`);
    }
    // The API refuses a file without keys, and one that runs would go on with what it knew.
    if (rest.length === 0) {
      throw new Refusal(
        `${name} has the last key of ${place.file}. Make another one first; or, to ask nobody for a key again, ` +
          'delete the file, unset LONGHAUL_API_KEYS_FILE and restart the API.',
      );
    }
    return rest;
  });
}

/** Read, changed and written under a lock, so that two at once lose no key. */
async function change(place, edit) {
  makeFolder(place);
  const lock = await waitForTurn(`${place.file}.lock`);
  try {
    write(place, textOf(edit(readEntries(place) ?? [])));
  } finally {
    lock.release();
  }
}

function makeFolder({ file, owner }) {
  const folder = path.dirname(file);
  try {
    if (existsSync(folder)) return;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (process.getuid?.() === 0) chownSync(folder, owner, owner);
  } catch (error) {
    throw new Refusal(
      `The folder ${folder} cannot be made (${error.code}). Make it, or name another --file.`,
    );
  }
}

async function waitForTurn(file) {
  for (const givesUpAt = performance.now() + TURN_MS; ;) {
    const lock = lockOrRefuse(file);
    if (!lock.holder) return lock;
    if (performance.now() > givesUpAt) {
      throw new Refusal(`${file} is held by pid ${lock.holder.pid}. Wait for it, or end it, and try again.`);
    }
    await pause(20 + Math.random() * 40);
  }
}

function lockOrRefuse(file) {
  try {
    return tryLock(file, { command: 'npm run key' });
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal(
      `This user cannot write in ${path.dirname(file)} (${error.code}). Run this as the owner of that folder.`,
    );
  }
}

/** Null when there is no file. The rule and its words are those of libs/settings/src/owned-file.ts. */
function readEntries({ file, owner }) {
  const refuse = (problem, fix) => {
    throw new Refusal(`${file} is refused: ${problem}. ${fix}`);
  };
  let descriptor;
  try {
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch ({ code }) {
    if (code === 'ENOENT') return null;
    if (code === 'ELOOP') return refuse('it is a symbolic link', 'Point to the file itself');
    return refuse(`it cannot be opened (${code})`, 'Make it readable for this user alone');
  }
  try {
    const { mode, uid, isFile } = statOf(descriptor);
    if (!isFile) refuse('it is not a regular file', 'Point to the file itself');
    if ((mode & WIDER_THAN_0600) !== 0) {
      refuse(`its mode is ${mode.toString(8).padStart(4, '0')}, wider than 0600`, 'Run chmod 600 on it');
    }
    if (owner !== null && uid !== owner && uid !== 0) {
      const asRoot = process.getuid?.() === 0 ? `, or say --owner ${uid}` : '';
      refuse('it belongs to another user', `Run chown on it: to the user of Longhaul, or to root${asRoot}`);
    }
    return parseEntries(readFileSync(descriptor, 'utf8'), file);
  } finally {
    closeSync(descriptor);
  }
}

function statOf(descriptor) {
  const stat = fstatSync(descriptor);
  return { mode: stat.mode & 0o777, uid: stat.uid, isFile: stat.isFile() };
}

/** Whole or not at all, on the disk, readable by its owner alone. */
function write({ file, owner }, text) {
  const draft = `${file}.${process.pid}.draft`;
  try {
    const descriptor = openSync(draft, 'wx', 0o600);
    try {
      if (process.getuid?.() === 0) fchownSync(descriptor, owner, owner);
      writeFileSync(descriptor, text);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(draft, file);
    flushFolder(path.dirname(file));
  } catch (error) {
    rmSync(draft, { force: true });
    throw new Refusal(`${file} could not be written (${error.code}); it is as it was.`);
  }
}

/** A rename is on the disk when its folder is. */
function flushFolder(folder) {
  const descriptor = openSync(folder, constants.O_RDONLY);
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
