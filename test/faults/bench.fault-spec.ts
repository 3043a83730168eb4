import { readdirSync } from 'node:fs';
import { bench, judged, RUN_MS } from '../support/fault-bench';
import { scratchDirectory } from '../support/scratch';
import { backEnds } from '../support/stores';

/** A machine that has other work takes seconds to start a process. */
const WORDS_MS = 60_000;

/** The bench kills a Redis of its own: backEnds() says whether this machine has one. */
const describeRedis = backEnds().includes('redis') ? describe : describe.skip;

describeRedis('npm run test:faults, in small', () => {
  it(
    'breaks no invariant while processes and stores are killed, frozen and cut off, and leaves nothing behind',
    async () => {
      const temporary = scratchDirectory('faults');
      const words = ['--jobs', '150', '--seed', '3', '--seconds', '20', '--processes', '3', '--lease', '5'];
      const { broken, faults, stdout } = await judged(words, { TMPDIR: temporary });
      expect(broken).toEqual([]);
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
