import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT, scratchDirectory } from './scratch';

const MAIN = 'test/faults/bench/main.mjs';

/** How long a run may take, with the start of everything that it needs, on a machine that has other work. */
export const RUN_MS = 280_000;

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

export interface Judged {
  /** What it breaks, bounds of time left out: those are for a quiet machine, and `npm run test:faults` judges them. */
  readonly broken: readonly Pick<Verdict, 'name' | 'said' | 'bad'>[];
  readonly faults: readonly string[];
  /** The count of that invariant, in words. */
  said(name: string): string;
  readonly stdout: string;
}

/** `npm run test:faults` with these words. Rejects as execFile does when it exits with another code than 0. */
export const bench = (words: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  promisify(execFile)(process.execPath, [MAIN, ...words], { cwd: ROOT, env: { ...process.env, ...env } });

/** A run to its verdicts, whatever they are. */
export async function judged(
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Judged> {
  const json = join(scratchDirectory('faults-report'), 'report.json');
  const run = bench([...words, '--lenient', '--json', json], env);
  const { stdout, stderr } = await run.catch((failed: { stdout: string; stderr: string }) => failed);
  if (!existsSync(json)) throw new Error(`The run came to no verdict:\n${stdout}\n${stderr}`);
  const { verdicts, faults } = JSON.parse(readFileSync(json, 'utf8')) as Report;
  return {
    stdout,
    faults: faults.map(({ kind }) => kind),
    said: (name) => verdicts.find((verdict) => verdict.name === name)?.said ?? `no invariant ${name}`,
    broken: verdicts
      .filter(({ holds, isTime }) => holds === false && !isTime)
      .map(({ name, said, bad }) => ({ name, said, bad: bad.slice(0, 3) })),
  };
}
