import {
  BeforeApplicationShutdown,
  DynamicModule,
  Inject,
  Logger,
  Module,
  OnApplicationBootstrap,
  OnModuleDestroy,
} from '@nestjs/common';
import { GatewayError } from '@longhaul/contract';
import { ProvidersModule } from '@longhaul/providers';
import { QueueModule } from '@longhaul/queue';
import { RecordsModule } from '@longhaul/records';
import { RegistryModule } from '@longhaul/registry';
import { BulkService } from './bulk.service';
import { HealthWatch } from './health-watch';
import { JobReader } from './job-reader';
import { JobService } from './job.service';
import { LiveConfig } from './live-config';
import { LIVE_CONFIG, LIVE_CONFIG_PROVIDERS } from './live-config.wiring';
import { CHECK_PROVIDERS, OVERVIEW_PROVIDERS, OVERVIEWS } from './overview.wiring';
import { KNOWN_PAYLOADS } from './kinds';
import { nestLog } from './log';
import { logRegistry } from './registry-line';
import { Road } from './road';
import { roadProvider } from './road.wiring';
import { Watches } from './watches';
import { WATCH_PROVIDERS } from './watches.wiring';

export interface JobsModuleOptions {
  /** A store turned out unusable after the boot: end the process. */
  readonly onFatal: (error: GatewayError) => void;
}

/** Everything below the apps. Needs the SETTINGS token and `Metrics` from global modules. */
@Module({})
export class JobsModule implements OnApplicationBootstrap, OnModuleDestroy, BeforeApplicationShutdown {
  constructor(
    @Inject(Road) private readonly road: Road,
    @Inject(LiveConfig) private readonly live: LiveConfig,
    @Inject(Watches) private readonly watches: Watches,
  ) {}

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
        RecordsModule.forRoot(KNOWN_PAYLOADS),
        QueueModule.register({ onFatal }),
        RegistryModule.forRoot(),
        ProvidersModule,
      ],
      providers: [
        roadProvider(role, onFatal),
        { provide: JobService, inject: [Road], useFactory: (road: Road) => road.service },
        { provide: BulkService, inject: [Road], useFactory: (road: Road) => road.bulk },
        { provide: JobReader, inject: [Road], useFactory: (road: Road) => road.reader },
        ...WATCH_PROVIDERS,
        ...LIVE_CONFIG_PROVIDERS,
        ...OVERVIEW_PROVIDERS,
        ...CHECK_PROVIDERS,
      ],
      exports: [
        JobService,
        BulkService,
        JobReader,
        HealthWatch,
        ...LIVE_CONFIG,
        ...OVERVIEWS,
        RegistryModule,
      ],
    };
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.road.life.start();
    logRegistry(this.live.current.state, nestLog(new Logger('Registry')));
    // After the lanes were declared: their caps may be overridden.
    await this.live.start();
    await this.watches.start();
  }

  /** The first hook of a stop: nothing here may wait. */
  onModuleDestroy(): void {
    this.road.life.stopClaiming();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.watches.stopLooking();
    await this.live.stop();
    await this.road.life.stop();
    await this.watches.stopMeasuring();
  }
}
