import { leaveStopsToTheApp } from './early-stop';
import 'reflect-metadata';
import type { IncomingMessage } from 'node:http';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { GatewayError } from '@longhaul/contract';
import { Anteroom, AnteroomAnswer, Ending } from '@longhaul/jobs';
import { DIALECT_NAMES } from '@longhaul/providers';
import { bootFailure, NO_OVERRIDES, processSettingsLoader } from '@longhaul/settings';
import { checkStart, createApi, failsToListen, listen } from './api';
import { headersOfAll } from './http/headers';
import { pathOf } from './http/error.filter';
import { problemOf } from './http/problem';
import { requestIdOf } from './http/request-id';

/** For answers that are under way and connections to end: an API has nothing to drain. */
const LONGEST_STOP_MS = 15_000;
const say = (line: string): void => void process.stderr.write(`${line}\n`);

let app: NestFastifyApplication | undefined;

/** A store turned out unusable: go down in order, but with a failure's exit code. */
function stop(error: Error, ending: Ending): void {
  process.stderr.write(`${bootFailure('The API cannot go on', error)}\n`);
  ending.fail();
}

/** What a request gets before the API is there. */
function refuse(why: string, { url = '/', headers }: IncomingMessage): AnteroomAnswer {
  const requestId = requestIdOf(headers);
  const error = new GatewayError('store_unavailable', `Nothing was accepted: the API waits. ${why}`);
  const problem = problemOf(error, { instance: pathOf(url), requestId });
  return { ...problem, headers: { ...headersOfAll(requestId), ...problem.headers } };
}

async function main(): Promise<void> {
  const loader = processSettingsLoader(DIALECT_NAMES);
  const settings = loader(NO_OVERRIDES);
  const { databaseUrl } = checkStart(settings);
  const { host, port } = settings.http;
  const anteroom = new Anteroom({ host, port, who: 'The API', refuse, say });
  await anteroom.wait(databaseUrl).catch((thrown: unknown) => {
    throw failsToListen(thrown, settings);
  });
  const close = async (): Promise<void> => app?.close();
  const ending = new Ending({ mostMs: LONGEST_STOP_MS, stop: close, process, say });
  const made = await anteroom.during(() => createApi(settings, (error) => stop(error, ending), loader));
  app = made;
  leaveStopsToTheApp();
  ending.hearSignals();
  await anteroom.during(() => made.init());
  await anteroom.close();
  const url = await listen(made, settings);
  process.stdout.write(`Longhaul API listens on ${url}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${bootFailure('The API cannot start', error)}\n`);
  process.exit(1);
});
