/** Builds the three apps into dist/, unless nothing has changed since the last build. Quiet unless it fails. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { Refusal } from './system/files.mjs';
import { tryLock } from './system/lock.mjs';
import { refuseMissingPackages } from './system/packages.mjs';
import { APPS, entryOf, ROOT, toolOf } from './system/paths.mjs';

const DIST = path.join(ROOT, 'dist');
const HASH_FILE = path.join(DIST, '.build-hash');
const MIGRATIONS = path.join('libs', 'records', 'src', 'migrations');
const CONFIGURATION = ['tsconfig.json', 'nest-cli.json', 'package-lock.json', 'scripts/build.mjs'];

/**
 * Returns true when it built, false when dist/ was up to date. Throws a Refusal that carries tsc's words, or says that
 * the packages are missing.
 */
export async function build({ say = () => undefined } = {}) {
  refuseMissingPackages();
  mkdirSync(DIST, { recursive: true });
  const lock = await waitForTurn();
  try {
    const hash = sourceHash();
    if (isUpToDate(hash)) return false;
    rmSync(HASH_FILE, { force: true });
    say('Building the apps ...');
    // All are waited for: nobody may still write into dist/ when the lock is gone.
    const faults = (await Promise.allSettled(APPS.map(compile))).filter(
      ({ status }) => status === 'rejected',
    );
    if (faults.length > 0) throw faults[0].reason;
    APPS.forEach(copyMigrations);
    writeFileSync(HASH_FILE, hash);
    return true;
  } finally {
    lock.release();
  }
}

async function waitForTurn() {
  for (;;) {
    const lock = tryLock(path.join(DIST, '.build-lock'), { what: 'npm run build' });
    if (!lock.holder) return lock;
    await pause(200);
  }
}

const isUpToDate = (hash) =>
  existsSync(HASH_FILE) && readFileSync(HASH_FILE, 'utf8') === hash && APPS.every((app) => entryIsThere(app));

function entryIsThere(app) {
  try {
    return Boolean(entryOf(app));
  } catch {
    return false;
  }
}

/** Of everything that a build reads; tests are not part of it. */
function sourceHash() {
  const hash = createHash('sha256').update(process.version);
  const sources = ['apps', 'libs'].flatMap(filesBelow).filter((file) => !/spec\.ts$/.test(file));
  for (const file of [...CONFIGURATION, ...sources.sort()]) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(path.join(ROOT, file)))
      .update('\0');
  }
  return hash.digest('hex');
}

function filesBelow(directory) {
  return readdirSync(path.join(ROOT, directory), { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(directory, entry.name);
    return entry.isDirectory() ? filesBelow(file) : [file];
  });
}

function compile(app) {
  return new Promise((resolve, reject) => {
    const nest = spawn(process.execPath, [toolOf('@nestjs/cli/bin/nest.js'), 'build', app], { cwd: ROOT });
    let said = '';
    nest.stdout.on('data', (chunk) => (said += chunk));
    nest.stderr.on('data', (chunk) => (said += chunk));
    nest.once('error', reject);
    nest.once('close', (code) => {
      if (code === 0 && entryIsThere(app)) resolve();
      else reject(new Refusal(`The app ${app} does not build (exit ${code}):\n${readable(said)}`));
    });
  });
}

/** Nest always colours. */
const readable = (text) => (process.stderr.isTTY ? text : stripVTControlCharacters(text)).trim();

/** tsc leaves .sql and .json files behind; the migrator looks for them beside its compiled file. */
function copyMigrations(app) {
  const target = path.join(DIST, 'apps', app, MIGRATIONS);
  const source = path.join(ROOT, MIGRATIONS);
  if (!existsSync(source) || !existsSync(path.dirname(target))) return;
  cpSync(source, target, { recursive: true });
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    const built = await build();
    process.stdout.write(
      built ? 'Built apps/api, apps/worker and apps/sandbox.\n' : 'Nothing has changed.\n',
    );
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
