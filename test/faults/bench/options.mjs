import path from 'node:path';
import { parseArgs } from 'node:util';
import { Refusal } from '../../../scripts/system/files.mjs';
import { ROOT } from '../../../scripts/system/paths.mjs';
import { INVARIANTS } from './invariants/index.mjs';
import { KINDS } from './kinds/index.mjs';
import { pointsOptions } from './points/site.mjs';
import { PROFILES } from './profiles.mjs';
import { SCENARIOS } from './scenarios/index.mjs';

export const USAGE = `Usage: npm run test:faults -- [--seed n] [--jobs n] [--profile name] ...
  --seed n        the schedule of faults and the jobs follow from it; default 1
  --jobs n        how many jobs are submitted; default 1000
  --profile name  ${Object.entries(PROFILES)
    .map(([name, { what }]) => `${name}: ${what}`)
    .join('\n                  ')}
  --faults a,b    only these kinds of the profile (a kind, or all that hit api, worker, redis or postgres)
  --processes n   worker processes, 2 to 8; default 4
  --seconds n     how long the faults go on at least; default: by the number of jobs
  --every a-b     seconds between two faults; default: 2-10, and 1-4 in a run of less than two minutes
  --lease n       LEASE_SECS of the run; the other clocks keep their ratio to it; default 3
  --root dir      the checkout whose dist/ is put to the test; default: this one
  --as-built      that dist/ is taken as it is
  --scenario name a directed run instead of a schedule of faults; see below
  --points        visits every crash point instead, with each mode that it has; --only a,b: those whose line holds a or b
  --sabotage      proves the bench instead: plants one defect after the other, and wants it found; words after it name some
  --keep          leave the logs of the processes, and say where they are
  --json file     also write every figure and every fault there
  --lenient       bounds of time are printed, and fail nothing: for a machine that has other work
  --help
Kinds of faults:
  ${KINDS.map(({ name, hits }) => `${name} (${hits})`).join(', ')}
Scenarios:
  ${Object.entries(SCENARIOS)
    .map(([name, { what }]) => `${name}: ${what}`)
    .join('\n  ')}
Invariants:
  ${INVARIANTS.map(({ name, what, isTime }) => `${name}: ${what}${isTime ? ' (a bound of time)' : ''}`).join('\n  ')}
Needs redis-server. Exit code 0: every invariant holds; 1: one does not, and the last line names it.`;

const TEXT = { type: 'string' };
const FLAG = { type: 'boolean' };

/** The words after the script's name, as what to do; null = only the usage is wanted. Throws a Refusal. */
export function readOptions(words) {
  const values = parsed(words);
  if (values.help) return null;
  const profile = values.profile ?? 'mixed';
  if (!Object.hasOwn(PROFILES, profile))
    throw new Refusal(`--profile takes ${Object.keys(PROFILES).join(', ')}, not "${profile}".\n${USAGE}`);
  const jobs = number(values, 'jobs', { otherwise: 1000, least: 20, most: 1_000_000 });
  const seconds = number(values, 'seconds', { otherwise: secondsFor(jobs), least: 5, most: 86_400 });
  return {
    jobs,
    profile,
    seed: number(values, 'seed', { otherwise: 1, least: 0, most: 2 ** 32 - 1 }),
    processes: number(values, 'processes', { otherwise: 4, least: 2, most: 8 }),
    seconds,
    everyMs: everyMs(values.every ?? (seconds < 120 ? '1-4' : '2-10')),
    leaseMs: 1000 * number(values, 'lease', { otherwise: 3, least: 1, most: 60 }),
    faults: values.faults?.split(',') ?? null,
    root: path.resolve(values.root ?? ROOT),
    keep: values.keep === true,
    json: values.json ?? null,
    lenient: values.lenient === true,
    asBuilt: values['as-built'] === true,
    scenario: scenarioOf(values.scenario),
    ...(values.points ? pointsOptions(values) : {}),
    only: (values.only ?? '').split(','),
  };
}

function scenarioOf(name = null) {
  if (name === null || Object.hasOwn(SCENARIOS, name)) return name;
  throw new Refusal(`--scenario takes ${Object.keys(SCENARIOS).join(', ')}, not "${name}".\n${USAGE}`);
}

function everyMs(word) {
  const found = /^(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)$/.exec(word);
  if (found) return { least: Number(found[1]) * 1000, most: Number(found[2]) * 1000 };
  throw new Refusal(`--every takes two numbers of seconds, such as 2-10, not "${word}".\n${USAGE}`);
}

/** Of what two processors bear with all these processes on them; the bounds of time mean nothing where work piles up. */
const JOBS_A_SECOND = 12.5;

const secondsFor = (jobs) => Math.max(25, Math.round(jobs / JOBS_A_SECOND));

function parsed(words) {
  try {
    return parseArgs({
      args: words,
      options: {
        ...{
          seed: TEXT,
          jobs: TEXT,
          profile: TEXT,
          faults: TEXT,
          processes: TEXT,
          seconds: TEXT,
          lease: TEXT,
          every: TEXT,
          scenario: TEXT,
        },
        ...{ only: TEXT, points: FLAG },
        ...{ root: TEXT, json: TEXT, keep: FLAG, lenient: FLAG, help: FLAG, 'as-built': FLAG },
      },
    }).values;
  } catch (error) {
    throw new Refusal(`${error.message}\n${USAGE}`);
  }
}

function number(values, name, { otherwise, least, most }) {
  const word = values[name];
  if (word === undefined) return otherwise;
  const value = Number(word);
  if (word.trim() !== '' && value >= least && value <= most) return value;
  throw new Refusal(`--${name} takes a number from ${least} to ${most}, not "${word}".\n${USAGE}`);
}
