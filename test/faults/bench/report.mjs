import { writeFileSync } from 'node:fs';
import { INVARIANTS } from './invariants/index.mjs';

const EXAMPLES = 5;

/**
 * What each invariant says of the run: `{ name, what, isTime, word, holds, said, bad }`. `holds` is null where nothing was
 * proven: the bound is only shown in this profile, the run had nothing that it speaks of, or the run is lenient.
 */
export function verdictsOf(evidence) {
  return INVARIANTS.map(({ name, what, isTime = false, judge }) => {
    const verdict = judge(evidence);
    const word = wordOf(verdict, isTime && evidence.options.lenient);
    return { name, what, isTime, word, holds: HOLDS[word] ?? null, said: verdict.said, bad: verdict.bad };
  });
}

const HOLDS = { holds: true, BROKEN: false };

/** `seen`: of how many things it speaks, where that can be none; `isJudged`: whether the bound means something here. */
function wordOf({ bad, seen = null, isJudged = true }, isLenient) {
  if (bad.length > 0) return isLenient ? 'missed' : 'BROKEN';
  if (!isJudged) return 'shown';
  return seen === 0 ? 'unseen' : 'holds';
}

/** The table, what is broken, and a last line for machines. */
export function print({ verdicts, evidence, machine, say }) {
  const width = Math.max(...verdicts.map(({ name }) => name.length));
  say();
  for (const { name, word, said } of verdicts) say(`${word.padEnd(7)} ${name.padEnd(width)}  ${said}`);
  for (const { name, what, bad } of verdicts) {
    if (bad.length === 0) continue;
    say(`\n${name} (${what}): ${bad.length}`);
    for (const line of bad.slice(0, EXAMPLES)) say(`  ${line}`);
    if (bad.length > EXAMPLES) say(`  and ${bad.length - EXAMPLES} more`);
  }
  const broken = verdicts.filter(({ holds }) => holds === false).map(({ name }) => name);
  const { seed, jobs, profile } = evidence.options;
  say(`\nseed ${seed}, ${jobs} jobs, profile ${profile}, ${countsOf(evidence.faults)}`);
  say(machine);
  say(broken.length === 0 ? 'PASSED' : `FAILED: ${broken.join(', ')}`);
  return broken.length === 0;
}

function countsOf(faults) {
  const counts = new Map();
  for (const { kind } of faults) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const words = [...counts].sort().map(([kind, count]) => `${kind} ${count}`);
  return `${faults.length} faults: ${words.join(', ')}`;
}

export function writeJson(file, { verdicts, evidence, machine }) {
  const { options, faults, members, ran } = evidence;
  const { startedAt, lastFaultAt, endedAt, open } = ran;
  const times = { startedAt, lastFaultAt, endedAt, open };
  const told = { options, machine, times, verdicts, faults, members, cancels: ran.client.cancels };
  writeFileSync(file, `${JSON.stringify(told, null, 2)}\n`);
}
