import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT, scratchDirectory } from '../support/scratch';
import { backEnds } from '../support/stores';

const RUN_MS = 280_000;
/** A machine that has other work takes seconds to start a process. */
const WORDS_MS = 60_000;
const MAIN = 'test/faults/bench/main.mjs';

interface Verdict {
  readonly name: string;
  readonly isTime: boolean;
  readonly holds: boolean | null;
  readonly said: string;
  readonly bad: readonly string[];
}
interface Report {
  readonly verdicts: readonly Verdict[];
  readonly faults: readonly { readonly kind: string }[];
}

const bench = (words: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  promisify(execFile)(process.execPath, [MAIN, ...words], { cwd: ROOT, env: { ...process.env, ...env } });

/** The bench kills a Redis of its own: backEnds() says whether this machine has one. */
const describeRedis = backEnds().includes('redis') ? describe : describe.skip;

/** Bounds of time are for a quiet machine: `npm run test:faults` judges them. */
describeRedis('npm run test:faults, in small', () => {
  it(
    'breaks no invariant while processes and stores are killed, frozen and cut off, and leaves nothing behind',
    async () => {
      const temporary = scratchDirectory('faults');
      const json = join(scratchDirectory('faults-report'), 'report.json');
      const words = ['--jobs', '150', '--seed', '3', '--seconds', '20', '--processes', '3', '--lease', '5'];
      const run = bench([...words, '--lenient', '--json', json], { TMPDIR: temporary });
      const { stdout } = await run.catch((failed: { stdout: string }) => failed);

      const { verdicts, faults } = JSON.parse(readFileSync(json, 'utf8')) as Report;
      const broken = verdicts.filter(({ holds, isTime }) => holds === false && !isTime);
      expect(broken.map(({ name, said, bad }) => ({ name, said, bad: bad.slice(0, 3) }))).toEqual([]);
      expect(faults.length).toBeGreaterThanOrEqual(3);
      expect(stdout).toMatch(/^PASSED$/m);
      expect(readdirSync(temporary)).toEqual([]);
    },
    RUN_MS,
  );

  it(
    'refuses words that it does not know, with its usage',
    async () => {
      await expect(bench(['--profile', 'mysql'])).rejects.toMatchObject({
        code: 2,
        stderr: expect.stringContaining('--seed'),
      });
    },
    WORDS_MS,
  );

  it(
    'says what it needs where there is no redis-server',
    async () => {
      const node = scratchDirectory('path');
      await expect(bench([], { PATH: node })).rejects.toMatchObject({
        code: 2,
        stderr: expect.stringContaining('Install redis-server'),
      });
    },
    WORDS_MS,
  );
});
