import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../../../scripts/system/paths.mjs';

const MAIN = path.join(ROOT, 'test/faults/bench/main.mjs');
/** A run that has come to no verdict by then never will. */
const LONGEST_MS = 300_000;

/** Runs of the bench over a checkout, one at a time, each in a process of its own. The verdicts are written there. */
export class Judge {
  #child = null;
  #isOver = false;

  constructor(root) {
    this.root = root;
  }

  /** `broken`: `{ name, bad }` of each invariant that the run breaks; null when it came to no verdict, and `said` tells why. */
  async of(run) {
    const file = path.join(this.root, 'verdict.json');
    rmSync(file, { force: true });
    const words = [...run.split(' '), '--lenient', '--as-built', '--root', this.root, '--json', file];
    const startedMs = performance.now();
    const said = await this.#saidBy([MAIN, ...words]);
    const broken = verdictsIn(file)?.filter(({ holds }) => holds === false) ?? null;
    const took = `${Math.round((performance.now() - startedMs) / 1000)} s`;
    return { broken, said: /.*Error.*/.exec(said)?.[0] ?? said.trim().split('\n').at(-1), took };
  }

  #saidBy(words) {
    return new Promise((resolve) => {
      // The channel carries nothing: when it breaks, the bench knows that nobody waits for it any more.
      const bench = spawn(process.execPath, words, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
      this.#child = bench;
      const tooLong = setTimeout(() => bench.kill('SIGTERM'), LONGEST_MS);
      let said = '';
      bench.stdout.on('data', (piece) => (said += piece));
      bench.stderr.on('data', (piece) => (said += piece));
      bench.once('close', () => {
        clearTimeout(tooLong);
        this.#child = null;
        // Whoever ended it wants no verdict, and no next run.
        if (!this.#isOver) resolve(said);
      });
    });
  }

  /** Ends the run that is under way, with all that it has started, and takes no other. */
  async end() {
    this.#isOver = true;
    const bench = this.#child;
    if (bench === null) return;
    bench.kill('SIGTERM');
    await new Promise((resolve) => bench.once('close', resolve));
  }
}

function verdictsIn(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).verdicts;
  } catch {
    return null;
  }
}
