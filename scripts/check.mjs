/** `npm run check`: types, lint with the size limits, format, floors. Runs all of them, then says which failed. */
import { spawnSync } from 'node:child_process';
import { ROOT, toolOf } from './system/paths.mjs';

const STEPS = [
  { name: 'types', tool: 'typescript/bin/tsc', args: ['--noEmit', '-p', 'tsconfig.json'] },
  { name: 'lint', tool: 'eslint/bin/eslint.js', args: ['.', '--max-warnings', '0'] },
  { name: 'format', tool: 'prettier/bin/prettier.cjs', args: ['--check', '.', '--log-level', 'warn'] },
  {
    name: 'floors',
    tool: 'jest/bin/jest.js',
    args: ['--selectProjects', 'architecture', '--silent', '--passWithNoTests'],
  },
];

const failed = STEPS.filter(({ name, tool, args }) => {
  const startedAt = performance.now();
  const done = spawnSync(process.execPath, [toolOf(tool), ...args], { cwd: ROOT, encoding: 'utf8' });
  const took = ((performance.now() - startedAt) / 1000).toFixed(1);
  const isGood = done.status === 0;
  process.stdout.write(`${isGood ? 'ok    ' : 'FAILED'}  ${name} (${took} s)\n`);
  if (!isGood) process.stdout.write(`${done.stdout}${done.stderr}${done.error?.message ?? ''}\n`);
  return !isGood;
});
if (failed.length > 0) {
  process.stdout.write(`npm run check failed: ${failed.map(({ name }) => name).join(', ')}\n`);
  process.exitCode = 1;
}
