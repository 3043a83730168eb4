import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { launch } from '../support/launchers';
import { ROOT, scratchDirectory } from '../support/scratch';

jest.setTimeout(60_000);

describe('a checkout without its packages', () => {
  it.each(['start', 'demo', 'build'])('is told the command that installs them, by %s', async (name) => {
    const directory = scratchDirectory('checkout');
    cpSync(join(ROOT, 'scripts'), join(directory, 'scripts'), { recursive: true });
    const launched = launch([join(directory, 'scripts', `${name}.mjs`)], {});
    expect(await launched.exited).toBe(1);
    expect(launched.output()).toBe('The packages are missing. Run: npm ci\n');
  });
});

describe('npm start', () => {
  const dataDir = (): string => join(scratchDirectory('start'), 'data');
  const start = (...words: string[]) =>
    launch(['scripts/start.mjs', ...words], { LONGHAUL_DATA_DIR: dataDir() });

  it.each([['--port', '3099'], ['--ports=3099'], ['3099']])(
    'refuses %s, and says how it is done',
    async (...words) => {
      const launched = start(...words);
      expect(await launched.exited).toBe(2);
      expect(launched.output()).toMatch(/takes no options.*PORT=3001 npm start/s);
    },
  );

  it('with --help says how it is used, and starts nothing', async () => {
    const launched = start('--help');
    expect(await launched.exited).toBe(0);
    expect(launched.output()).toMatch(/^Usage: npm start\n/);
  });
});

describe('the last line of a log', () => {
  it.each([
    ['{"level":50,"msg":"PostgreSQL is away"}', 'PostgreSQL is away'],
    ['{"level":50}', '{"level":50}'],
    ['    at main (main.js:1:1)', '    at main (main.js:1:1)'],
    ['', '(nothing)'],
  ])('%s is told as its words', async (line, words) => {
    const file = join(scratchDirectory('log'), 'app.log');
    writeFileSync(file, `first\n${line}\n`.replace('first\n\n', ''));
    const script = `const { lastLineOf } = await import('./scripts/launch/kept-app.mjs'); console.log(lastLineOf(process.argv[1]))`;
    const told = launch(['--input-type=module', '-e', script, file], {});
    await told.exited;
    expect(told.output()).toBe(`${words}\n`);
  });
});
