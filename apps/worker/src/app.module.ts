import { DynamicModule, Module } from '@nestjs/common';
import { JobsModule } from '@longhaul/jobs';
import { MetricsModule } from '@longhaul/metrics';
import { SECRET_LOG_PATHS, Settings, SettingsLoader, SettingsModule } from '@longhaul/settings';
import { LoggerModule } from 'nestjs-pino';
import { HealthController } from './health/health.controller';
import { MetricsController } from './metrics/metrics.controller';

/** A worker process: the jobs library with its lanes, and a port for health and metrics. */
@Module({})
export class AppModule {
  static forRoot(settings: Settings, onFatal: (error: Error) => void, loader: SettingsLoader): DynamicModule {
    const redact = { paths: [...SECRET_LOG_PATHS], censor: '[redacted]' };
    return {
      module: AppModule,
      imports: [
        LoggerModule.forRoot({ forRoutes: [], pinoHttp: { level: settings.logLevel, redact } }),
        SettingsModule.forRoot(settings, loader),
        MetricsModule,
        JobsModule.forWorker({ onFatal }),
      ],
      controllers: [HealthController, MetricsController],
    };
  }
}
