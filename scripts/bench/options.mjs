import { parseArgs } from 'node:util';
import { Refusal } from '../system/files.mjs';

export const USAGE = `Usage: npm run bench -- [--quick] [--only redis|postgres] [--jobs n] [--json file] [--profile directory]
       npm run bench -- --part history|inflight [--stored n] [--jobs n]
  --quick    one short round instead of three, at most two minutes
  --only     one back end of the queue instead of both
  --jobs     jobs of one end-to-end round; default 3000 on Redis, 1500 on PostgreSQL
  --json     also write every figure there
  --part     one question by itself: history = what a job costs among 1,000 stored jobs and among --stored (1,000,000);
             inflight = the memory of one worker with --jobs (5,000) calls in flight
  --profile  a CPU profile of each Longhaul process and the statements of PostgreSQL, into this directory;
             the figures of such a run are slower`;

const FULL = {
  rounds: 3,
  jobs: { redis: 3000, postgres: 1500 },
  warmUpJobs: 300,
  loadMs: 3_000,
  pickUps: 200,
  idleMs: 30_000,
  budgetMs: 8 * 60_000,
};
const QUICK = {
  rounds: 1,
  jobs: { redis: 600, postgres: 300 },
  warmUpJobs: 100,
  loadMs: 1_500,
  pickUps: 40,
  idleMs: 5_000,
  budgetMs: 2 * 60_000,
};

/** The words after the script's name, as what to do. Throws a Refusal with the usage when one is not understood. */
export function readOptions(words) {
  const { values } = parsed(words);
  const plan = values.quick ? QUICK : FULL;
  const jobs = values.jobs === undefined ? null : wholeNumber(values.jobs);
  if (values.only !== undefined && !['redis', 'postgres'].includes(values.only)) {
    throw new Refusal(`--only takes redis or postgres, not "${values.only}".\n${USAGE}`);
  }
  return {
    ...plan,
    quick: values.quick === true,
    jobs: jobs === null ? plan.jobs : { redis: jobs, postgres: jobs },
    warmUpJobs: jobs === null ? plan.warmUpJobs : Math.min(plan.warmUpJobs, jobs),
    backEnds: values.only === undefined ? ['redis', 'postgres'] : [values.only],
    isChosen: values.only !== undefined,
    json: values.json ?? null,
    part: partOf(values),
    profile: values.profile ?? null,
  };
}

/** Null = the whole comparison. */
function partOf({ part, stored, jobs }) {
  if (part === undefined) return null;
  const builtIn = { history: { stored: 1_000_000, jobs: 200 }, inflight: { jobs: 5_000 } }[part];
  if (builtIn === undefined) throw new Refusal(`--part takes history or inflight, not "${part}".\n${USAGE}`);
  const stated = { ...(stored && { stored: Number(stored) }), ...(jobs && { jobs: wholeNumber(jobs) }) };
  return { name: part, ...builtIn, ...stated };
}

function parsed(words) {
  const text = { type: 'string' };
  try {
    return parseArgs({
      args: words,
      options: {
        ...{ quick: { type: 'boolean' }, only: text, jobs: text, json: text, profile: text },
        ...{ part: text, stored: text },
      },
    });
  } catch (error) {
    throw new Refusal(`${error.message}\n${USAGE}`);
  }
}

function wholeNumber(word) {
  const number = Number(word);
  if (/^\d+$/.test(word) && number >= 50 && number <= 100_000) return number;
  throw new Refusal(`--jobs takes a whole number from 50 to 100000, not "${word}".\n${USAGE}`);
}
