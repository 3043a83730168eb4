import { leaveStopsToTheApp } from './early-stop';
import 'reflect-metadata';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Anteroom, AnteroomAnswer, Ending } from '@longhaul/jobs';
import { DIALECT_NAMES } from '@longhaul/providers';
import { bootFailure, NO_OVERRIDES, processSettingsLoader } from '@longhaul/settings';
import { checkStart, createWorker, failsToListen, listen } from './worker';

/** For jobs to be given back and connections to end, after the drain. */
const AFTER_DRAIN_MS = 15_000;
const say = (line: string): void => void process.stderr.write(`${line}\n`);

let app: NestFastifyApplication | undefined;

/** A store turned out unusable: go down in order, but with a failure's exit code. */
function stop(error: Error, ending: Ending): void {
  process.stderr.write(`${bootFailure('The worker cannot go on', error)}\n`);
  ending.fail();
}

/** A worker's port takes probes alone. */
const refuse = (why: string): AnteroomAnswer => ({
  status: 503,
  headers: {},
  body: { status: 'not_ready', why },
});

async function main(): Promise<void> {
  const loader = processSettingsLoader(DIALECT_NAMES);
  const settings = loader(NO_OVERRIDES);
  const { databaseUrl } = checkStart(settings);
  const { workerHost: host, workerPort: port } = settings.http;
  const anteroom = new Anteroom({ host, port, who: 'The worker', refuse, say });
  await anteroom.wait(databaseUrl).catch((thrown: unknown) => {
    throw failsToListen(thrown, settings);
  });
  // The jobs library drains in the hooks of this.
  const close = async (): Promise<void> => app?.close();
  const mostMs = settings.clocks.drainMs + AFTER_DRAIN_MS;
  const ending = new Ending({ mostMs, stop: close, process, say });
  const made = await anteroom.during(() => createWorker(settings, (error) => stop(error, ending), loader));
  app = made;
  leaveStopsToTheApp();
  ending.hearSignals();
  await anteroom.during(() => made.init());
  await anteroom.close();
  const url = await listen(made, settings);
  process.stdout.write(`Longhaul worker runs; its health is at ${url}/readyz\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${bootFailure('The worker cannot start', error)}\n`);
  process.exit(1);
});
