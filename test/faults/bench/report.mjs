import { writeFileSync } from 'node:fs';
import { INVARIANTS } from './invariants/index.mjs';

const EXAMPLES = 5;

/** What each invariant says of the run: `{ name, what, holds, said, bad }`; `holds` is null for a bound that is not judged. */
export function verdictsOf(evidence) {
  return INVARIANTS.map(({ name, what, isTime = false, judge }) => {
    const { said, bad } = judge(evidence);
    const holds = bad.length === 0 ? true : isTime && evidence.options.lenient ? null : false;
    return { name, what, isTime, holds, said, bad };
  });
}

const WORDS = new Map([
  [true, 'holds'],
  [false, 'BROKEN'],
  [null, 'missed'],
]);

/** The table, what is broken, and a last line for machines. */
export function print({ verdicts, evidence, say }) {
  const width = Math.max(...verdicts.map(({ name }) => name.length));
  say();
  for (const { name, holds, said } of verdicts)
    say(`${WORDS.get(holds).padEnd(7)} ${name.padEnd(width)}  ${said}`);
  for (const { name, what, holds, bad } of verdicts) {
    if (holds === true) continue;
    say(`\n${name} (${what}): ${bad.length}`);
    for (const line of bad.slice(0, EXAMPLES)) say(`  ${line}`);
    if (bad.length > EXAMPLES) say(`  and ${bad.length - EXAMPLES} more`);
  }
  const broken = verdicts.filter(({ holds }) => holds === false).map(({ name }) => name);
  const { seed, jobs, profile } = evidence.options;
  say(`\nseed ${seed}, ${jobs} jobs, profile ${profile}, ${countsOf(evidence.faults)}`);
  say(broken.length === 0 ? 'PASSED' : `FAILED: ${broken.join(', ')}`);
  return broken.length === 0;
}

function countsOf(faults) {
  const counts = new Map();
  for (const { kind } of faults) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const words = [...counts].sort().map(([kind, count]) => `${kind} ${count}`);
  return `${faults.length} faults: ${words.join(', ')}`;
}

export function writeJson(file, { verdicts, evidence }) {
  const { options, faults, members, ran } = evidence;
  const { startedAt, lastFaultAt, endedAt, open } = ran;
  const times = { startedAt, lastFaultAt, endedAt, open };
  writeFileSync(file, `${JSON.stringify({ options, times, verdicts, faults, members }, null, 2)}\n`);
}
