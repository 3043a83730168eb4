import { Logger, Provider } from '@nestjs/common';
import { GatewayError } from '@longhaul/contract';
import { Metrics } from '@longhaul/metrics';
import { ProviderCatalogue } from '@longhaul/providers';
import { BACK_END, BackEnd, Dispatch, QUEUE_LOG, QueueLog } from '@longhaul/queue';
import { Records } from '@longhaul/records';
import { Registry } from '@longhaul/registry';
import { Settings, SETTINGS } from '@longhaul/settings';
import { HealthMeter } from './health-meter';
import { LiveConfig } from './live-config';
import { nestLog } from './log';
import { Road } from './road';

type Stores = [Records, BackEnd, Dispatch, QueueLog];
type Knowledge = [Settings, LiveConfig, Registry, ProviderCatalogue, Metrics, HealthMeter];

/** The road, for Nest. */
export const roadProvider = (role: 'api' | 'worker', onFatal: (error: GatewayError) => void): Provider => ({
  provide: Road,
  inject: [
    ...[Records, BACK_END, Dispatch, QUEUE_LOG],
    ...[SETTINGS, LiveConfig, Registry, ProviderCatalogue, Metrics, HealthMeter],
  ],
  useFactory: (...[records, backEnd, dispatch, queueLog, ...knowledge]: [...Stores, ...Knowledge]) => {
    const [settings, live, registry, providers, metrics, health] = knowledge;
    const stores = { records, backEnd, dispatch, queueLog };
    const log = nestLog(new Logger('Road'));
    return new Road({ ...stores, settings, live, registry, providers, metrics, health, log, onFatal }, role);
  },
});
