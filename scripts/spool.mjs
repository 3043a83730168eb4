/** `npm run spool -- <file>...`: what lies in files of the spool, opened with the keys of LONGHAUL_SPOOL_KEY_FILE. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { buildOrExit } from './launch/build-first.mjs';
import { launcherEnvironment } from './launch/environment.mjs';
import { readSettings } from './launch/settings.mjs';
import { ROOT } from './system/paths.mjs';

const files = process.argv.slice(2);
if (files.length === 0 || files.some((word) => word.startsWith('-'))) {
  process.stderr.write(
    'Usage: npm run --silent spool -- <file of the spool>...   prints one answer per line, as JSON\n',
  );
  process.exit(2);
}
const env = launcherEnvironment();
await buildOrExit();
const require = createRequire(import.meta.url);
const compiled = (name) => require(path.join(ROOT, 'dist/apps/api/libs/jobs/src/spool', name));
const { linesIn, answerIn } = compiled('entry');
const { Seal } = compiled('seal');

try {
  const { spoolKeys } = readSettings(env);
  const seal = new Seal(spoolKeys.map((key) => Buffer.from(key.reveal(), 'base64')));
  // npm starts scripts in the checkout; a path is meant from where the person stands.
  for (const file of files) print(path.resolve(env.INIT_CWD ?? process.cwd(), file), seal);
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

function print(file, seal) {
  const bytes = readFileSync(file);
  // What was set aside may end without its line feed.
  const whole = bytes.at(-1) === 0x0a ? bytes : Buffer.concat([bytes, Buffer.from('\n')]);
  const { entries, strays } = linesIn(whole, 0);
  for (const entry of entries) {
    const body = whole.toString('utf8', entry.offset, entry.offset + entry.length);
    const answer = answerIn(entry, body, seal);
    if ('settlement' in answer) process.stdout.write(`${JSON.stringify(answer.settlement)}\n`);
    else complain(`${file}: the answer of job ${entry.jobId} cannot be read (${answer.fault}).`);
  }
  for (const { offset } of strays) complain(`${file}: the line at byte ${offset} tells no job.`);
}

function complain(message) {
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
}
