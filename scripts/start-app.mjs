/** `npm run start:api|worker|sandbox`: one app in the foreground, in this very process. It starts no store. */
import { pathToFileURL } from 'node:url';
import { buildOrExit } from './launch/build-first.mjs';
import { launcherEnvironment } from './launch/environment.mjs';
import { APPS, entryOf, ROOT } from './system/paths.mjs';

const [app, ...words] = process.argv.slice(2);
if (!APPS.includes(app)) {
  process.stderr.write(`Usage: node scripts/start-app.mjs ${APPS.join('|')} [its own options]\n`);
  process.exit(2);
}
launcherEnvironment();
await buildOrExit();
process.chdir(ROOT);
const entry = entryOf(app);
process.argv = [process.argv[0], entry, ...words];
await import(pathToFileURL(entry).href);
