/** `npm start`: everything that is missing, the API and two workers, until Ctrl-C. */
import { launcherEnvironment } from './launch/environment.mjs';
import { runWith, say, untilStopped } from './launch/run.mjs';
import { Stack } from './launch/stack.mjs';
import { buildOrExit } from './launch/build-first.mjs';

await buildOrExit();
const stack = new Stack({
  command: 'npm start',
  workers: 2,
  env: launcherEnvironment(),
  ownPort: false,
  say,
});
await runWith(stack, async (_, signal) => {
  say(`Ready. Try:  curl -s ${stack.apiUrl}/readyz`);
  say('Ctrl-C stops everything that was started here.');
  await untilStopped(signal);
});
