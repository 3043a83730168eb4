/**
 * `npm run test:faults -- --sabotage [name...]`: is the bench any good? Each patch here plants one defect, and the bench
 * has to fail on the invariant that the patch names, in a run that passes without it.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { buildOrExit } from '../../../scripts/launch/build-first.mjs';
import { say } from '../../../scripts/launch/run.mjs';
import { ROOT } from '../../../scripts/system/paths.mjs';
import { patches } from './patches.mjs';
import { Scratch } from './scratch.mjs';

const BENCH = path.join(ROOT, 'test/faults/bench/main.mjs');

/** @returns the exit code */
export async function proveBench(names) {
  const chosen = patches().filter(({ name }) => names.length === 0 || names.includes(name));
  const unknown = names.filter((name) => !chosen.some((patch) => patch.name === name));
  if (unknown.length > 0) {
    process.stderr.write(`There is no sabotage ${unknown.join(', ')}.\n`);
    return 2;
  }
  await buildOrExit();
  const scratch = new Scratch();
  try {
    return await proveAll(scratch, chosen);
  } finally {
    scratch.close();
  }
}

async function proveAll(scratch, chosen) {
  const sound = new Map();
  for (const run of new Set(chosen.map((patch) => patch.run))) {
    const { broken, said } = await judge(run, scratch);
    sound.set(run, broken);
    say(`${broken?.length === 0 ? 'sound ' : 'BROKEN'}  ${run}  ${broken?.join(', ') ?? said}`);
  }
  let caught = 0;
  for (const patch of chosen) {
    const { isCaught, words } = await prove(scratch, patch, sound);
    caught += isCaught ? 1 : 0;
    say(`${isCaught ? 'caught' : 'MISSED'}  ${patch.name.padEnd(32)} ${patch.breaks.padEnd(20)} ${words}`);
  }
  say(`${caught} of ${chosen.length}`.replace(' of', ' caught of'));
  return caught === chosen.length ? 0 : 1;
}

async function prove(scratch, patch, sound) {
  if (sound.get(patch.run)?.length !== 0)
    return { isCaught: false, words: 'its run is broken without the defect' };
  const outcome = await scratch.with(patch, () => judge(patch.run, scratch)).catch((error) => error);
  if (outcome instanceof Error) return { isCaught: false, words: outcome.message };
  const { broken, said } = outcome;
  if (broken === null) return { isCaught: false, words: said };
  const others = broken.filter((name) => name !== patch.breaks);
  const also = others.length > 0 ? `(also ${others.join(', ')})` : '';
  return { isCaught: broken.includes(patch.breaks), words: `${patch.run} ${also}` };
}

/** The invariants that a run of the bench breaks; null when it came to no verdict. */
async function judge(run, scratch) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'longhaul-verdict-'));
  const file = path.join(folder, 'verdict.json');
  const words = [BENCH, ...run.split(' '), '--lenient', '--as-built', '--root', scratch.root, '--json', file];
  try {
    const said = await saidBy(words);
    const verdicts = verdictsIn(file);
    const broken = verdicts?.filter(({ holds }) => holds === false).map(({ name }) => name) ?? null;
    return { broken, said: /.*Error.*/.exec(said)?.[0] ?? said.trim().split('\n').at(-1) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function saidBy(words) {
  return new Promise((resolve) => {
    const bench = spawn(process.execPath, words, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    bench.stdout.on('data', (piece) => (said += piece));
    bench.stderr.on('data', (piece) => (said += piece));
    bench.once('close', () => resolve(said));
  });
}

function verdictsIn(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).verdicts;
  } catch {
    return null;
  }
}
