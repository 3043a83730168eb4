import 'reflect-metadata';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DIALECT_NAMES } from '@longhaul/providers';
import { bootFailure, NO_OVERRIDES, processSettingsLoader } from '@longhaul/settings';
import { createApi, listen } from './api';

let app: NestFastifyApplication | undefined;

/** A store turned out unusable: go down in order, but with a failure's exit code. */
function stop(error: Error): void {
  process.stderr.write(`${bootFailure('The API cannot go on', error)}\n`);
  void (app?.close() ?? Promise.resolve()).finally(() => process.exit(1));
}

async function main(): Promise<void> {
  const loader = processSettingsLoader(DIALECT_NAMES);
  const settings = loader(NO_OVERRIDES);
  app = await createApi(settings, stop, loader);
  // Exit code 0: an asked-for stop is no failure to whoever supervises this process.
  app.enableShutdownHooks(['SIGTERM', 'SIGINT', 'SIGHUP'], { useProcessExit: true });
  const url = await listen(app, settings);
  process.stdout.write(`Longhaul API listens on ${url}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${bootFailure('The API cannot start', error)}\n`);
  process.exit(1);
});
