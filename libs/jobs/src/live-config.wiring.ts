import { Logger, Provider } from '@nestjs/common';
import { HealthPort } from '@longhaul/contract';
import { Metrics } from '@longhaul/metrics';
import { Records } from '@longhaul/records';
import { HEALTH, Policy, POLICY, Registry } from '@longhaul/registry';
import { Settings, SETTINGS, SETTINGS_LOADER, SettingsLoader } from '@longhaul/settings';
import { LiveConfig } from './live-config';
import { ConfigBuilder } from './live-config-build';
import { ConfigChanges } from './live-config-changes';
import { nestLog } from './log';

const POLL_MS = 1000;

/** The configuration that can change while Longhaul runs, for Nest. */
export const LIVE_CONFIG_PROVIDERS: Provider[] = [
  {
    provide: ConfigBuilder,
    inject: [SETTINGS_LOADER, SETTINGS, POLICY, HEALTH],
    useFactory: (...[load, boot, policy, health]: [SettingsLoader, Settings, Policy, HealthPort]) =>
      new ConfigBuilder({ load, boot, policy, health }),
  },
  {
    provide: LiveConfig,
    inject: [SETTINGS, Records, Registry, ConfigBuilder, Metrics],
    // Asynchronous: nothing that stands on it is made before the version in force is.
    useFactory: async (
      ...[settings, records, registry, builder, metrics]: [
        Settings,
        Records,
        Registry,
        ConfigBuilder,
        Metrics,
      ]
    ) => {
      const log = nestLog(new Logger('Config'));
      const live = new LiveConfig(
        { records, registry, builder, metrics, log },
        { everyMs: POLL_MS, ignoresOverrides: settings.ignoreOverrides, nowMs: () => Date.now() },
      );
      await live.load();
      return live;
    },
  },
  {
    provide: ConfigChanges,
    inject: [Records, ConfigBuilder, LiveConfig, SETTINGS],
    useFactory: (...[records, builder, live, boot]: [Records, ConfigBuilder, LiveConfig, Settings]) =>
      new ConfigChanges({ records, builder, live, boot }),
  },
];

/** What the module lets out of it. */
export const LIVE_CONFIG = [LiveConfig, ConfigChanges];
