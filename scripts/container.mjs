/**
 * What the container image runs: `api`, `worker` or `sandbox`, in this very process, from what was built into the
 * image; and `health [app]`, which exits with 0 while the app of this container answers.
 */
import { pathToFileURL } from 'node:url';
import { APPS, entryOf, ROOT } from './system/paths.mjs';

const HEALTH_MS = 4_000;
const [word, ...more] = process.argv.slice(2);

if (word === 'health') process.exit((await isAlive(more[0])) ? 0 : 1);
if (!APPS.includes(word)) {
  process.stderr.write(`This image runs ${APPS.join(', ')} or health, not "${word ?? ''}".\n`);
  process.exit(2);
}
process.chdir(ROOT);
const entry = entryOf(word);
process.argv = [process.argv[0], entry, ...more];
await import(pathToFileURL(entry).href);

/** A container runs one app, so whichever of their ports answers is its own, unless one is named. */
async function isAlive(app) {
  const { PORT = '3000', WORKER_PORT = '3001' } = process.env;
  const places = { api: `${PORT}/healthz`, worker: `${WORKER_PORT}/healthz`, sandbox: '4010/v1/models' };
  const asked = app === undefined ? Object.values(places) : [places[app]];
  return (await Promise.all(asked.map(answers))).includes(true);
}

async function answers(place) {
  try {
    return (await fetch(`http://127.0.0.1:${place}`, { signal: AbortSignal.timeout(HEALTH_MS) })).ok;
  } catch {
    return false;
  }
}
