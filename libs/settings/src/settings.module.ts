import { DynamicModule, Module } from '@nestjs/common';
import { loadProcessSettings } from './load-settings';
import { Settings, SETTINGS } from './settings';

/** Gives the frozen settings to every module under the token SETTINGS. */
@Module({})
export class SettingsModule {
  /** @param settings loaded already, as a test or an app's `main` has them; else this process's own are loaded. */
  static forRoot(settings?: Settings): DynamicModule {
    return {
      module: SettingsModule,
      global: true,
      providers: [{ provide: SETTINGS, useFactory: () => settings ?? loadProcessSettings() }],
      exports: [SETTINGS],
    };
  }
}
