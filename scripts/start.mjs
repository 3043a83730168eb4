/** `npm start`: everything that is missing, the API and two workers, until Ctrl-C; what dies meanwhile is started again. */
import { parseArgs } from 'node:util';
import { launcherEnvironment } from './launch/environment.mjs';
import { runWith, say, untilStopped } from './launch/run.mjs';
import { keyedProviders } from './launch/settings.mjs';
import { Stack } from './launch/stack.mjs';
import { buildOrExit } from './launch/build-first.mjs';

const USAGE = `Usage: npm start
  It takes no options; set variables, in the shell or in .env, for example: PORT=3001 npm start
  docs/configuration.md has every one.`;

readWords();
await buildOrExit();
const stack = new Stack({
  command: 'npm start',
  workers: 2,
  env: launcherEnvironment(),
  ownPort: false,
  withSandbox: 'keyless',
  keeps: true,
  say,
});
await runWith(stack, async ({ settings, apiUrl }, signal) => {
  say(`Ready. Try:  ${firstCall(settings, apiUrl)}`);
  say('Ctrl-C stops everything that was started here.');
  await untilStopped(signal);
});

/** Whoever asks for something that would not be done should see no stack come up. */
function readWords() {
  try {
    const { values } = parseArgs({ options: { help: { type: 'boolean' } } });
    if (!values.help) return;
    say(USAGE);
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${error.message}\n${USAGE}\n`);
    process.exit(2);
  }
}

/** A chat with the first provider that has a key, else with the sandbox. */
function firstCall(settings, apiUrl) {
  const names = keyedProviders(settings).map(({ name }) => name);
  const provider = settings.providers.find(({ name, defaultModel }) => names.includes(name) && defaultModel);
  const model = provider ? `${provider.name}/${provider.defaultModel}` : 'sandbox/echo';
  const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }] });
  const key = settings.http.apiKeysFile ? ` -H "authorization: Bearer $LONGHAUL_KEY"` : '';
  return `curl -s ${apiUrl}/v1/chat${key} -H 'content-type: application/json' -d '${body}'`;
}
