import { DynamicModule, Module } from '@nestjs/common';
import { Settings, SETTINGS, SETTINGS_LOADER, SettingsLoader } from './settings';

/** Gives the frozen settings to every module under the token SETTINGS, and what reads them again under SETTINGS_LOADER. */
@Module({})
export class SettingsModule {
  /** @param settings loaded already, as a test or an app's `main` has them */
  static forRoot(settings: Settings, loader: SettingsLoader): DynamicModule {
    return {
      module: SettingsModule,
      global: true,
      providers: [
        { provide: SETTINGS, useValue: settings },
        { provide: SETTINGS_LOADER, useValue: loader },
      ],
      exports: [SETTINGS, SETTINGS_LOADER],
    };
  }
}
