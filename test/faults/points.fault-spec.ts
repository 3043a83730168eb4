import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { promisify } from 'node:util';
import { ROOT, scratchDirectory } from '../support/scratch';
import { backEnds } from '../support/stores';

const RUN_MS = 280_000;
const MAIN = 'test/faults/bench/main.mjs';

/** One of each mode. */
const VISITS = ['after:accept:timeout', 'after:claim_together:stop', 'after:spool:kill worker cut-off'];

/** The bench has a Redis of its own: backEnds() says whether this machine has one. */
const describeRedis = backEnds().includes('redis') ? describe : describe.skip;

describeRedis('npm run test:faults -- --points, in small', () => {
  it(
    'comes to each point, breaks no invariant there, and leaves nothing behind',
    async () => {
      const temporary = scratchDirectory('points');
      const words = [MAIN, '--points', '--only', VISITS.join(',')];
      const run = promisify(execFile)(process.execPath, words, {
        ...{ cwd: ROOT, env: { ...process.env, TMPDIR: temporary } },
      });
      const { stdout } = await run.catch((failed: { stdout: string }) => failed);
      expect(stdout).toMatch(/^3 points × modes: 3 visited, 3 hold/m);
      expect(stdout).not.toMatch(/MISSED|BROKEN/);
      expect(readdirSync(temporary)).toEqual([]);
    },
    RUN_MS,
  );
});
