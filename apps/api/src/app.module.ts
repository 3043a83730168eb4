import { DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { JobService, JobsModule } from '@longhaul/jobs';
import { MetricsModule } from '@longhaul/metrics';
import { findVersion } from '@longhaul/providers';
import { Settings, SETTINGS, SettingsLoader, SettingsModule } from '@longhaul/settings';
import { LoggerModule } from 'nestjs-pino';
import { ChatController } from './chat/chat.controller';
import { CONFIG_CONTROLLERS, CONFIG_PROVIDERS } from './config/config.wiring';
import { DocsController } from './docs/docs.controller';
import { DocumentsLoader } from './docs/documents.loader';
import { HealthController, READINESS } from './health/health.controller';
import { ErrorFilter } from './http/error.filter';
import { logging } from './http/logging';
import { BulkController } from './jobs/bulk.controller';
import { JobAnswers } from './jobs/job-answers';
import { JobReadingController } from './jobs/job-reading.controller';
import { JobsController } from './jobs/jobs.controller';
import { LongPolls } from './jobs/long-poll';
import { MetricsController } from './metrics/metrics.controller';
import { ExplainController } from './registry/explain.controller';
import { ModelsController } from './registry/models.controller';
import { ModelLoadingController } from './registry/model-loading.controller';
import { PingController } from './registry/ping.controller';
import { ProvidersController } from './registry/providers.controller';
import { StatusController } from './status/status.controller';

/** The API process: HTTP above, the jobs library below. */
@Module({})
export class AppModule {
  static forRoot(settings: Settings, onFatal: (error: Error) => void, loader: SettingsLoader): DynamicModule {
    return {
      module: AppModule,
      imports: [
        LoggerModule.forRoot(logging(settings.logLevel)),
        SettingsModule.forRoot(settings, loader),
        MetricsModule,
        JobsModule.forApi({ onFatal }),
      ],
      controllers: [
        JobsController,
        BulkController,
        JobReadingController,
        ChatController,
        HealthController,
        DocsController,
        MetricsController,
        ExplainController,
        ModelsController,
        ProvidersController,
        PingController,
        ModelLoadingController,
        StatusController,
        ...CONFIG_CONTROLLERS,
      ],
      providers: [
        LongPolls,
        JobAnswers,
        ...CONFIG_PROVIDERS,
        {
          provide: DocumentsLoader,
          inject: [SETTINGS],
          useFactory: (own: Settings) => new DocumentsLoader([own, findVersion(__dirname)]),
        },
        { provide: APP_FILTER, useClass: ErrorFilter },
        { provide: READINESS, useExisting: JobService },
      ],
    };
  }
}
