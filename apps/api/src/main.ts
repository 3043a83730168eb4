import 'reflect-metadata';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { endWithoutPatience, STOP_SIGNALS } from '@longhaul/jobs';
import { DIALECT_NAMES } from '@longhaul/providers';
import { bootFailure, NO_OVERRIDES, processSettingsLoader } from '@longhaul/settings';
import { createApi, listen } from './api';

/** For answers that are under way and connections to end: an API has nothing to drain. */
const LONGEST_STOP_MS = 15_000;
const now = (): number => performance.now();
const say = (line: string): void => void process.stderr.write(`${line}\n`);

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
  app.enableShutdownHooks([...STOP_SIGNALS], { useProcessExit: true });
  endWithoutPatience({ mostMs: LONGEST_STOP_MS, process, now, say });
  const url = await listen(app, settings);
  process.stdout.write(`Longhaul API listens on ${url}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${bootFailure('The API cannot start', error)}\n`);
  process.exit(1);
});
