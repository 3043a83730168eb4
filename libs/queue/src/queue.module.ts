import { CrashSwitch, GatewayError } from '@longhaul/contract';
import { hasLane, Settings, SETTINGS } from '@longhaul/settings';
import { DynamicModule, Inject, Logger, Module, OnApplicationShutdown } from '@nestjs/common';
import { BackEnd } from './back-end';
import { chooseBackEnd } from './choose-back-end';
import { Dispatch } from './dispatch';
import { QueueLog } from './quiet-log';

/** Nest injection token of the open BackEnd, for whoever builds `Lanes`. */
export const BACK_END = Symbol('BACK_END');
/** Nest injection token of the queue library's log. */
export const QUEUE_LOG = Symbol('QUEUE_LOG');

export interface QueueModuleOptions {
  /** The store turned out unusable after the boot; end the process. */
  readonly onFatal: (error: GatewayError) => void;
}

/**
 * Wires the queue library. The connections end in `onApplicationShutdown`; `Lanes` must be closed before, in
 * `beforeApplicationShutdown`.
 */
@Module({})
export class QueueModule implements OnApplicationShutdown {
  constructor(@Inject(Dispatch) private readonly dispatch: Dispatch) {}

  static register({ onFatal }: QueueModuleOptions): DynamicModule {
    const backEnd = async (settings: Settings, log: QueueLog): Promise<BackEnd> => {
      const { redisUrl, databaseUrl } = settings;
      const lanes = settings.providers.filter(hasLane).length;
      const chosen = chooseBackEnd({ redisUrl, databaseUrl, lanes, log, onFatal });
      await chosen.open();
      return chosen;
    };
    return {
      module: QueueModule,
      global: true,
      providers: [
        { provide: QUEUE_LOG, useFactory: (): QueueLog => new Logger('Queue') },
        { provide: BACK_END, inject: [SETTINGS, QUEUE_LOG], useFactory: backEnd },
        {
          provide: Dispatch,
          inject: [BACK_END, QUEUE_LOG, SETTINGS],
          useFactory: (open: BackEnd, log: QueueLog, { crashPoint }: Settings) =>
            new Dispatch(open, log, CrashSwitch.of(crashPoint)),
        },
      ],
      exports: [QUEUE_LOG, BACK_END, Dispatch],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.dispatch.close();
  }
}
