import { Logger, Provider } from '@nestjs/common';
import { ModelLists } from '@longhaul/providers';
import { Records } from '@longhaul/records';
import { HealthBoard, Registry } from '@longhaul/registry';
import { HEALTH_FLUSH_MS, HealthMeter } from './health-meter';
import { HEALTH_WATCH_TIMES, HealthWatch } from './health-watch';
import { KeylessWatch, KEYLESS_WATCH_TIMES } from './keyless-watch';
import { nestLog } from './log';
import { Watches } from './watches';

/** What goes on in the background, for Nest. */
export const WATCH_PROVIDERS: Provider[] = [
  {
    provide: HealthMeter,
    inject: [Records, Registry],
    useFactory: ({ health: records }: Records, registry: Registry) =>
      new HealthMeter(
        { records, log: nestLog(new Logger('Health')) },
        {
          everyMs: HEALTH_FLUSH_MS,
          halfLifeMs: () => registry.state.settings.policy.health.halfLifeMs,
        },
      ),
  },
  {
    provide: HealthWatch,
    inject: [Records, Registry, HealthBoard],
    useFactory: ({ health: records }: Records, registry: Registry, board: HealthBoard) => {
      const settings = () => registry.state.settings.policy.health;
      const now = (): number => performance.now();
      return new HealthWatch({ records, board, settings, now }, HEALTH_WATCH_TIMES);
    },
  },
  {
    provide: KeylessWatch,
    inject: [Registry, ModelLists, HealthBoard],
    useFactory: (registry: Registry, lists: ModelLists, board: HealthBoard) =>
      new KeylessWatch({ settings: () => registry.state.settings, lists, board }, KEYLESS_WATCH_TIMES),
  },
  {
    provide: Watches,
    inject: [KeylessWatch, HealthWatch, HealthMeter],
    useFactory: (keyless: KeylessWatch, health: HealthWatch, meter: HealthMeter) =>
      new Watches({ keyless, health, meter }),
  },
];
