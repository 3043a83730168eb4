import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from './source-files';

// A lint loads the whole TypeScript program first.
jest.setTimeout(120_000);

/** The rules that `npm run check`'s linter finds broken when this text stands in place of a real file. */
function rulesBrokenBy(text: string): string[] {
  const eslint = join(ROOT, 'node_modules/eslint/bin/eslint.js');
  const place = ['--stdin', '--stdin-filename', 'libs/contract/src/index.ts', '--format', 'json'];
  const done = spawnSync(process.execPath, [eslint, ...place], { cwd: ROOT, input: text, encoding: 'utf8' });
  const [result] = JSON.parse(done.stdout) as { messages: { ruleId: string | null; message: string }[] }[];
  const rules = new Set(result?.messages.map((message) => message.ruleId ?? message.message));
  expect(done.status).toBe(rules.size === 0 ? 0 : 1);
  return [...rules].sort();
}

const lines = (count: number) =>
  Array.from({ length: count }, (_, i) => `export const line${String(i)} = ${String(i)};`).join('\n');

describe('the linter of npm run check', () => {
  it('goes red for a planted file of more than 250 lines', () => {
    expect(rulesBrokenBy(`${lines(250)}\n`)).toEqual([]);
    expect(rulesBrokenBy(`${lines(251)}\n`)).toEqual(['max-lines']);
  });

  it('goes red for a planted any, a function of more than 40 lines and a fourth parameter', () => {
    const body = Array.from({ length: 41 }, (_, i) => `  total += ${String(i)};`).join('\n');
    const long = `export function long(): number {\n  let total = 0;\n${body}\n  return total;\n}`;
    const any = 'export const anything = (value: any): unknown => value;';
    const four = 'export const four = (a: 1, b: 1, c: 1, d: 1): number => a + b + c + d;';
    expect(rulesBrokenBy(`${long}\n${any}\n${four}\n`)).toEqual([
      '@typescript-eslint/no-explicit-any',
      'max-lines-per-function',
      'max-params',
    ]);
  });
});
