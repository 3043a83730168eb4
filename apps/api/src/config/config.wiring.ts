import { Inject, Injectable, Logger, OnApplicationBootstrap, Provider } from '@nestjs/common';
import { LiveConfig } from '@longhaul/jobs';
import { Listings } from '@longhaul/registry';
import { Settings, SETTINGS } from '@longhaul/settings';
import { ConfigAdminController } from './config-admin.controller';
import { EffectiveController } from './effective.controller';
import { RegistryAdminController } from './registry-admin.controller';
import { RegistrySnapshots } from './registry-snapshot';
import { writeSnapshotFile } from './snapshot-file';

/** Keeps the file beside what is in force: written at the boot and at each exchange. */
@Injectable()
class SnapshotKeeper implements OnApplicationBootstrap {
  private readonly logger = new Logger('Registry');

  constructor(
    @Inject(LiveConfig) private readonly live: LiveConfig,
    @Inject(RegistrySnapshots) private readonly snapshots: RegistrySnapshots,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  onApplicationBootstrap(): void {
    this.live.onExchange(() => {
      this.write();
    });
  }

  /** Nobody's job depends on the file: a full disk is a warning. */
  private write(): void {
    try {
      writeSnapshotFile(this.settings.dataDir, this.snapshots.now());
    } catch (thrown) {
      const reason = thrown instanceof Error ? thrown.message : 'unknown';
      this.logger.warn(`The snapshot of the registry could not be written: ${reason}`);
    }
  }
}

export const CONFIG_CONTROLLERS = [EffectiveController, ConfigAdminController, RegistryAdminController];

export const CONFIG_PROVIDERS: Provider[] = [
  {
    provide: RegistrySnapshots,
    inject: [LiveConfig, Listings],
    useFactory: (live: LiveConfig, listings: Listings) =>
      new RegistrySnapshots(live, listings, () => Date.now()),
  },
  SnapshotKeeper,
];
