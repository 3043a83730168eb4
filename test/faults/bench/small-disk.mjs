import { spawnSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdirSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Refusal } from '../../../scripts/system/files.mjs';

const PIECES = [Buffer.alloc(1024 * 1024, 1), Buffer.alloc(4096, 1)];
/** PostgreSQL gives back what a checkpoint removes; a disk that is full stays full. */
const TOP_UP_MS = 50;

/** A disk of few megabytes in memory, which a file fills to its last page. Linux and root alone may mount one. */
export class SmallDisk {
  #file = null;
  #topUp = null;

  /** @throws Refusal where this machine allows no mount */
  async open({ directory, megabytes }) {
    this.directory = directory;
    mkdirSync(directory, { mode: 0o711 });
    const options = `size=${megabytes}m,mode=0711`;
    const mounted =
      os.type() === 'Linux' &&
      spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'longhaul-small-disk', directory], {
        encoding: 'utf8',
      });
    if (mounted?.status === 0) return this;
    const why = mounted ? (mounted.error?.code ?? mounted.stderr.trim()) : `this is ${os.type()}`;
    throw new Refusal(
      `NOT RUN: a full disk needs a small one, and none can be mounted here (${why}). Be root on Linux. Nothing was proved.`,
    );
  }

  /** Not a page is left, and none that comes free stays so, until `free`. */
  fill() {
    this.#file ??= openSync(this.#filler, 'w', 0o600);
    this.#write();
    this.#topUp ??= setInterval(() => this.#write(), TOP_UP_MS);
  }

  free() {
    clearInterval(this.#topUp);
    this.#topUp = null;
    if (this.#file === null) return;
    ftruncateSync(this.#file);
    closeSync(this.#file);
    this.#file = null;
    rmSync(this.#filler, { force: true });
  }

  get freeBytes() {
    const { bavail, bsize } = statfsSync(this.directory);
    return bavail * bsize;
  }

  /** When nothing on it is open any more. */
  async close() {
    this.free();
    const { status, stderr } = spawnSync('umount', [this.directory], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`The small disk is still mounted: ${stderr}`);
  }

  #write() {
    for (const piece of PIECES) while (this.#takes(piece));
  }

  #takes(piece) {
    try {
      return writeSync(this.#file, piece) === piece.length;
    } catch (error) {
      if (error.code === 'ENOSPC') return false;
      throw error;
    }
  }

  get #filler() {
    return path.join(this.directory, 'filler');
  }
}
