/**
 * `npm run test:faults -- --sabotage [name...]`: is the bench any good? Each patch here plants one defect, and the bench
 * has to fail on the invariant that the patch names, in a run that passes without it.
 */
import { buildOrExit } from '../../../scripts/launch/build-first.mjs';
import { runWith, say, untilStopped } from '../../../scripts/launch/run.mjs';
import { Judge } from './judge.mjs';
import { patches } from './patches.mjs';
import { Scratch } from './scratch.mjs';

const WIDTH = { name: 32, breaks: 18, took: 6 };
const MOST_LETTERS = 160;

/** Ends the process: with 0 when every defect was caught, with 1 when one was not, with 2 for a name that nobody knows. */
export async function proveBench(names) {
  const all = patches();
  const unknown = names.filter((name) => !all.some((patch) => patch.name === name));
  if (unknown.length > 0) {
    process.stderr.write(
      `There is no sabotage ${unknown.join(', ')}. There are: ${all.map(({ name }) => name).join(', ')}.\n`,
    );
    process.exit(2);
  }
  await buildOrExit();
  const chosen = all.filter(({ name }) => names.length === 0 || names.includes(name));
  await runWith(new Bench(), async (bench, signal) => {
    const proof = proveAll(bench, chosen);
    proof.catch(() => undefined);
    await Promise.race([proof, untilStopped(signal)]);
  });
}

/** What stands while defects are proved; stopping it ends the run that is under way. */
class Bench {
  env = { DRAIN_SECS: '0' };
  broken = new Promise(() => undefined);

  async start(signal) {
    signal.addEventListener('abort', () => (process.exitCode = 130));
    this.scratch = new Scratch();
    this.judge = new Judge(this.scratch.root);
  }

  async stop() {
    await this.judge?.end();
    this.scratch?.close();
  }

  kill() {
    return this.stop();
  }
}

/** A run without a defect, then the defects that it shows: a run that is broken by itself says nothing of them. */
async function proveAll(bench, chosen) {
  let caught = 0;
  for (const run of new Set(chosen.map((patch) => patch.run))) {
    const { broken, said, took } = await bench.judge.of(run);
    const isSound = broken?.length === 0;
    say(`\n${isSound ? 'sound ' : 'BROKEN'}  ${run}  ${took}`);
    if (!isSound) say(`        ${wordsOf(broken, said)}`);
    for (const patch of chosen.filter((one) => one.run === run))
      caught += isSound && (await prove(bench, patch)) ? 1 : 0;
  }
  say(`\n${caught} caught of ${chosen.length}`);
  process.exitCode = caught === chosen.length ? 0 : 1;
}

async function prove({ scratch, judge }, patch) {
  const { broken, said, took } = await scratch
    .with(patch, () => judge.of(patch.run))
    .catch((error) => ({ broken: null, said: error.message, took: '-' }));
  const found = broken?.find(({ name }) => name === patch.breaks);
  const others = (broken ?? []).filter((one) => one !== found).map(({ name }) => name);
  const { name, breaks, took: seconds } = WIDTH;
  const row = [patch.name.padEnd(name), patch.breaks.padEnd(breaks), took.padStart(seconds)];
  const also = others.length > 0 ? `  (also ${others.join(', ')})` : '';
  say(`${found ? 'caught' : 'MISSED'}  ${row.join(' ')}${found ? also : ''}`);
  say(`        ${found ? short(found.bad[0]) : wordsOf(broken, said)}`);
  return found !== undefined;
}

const wordsOf = (broken, said) =>
  broken === null || broken.length === 0
    ? `${broken === null ? 'no verdict' : 'nothing is broken'}: ${said}`
    : broken.map(({ name, bad }) => `${name}: ${short(bad[0])}`).join('\n        ');

const short = (text) => (text.length > MOST_LETTERS ? `${text.slice(0, MOST_LETTERS)} …` : text);
