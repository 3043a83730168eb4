import { spawn } from 'node:child_process';
import path from 'node:path';
import { readJson } from '../system/files.mjs';
import { ROOT, toolOf } from '../system/paths.mjs';

const WORKERS = 2;
/** Their suites start a fleet of processes each and judge by the clock: side by side they would judge each other. */
const ONE_AT_A_TIME = ['e2e', 'faults'];

/** Runs one Jest project; `{ passed, failed, skipped, crashed }` from its JSON results. */
export async function runTier(tier, { patterns, flags, env, scratch, signal }) {
  const results = path.join(scratch, `jest-${tier}.json`);
  const args = [
    ...['--selectProjects', tier, '--passWithNoTests'],
    ...['--maxWorkers', String(ONE_AT_A_TIME.includes(tier) ? 1 : WORKERS)],
    ...['--json', '--outputFile', results],
    ...flags,
    ...(patterns.length > 0 ? ['--testPathPatterns', ...patterns] : []),
  ];
  const code = await runJest(args, { env, signal });
  const json = readJson(results);
  if (!json)
    return { passed: 0, failed: 1, skipped: 0, crashed: `jest ended with ${code} and without results` };
  return {
    passed: json.numPassedTests,
    // A suite that does not even load has no tests to count.
    failed: json.numFailedTests + json.numRuntimeErrorTestSuites,
    skipped: json.numPendingTests,
    crashed: code !== 0 && json.success ? `jest ended with ${code} although its tests passed` : null,
  };
}

function runJest(args, { env, signal }) {
  return new Promise((resolve, reject) => {
    const jest = spawn(process.execPath, [toolOf('jest/bin/jest.js'), ...args], {
      cwd: ROOT,
      env,
      // The results go to the file; with --json jest prints them once more on its standard output.
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const end = () => jest.kill('SIGTERM');
    signal.addEventListener('abort', end, { once: true });
    jest.once('error', reject);
    jest.once('close', (code, name) => {
      signal.removeEventListener('abort', end);
      resolve(code ?? name);
    });
  });
}
