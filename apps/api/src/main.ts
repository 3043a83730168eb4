import 'reflect-metadata';
import { bootFailure, loadProcessSettings } from '@longhaul/settings';
import { createApi, listen } from './api';

async function main(): Promise<void> {
  const settings = loadProcessSettings();
  const app = await createApi(settings);
  // Exit code 0: an asked-for stop is no failure to whoever supervises this process.
  app.enableShutdownHooks(['SIGTERM', 'SIGINT', 'SIGHUP'], { useProcessExit: true });
  const url = await listen(app, settings);
  process.stdout.write(`Longhaul API listens on ${url}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${bootFailure('The API', error)}\n`);
  process.exit(1);
});
