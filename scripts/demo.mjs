/** `npm run demo`: brings up what is missing, audits real source files, asks one chat question, stops. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Client } from './demo/client.mjs';
import { demoFiles } from './demo/files.mjs';
import { heading, printFindings, printRoad, printWithheld } from './demo/print.mjs';
import { Progress } from './demo/progress.mjs';
import { buildOrExit } from './launch/build-first.mjs';
import { launcherEnvironment } from './launch/environment.mjs';
import { runWith, say } from './launch/run.mjs';
import { Stack } from './launch/stack.mjs';
import { Refusal } from './system/files.mjs';

const USAGE = `Usage: npm run demo [-- --model <provider>/<model>]
  --model  for both jobs, instead of the sandbox's own; for example moonshot/kimi-k2.6 or ollama/qwen3`;

const INSTRUCTION =
  'Review these files as a careful colleague: errors that are swallowed, comparisons that convert, secrets in the ' +
  'source, unfinished work, functions that do too much, unsafe calls.';
const QUESTION = 'What does a job gateway do before it answers 202?';

const model = readModel();
await buildOrExit();

// The demo is its own caller on loopback, whatever the environment says about keys and addresses.
const env = { ...launcherEnvironment(), HOST: '127.0.0.1' };
delete env.LONGHAUL_API_KEYS_FILE;
const command = 'npm run demo';
const withSandbox = needsSandbox(model);
const stack = new Stack({ command, workers: 2, env, ownPort: true, withSandbox, keeps: false, say });
await runWith(stack, demonstrate);

function needsSandbox(name) {
  return name === null || name.toLowerCase().startsWith('sandbox/');
}

function readModel() {
  try {
    const { values } = parseArgs({ options: { model: { type: 'string' }, help: { type: 'boolean' } } });
    if (!values.help) return values.model ?? null;
    say(USAGE);
    return process.exit(0);
  } catch (error) {
    process.stderr.write(`${error.message}\n${USAGE}\n`);
    return process.exit(2);
  }
}

async function demonstrate(_, signal) {
  const client = new Client(stack.apiUrl);
  const files = demoFiles();
  heading(`An audit of ${files.length} source files with ${model ?? 'sandbox/reviewer'}, and a chat`);
  if (model === null) say('  The sandbox is a small program with a list of patterns, not a language model.');
  const audit = {
    type: 'audit',
    model: model ?? 'sandbox/reviewer',
    input: { instruction: INSTRUCTION, files },
  };
  const messages = [{ role: 'user', content: QUESTION }];
  const chat = { type: 'chat', model: model ?? 'sandbox/echo', input: { messages } };
  const [audited, answered] = await runJobs(client, { audit, chat }, signal);

  await showAudit(client, audited);
  heading('The chat');
  say(`  asked     ${QUESTION}`);
  say(`  answered  ${answered.output.text.trim()}`);
  printRoad(answered, await client.attempts(answered));
  say('');
}

async function runJobs(client, bodies, signal) {
  const progress = new Progress();
  signal.addEventListener('abort', () => progress.end(), { once: true });
  try {
    const follow = async ([name, body]) => {
      const accepted = await client.submit(body);
      return client.follow(accepted, { signal, seen: (job) => progress.update(name, job) });
    };
    const jobs = await Promise.all(Object.entries(bodies).map(follow));
    jobs.forEach(refuseUnfinished);
    return jobs;
  } finally {
    progress.end();
  }
}

function refuseUnfinished(job) {
  if (job.status === 'completed') return;
  const why = job.error ? `${job.error.code}: ${job.error.message}` : job.incomplete_details?.reason;
  throw new Refusal(`The ${job.type} ${job.id} ended as ${job.status} (${why}). Logs: ${stack.dataDir}/logs`);
}

async function showAudit(client, job) {
  const { findings, withheld, coverage } = job.output;
  heading(
    `${findings.length} findings, each quote found in its file (${coverage.files} files, ${coverage.lines} lines)`,
  );
  printFindings(findings);
  heading(`${withheld.length} withheld by verification`);
  printWithheld(withheld);
  heading('The audit');
  printRoad(job, await client.attempts(job));
  const reports = path.join(stack.dataDir, 'reports');
  mkdirSync(reports, { recursive: true, mode: 0o700 });
  const file = path.join(reports, `${job.id}.md`);
  writeFileSync(file, await client.report(job), { mode: 0o600 });
  say(`  report    ${file}`);
  if (findings.length === 0)
    throw new Refusal('The audit has no finding that could be verified; the demo expects some.');
}
