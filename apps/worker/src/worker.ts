import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, NestFastifyApplication } from '@nestjs/platform-fastify';
import { Registry } from '@longhaul/registry';
import { listenFailure, Settings, SettingsError, SettingsLoader } from '@longhaul/settings';
import { Logger } from 'nestjs-pino';
import { AppModule } from './app.module';

/**
 * Builds a worker. Its lanes start with `init`, which `listen` does where nobody has.
 * @param onFatal a store turned out unusable after the boot
 * @param loader reads the settings again, with the overrides of then
 */
export async function createWorker(
  settings: Settings,
  onFatal: (error: Error) => void,
  loader: SettingsLoader,
): Promise<NestFastifyApplication> {
  checkStart(settings);
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.forRoot(settings, onFatal, loader),
    new FastifyAdapter(),
    // A boot that fails says so once, in words (`bootFailure`); only one that succeeds shows its buffered log.
    { abortOnError: false, bufferLogs: true, autoFlushLogs: false },
  );
  const logger = app.get(Logger);
  app.useLogger(logger);
  app.flushLogs();
  for (const warning of [...settings.warnings, ...app.get(Registry).state.catalogue.warnings])
    logger.warn(warning);
  return app;
}

/** What no waiting mends is refused before anything is waited for. */
export function checkStart({ databaseUrl }: Settings): { readonly databaseUrl: string } {
  if (databaseUrl !== null) return { databaseUrl };
  throw new SettingsError(
    'DATABASE_URL is not set, and a worker starts no PostgreSQL itself',
    'Set it, or run `npm start`, which brings up everything that is missing',
  );
}

/** Opens the health port. Returns its URL. */
export async function listen(app: NestFastifyApplication, settings: Settings): Promise<string> {
  const { workerHost: host, workerPort: port } = settings.http;
  try {
    await app.listen(port, host);
  } catch (error) {
    throw failsToListen(error, settings);
  }
  return app.getUrl();
}

/** In words that name the variables; other faults come back as they are. */
export const failsToListen = (
  thrown: unknown,
  { http: { workerHost: host, workerPort: port } }: Settings,
): unknown => listenFailure(thrown, { host, port, variables: { host: 'WORKER_HOST', port: 'WORKER_PORT' } });
