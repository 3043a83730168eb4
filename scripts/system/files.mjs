import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { ROOT } from './paths.mjs';

const LEAST_FREE_MB = 64;

/** A fault that a person can mend: printed without a stack. */
export class Refusal extends Error {}

/** Writes a file that only its owner reads, whole or not at all. */
export function writePrivately(file, text) {
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  writeFileSync(draft, text, { mode: 0o600 });
  renameSync(draft, file);
}

/** The text of a file, or null when there is none: one that another process removes may go between any two looks. */
export function textOf(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
}

/** A JSON file, or null when it is missing or was cut off. */
export function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT' || error instanceof SyntaxError) return null;
    throw new Refusal(
      `${file} cannot be read by this user (${error.code}): an earlier start ran as uid ${statSync(file).uid}. ` +
        'Start as that user again, or set LONGHAUL_DATA_DIR to another directory.',
    );
  }
}

/** The data directory of this checkout or of `LONGHAUL_DATA_DIR`, made if need be and proven to be writable. */
export function openDataDir(env) {
  const dataDir = path.resolve(ROOT, env.LONGHAUL_DATA_DIR || '.longhaul');
  try {
    if (!existsSync(dataDir)) {
      makeDirectory(dataDir);
      // As root the database's own user has to walk through; everybody else keeps it to himself.
      chmodSync(dataDir, process.getuid?.() === 0 ? 0o711 : 0o700);
    }
    const probe = path.join(dataDir, `.probe-${process.pid}`);
    closeSync(openSync(probe, 'w'));
    rmSync(probe);
    mkdirSync(path.join(dataDir, 'logs'), { recursive: true, mode: 0o700 });
    accessSync(path.join(dataDir, 'logs'), constants.W_OK);
  } catch (error) {
    throw new Refusal(unwritable(dataDir, error));
  }
  refuseFullDisk(dataDir);
  return dataDir;
}

/** A fresh cluster takes 40 MB, and PostgreSQL stops dead where its log of changes cannot grow. */
function refuseFullDisk(dataDir) {
  const { bavail, bsize } = statfsSync(dataDir);
  const freeMb = Math.floor((bavail * bsize) / 2 ** 20);
  if (freeMb >= LEAST_FREE_MB) return;
  throw new Refusal(
    `The disk of the data directory ${dataDir} is full: ${freeMb} MB are free, and ${LEAST_FREE_MB} MB are needed. ` +
      'Free some space there, or set LONGHAUL_DATA_DIR to a directory on another disk.',
  );
}

/** Node's own `recursive` never returns where a parent exists and refuses with ENOENT, as everything in /proc does. */
function makeDirectory(directory) {
  if (existsSync(directory)) return;
  makeDirectory(path.dirname(directory));
  try {
    mkdirSync(directory);
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
}

function unwritable(dataDir, error) {
  const owner = existsSync(dataDir) ? `, owned by uid ${statSync(dataDir).uid}` : '';
  const me = process.getuid ? ` as uid ${process.getuid()}` : '';
  return (
    `Longhaul cannot write to its data directory ${dataDir}${me} (${error.code ?? error.message}${owner}). ` +
    'Give it to this user, or set LONGHAUL_DATA_DIR to a directory that this user may write.'
  );
}

/** Opens a log file for a child; the log of the start before is kept beside it as `.1`, unless this one goes on in it. */
export function openLog(dataDir, name, { isAgain = false } = {}) {
  const file = path.join(dataDir, 'logs', `${name}.log`);
  if (!isAgain) keepOldLog(file);
  return { file, descriptor: openSync(file, 'a', 0o600) };
}

export function keepOldLog(file) {
  if (existsSync(file)) renameSync(file, `${file}.1`);
}

/** The last lines of a file, for a message; empty when there are none. */
export function tailOf(file, lines = 15) {
  return (textOf(file) ?? '').trimEnd().split('\n').slice(-lines).join('\n');
}

/** Tried, not computed: ACLs, mount options and every parent have their say. */
export function canEnter(directory, { uid, gid }) {
  const tried = spawnSync('/bin/sh', ['-c', 'cd "$1"', 'sh', directory], { uid, gid, cwd: '/' });
  return tried.status === 0;
}
