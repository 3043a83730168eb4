import { Logger as NestLogger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Metrics } from '@longhaul/metrics';
import { Registry } from '@longhaul/registry';
import { listenFailure, Settings, SettingsError, SettingsLoader } from '@longhaul/settings';
import { Logger } from 'nestjs-pino';
import { AppModule } from './app.module';
import { CallersGuard } from './http/callers/callers.guard';
import { LiveCallersGuard } from './http/callers/live-keys';
import { refuseOpenHost } from './http/callers/open-host';
import { createServer } from './http/server';
import { countRequests } from './metrics/count-requests';

/**
 * Builds the API with all that stands below it. It does not listen yet.
 * @param onFatal a store turned out unusable after the boot
 * @param loader reads the settings again, with the overrides of then
 */
export async function createApi(
  settings: Settings,
  onFatal: (error: Error) => void,
  loader: SettingsLoader,
): Promise<NestFastifyApplication> {
  const { guard } = checkStart(settings);
  const server = createServer({ bodyLimitBytes: settings.limits.bodyLimitBytes, guard });
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.forRoot(settings, onFatal, loader),
    server,
    {
      bodyParser: false,
      abortOnError: false,
      // A boot that fails says so once, in words (`bootFailure`); only one that succeeds shows its buffered log.
      bufferLogs: true,
      autoFlushLogs: false,
    },
  );
  countRequests(server.getInstance(), app.get(Metrics));
  const logger = app.get(Logger);
  app.useLogger(logger);
  app.flushLogs();
  for (const warning of [...settings.warnings, ...app.get(Registry).state.catalogue.warnings])
    logger.warn(warning);
  return app;
}

/** What no waiting mends is refused before anything is waited for. */
export function checkStart({ http, databaseUrl }: Settings): {
  readonly databaseUrl: string;
  readonly guard: CallersGuard;
} {
  refuseOpenHost(http);
  if (databaseUrl !== null) return { databaseUrl, guard: guardOf(http.apiKeysFile) };
  throw new SettingsError(
    'DATABASE_URL is not set, and the API starts no PostgreSQL itself',
    'Set it, or run `npm start`, which brings up everything that is missing',
  );
}

const guardOf = (file: string | null): CallersGuard =>
  file === null
    ? new CallersGuard(null)
    : new LiveCallersGuard({ file, nowMs: () => performance.now(), report: new NestLogger('Callers') });

/** Starts to listen. Returns the URL, with the real port when a free one was asked for. */
export async function listen(app: NestFastifyApplication, settings: Settings): Promise<string> {
  const { host, port } = settings.http;
  try {
    await app.listen(port, host);
  } catch (error) {
    throw failsToListen(error, settings);
  }
  return app.getUrl();
}

/** In words that name the variables; other faults come back as they are. */
export const failsToListen = (thrown: unknown, { http: { host, port } }: Settings): unknown =>
  listenFailure(thrown, { host, port, variables: { host: 'HOST', port: 'PORT' } });
