import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT, scratchDirectory } from '../support/scratch';

const RUN_MS = 170_000;

interface Spread {
  readonly median: number;
}
interface Result {
  readonly backEnd: string;
  readonly versions: { readonly settings: Readonly<Record<string, string>> };
  readonly figures: Readonly<Record<'floor' | 'longhaul', Readonly<Record<string, Spread | null>>>>;
  readonly honesty: Readonly<Record<string, number>>;
  readonly targets: readonly { readonly what: string; readonly got: number | null }[];
}

/** Fast or slow is no matter of a test: the shape of what it says, and what it leaves. */
describe('npm run bench', () => {
  it(
    'measures floor and Longhaul side by side on durable stores, and leaves nothing behind',
    async () => {
      const temporary = scratchDirectory('bench');
      const json = join(scratchDirectory('bench-figures'), 'figures.json');
      const words = ['scripts/bench.mjs', '--quick', '--jobs', '50', '--only', 'postgres', '--json', json];
      const env = { ...process.env, TMPDIR: temporary };
      const { stdout } = await promisify(execFile)(process.execPath, words, { cwd: ROOT, env });

      const { results } = JSON.parse(readFileSync(json, 'utf8')) as { readonly results: readonly Result[] };
      const [result] = results;
      expect(results.map(({ backEnd }) => backEnd)).toEqual(['postgres']);
      expect(result?.versions.settings).toMatchObject({ fsync: 'on', synchronous_commit: 'on' });
      for (const side of ['floor', 'longhaul'] as const) {
        for (const figure of ['jobsPerSecond', 'acceptsPerSecond', 'pollsPerSecond', 'pickUpP50Ms']) {
          expect([side, figure, result?.figures[side][figure]?.median]).toEqual([
            side,
            figure,
            expect.any(Number),
          ]);
        }
      }
      expect(result?.honesty.ledgerRows).toBe(result?.honesty.jobs);
      expect(result?.targets.every(({ got }) => got !== null)).toBe(true);
      expect(stdout).toMatch(/^\| end to end, jobs\/s .*\|$/m);
      expect(readdirSync(temporary)).toEqual([]);
    },
    RUN_MS,
  );

  it('refuses words that it does not know, with its usage', async () => {
    const asked = promisify(execFile)(process.execPath, ['scripts/bench.mjs', '--only', 'mysql'], {
      cwd: ROOT,
    });
    await expect(asked).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('--profile') });
  });
});
