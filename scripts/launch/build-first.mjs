import { build } from '../build.mjs';
import { Refusal } from '../system/files.mjs';
import { say } from './run.mjs';

/** A launcher's first step: dist/ is up to date, or there is nothing to launch. */
export async function buildOrExit() {
  try {
    await build({ say });
  } catch (error) {
    process.stderr.write(`${error instanceof Refusal ? error.message : error.stack}\n`);
    process.exit(1);
  }
}
