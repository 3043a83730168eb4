import {
  BeforeApplicationShutdown,
  DynamicModule,
  Inject,
  Module,
  OnApplicationBootstrap,
} from '@nestjs/common';
import { GatewayError } from '@longhaul/contract';
import { ModelLists, ProvidersModule } from '@longhaul/providers';
import { QueueModule } from '@longhaul/queue';
import { RecordsModule } from '@longhaul/records';
import { HealthBoard, Registry, RegistryModule } from '@longhaul/registry';
import { JobReader } from './job-reader';
import { JobService } from './job.service';
import { KeylessWatch, KEYLESS_WATCH_TIMES } from './keyless-watch';
import { LiveConfig } from './live-config';
import { LIVE_CONFIG, LIVE_CONFIG_PROVIDERS } from './live-config.wiring';
import { OVERVIEW_PROVIDERS, OVERVIEWS } from './overview.wiring';
import { Road } from './road';
import { roadProvider } from './road.wiring';

export interface JobsModuleOptions {
  /** A store turned out unusable after the boot: end the process. */
  readonly onFatal: (error: GatewayError) => void;
}

/** Everything below the apps. Needs the SETTINGS token and `Metrics` from global modules. */
@Module({})
export class JobsModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    @Inject(Road) private readonly road: Road,
    @Inject(LiveConfig) private readonly live: LiveConfig,
    @Inject(KeylessWatch) private readonly keyless: KeylessWatch,
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
        RecordsModule.forRoot(),
        QueueModule.register({ onFatal }),
        RegistryModule.forRoot(),
        ProvidersModule,
      ],
      providers: [
        roadProvider(role),
        { provide: JobService, inject: [Road], useFactory: (road: Road) => road.service },
        { provide: JobReader, inject: [Road], useFactory: (road: Road) => road.reader },
        {
          provide: KeylessWatch,
          inject: [Registry, ModelLists, HealthBoard],
          useFactory: (registry: Registry, lists: ModelLists, board: HealthBoard) =>
            new KeylessWatch({ settings: () => registry.state.settings, lists, board }, KEYLESS_WATCH_TIMES),
        },
        ...LIVE_CONFIG_PROVIDERS,
        ...OVERVIEW_PROVIDERS,
      ],
      exports: [JobService, JobReader, ...LIVE_CONFIG, ...OVERVIEWS, RegistryModule],
    };
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.road.life.start();
    // After the lanes were declared: their caps may be overridden.
    await this.live.start();
    await this.keyless.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.keyless.stop();
    await this.live.stop();
    await this.road.life.stop();
  }
}
