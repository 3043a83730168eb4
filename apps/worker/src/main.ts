import 'reflect-metadata';
import { bootFailure, loadProcessSettings } from '@longhaul/settings';
import { createWorker, listen } from './worker';

async function main(): Promise<void> {
  const settings = loadProcessSettings();
  const app = await createWorker(settings);
  // The jobs library drains in these hooks. Exit code 0: an asked-for stop is no failure.
  app.enableShutdownHooks(['SIGTERM', 'SIGINT', 'SIGHUP'], { useProcessExit: true });
  const url = await listen(app, settings);
  process.stdout.write(`Longhaul worker runs; its health is at ${url}/readyz\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${bootFailure('The worker', error)}\n`);
  process.exit(1);
});
