import {
  BeforeApplicationShutdown,
  DynamicModule,
  Inject,
  Logger,
  Module,
  OnApplicationBootstrap,
} from '@nestjs/common';
import { GatewayError } from '@longhaul/contract';
import { Metrics } from '@longhaul/metrics';
import { ProviderCatalogue, ProvidersModule } from '@longhaul/providers';
import { BACK_END, BackEnd, Dispatch, QUEUE_LOG, QueueLog, QueueModule } from '@longhaul/queue';
import { Records, RecordsModule } from '@longhaul/records';
import { Registry, RegistryModule } from '@longhaul/registry';
import { Settings, SETTINGS } from '@longhaul/settings';
import { JobReader } from './job-reader';
import { JobService } from './job.service';
import { Log } from './log';
import { OVERVIEW_PROVIDERS, OVERVIEWS } from './overview.wiring';
import { Road } from './road';

export interface JobsModuleOptions {
  /** A store turned out unusable after the boot: end the process. */
  readonly onFatal: (error: GatewayError) => void;
}

type GroundValues = [Settings, Records, BackEnd, Dispatch, Registry, ProviderCatalogue, Metrics, QueueLog];

/** Everything below the apps. Needs the SETTINGS token and `Metrics` from global modules. */
@Module({})
export class JobsModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(@Inject(Road) private readonly road: Road) {}

  /** Accepts, feeds and reconciles. */
  static forApi(options: JobsModuleOptions): DynamicModule {
    return JobsModule.forRole('api', options);
  }

  /** Also consumes the lanes. */
  static forWorker(options: JobsModuleOptions): DynamicModule {
    return JobsModule.forRole('worker', options);
  }

  private static forRole(role: 'api' | 'worker', { onFatal }: JobsModuleOptions): DynamicModule {
    return {
      module: JobsModule,
      imports: [
        RecordsModule.forRoot(),
        QueueModule.register({ onFatal }),
        RegistryModule.forRoot(),
        ProvidersModule,
      ],
      providers: [
        {
          provide: Road,
          inject: [SETTINGS, Records, BACK_END, Dispatch, Registry, ProviderCatalogue, Metrics, QUEUE_LOG],
          useFactory: (
            ...[settings, records, backEnd, dispatch, registry, providers, metrics, queueLog]: GroundValues
          ) => {
            const stores = { records, backEnd, dispatch };
            const ground = { ...stores, settings, registry, providers, metrics, queueLog, log: nestLog() };
            return new Road(ground, role);
          },
        },
        { provide: JobService, inject: [Road], useFactory: (road: Road) => road.service },
        { provide: JobReader, inject: [Road], useFactory: (road: Road) => road.reader },
        ...OVERVIEW_PROVIDERS,
      ],
      exports: [JobService, JobReader, ...OVERVIEWS, RegistryModule],
    };
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.road.life.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.road.life.stop();
  }
}

/** Nest's logger as ours: a thrown value goes out by its message, never whole. */
function nestLog(): Log {
  const logger = new Logger('Road');
  const withReason = (message: string, thrown: unknown): string =>
    thrown instanceof Error ? `${message} (${thrown.message})` : message;
  return {
    info: (message) => {
      logger.log(message);
    },
    warn: (message, thrown) => {
      logger.warn(withReason(message, thrown));
    },
    error: (message, thrown) => {
      logger.error(withReason(message, thrown), thrown instanceof Error ? thrown.stack : undefined);
    },
  };
}
