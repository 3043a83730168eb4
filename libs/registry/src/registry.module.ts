import { DynamicModule, Module } from '@nestjs/common';
import { HealthPort } from '@longhaul/contract';
import { SETTINGS, Settings } from '@longhaul/settings';
import { Catalogue } from './catalogue';
import { POLICY, Policy, defaultPolicy } from './policy';
import { EVERYTHING_WELL, Registry } from './registry';

/** Nest injection token of the HealthPort. */
export const HEALTH = Symbol('HEALTH');

export interface RegistryOptions {
  /** Another way to choose; see docs/routing.md. */
  readonly policy?: Policy;
  readonly health?: HealthPort;
}

/** Needs the SETTINGS token from a global module. */
@Module({})
export class RegistryModule {
  static forRoot({ policy = defaultPolicy, health = EVERYTHING_WELL }: RegistryOptions = {}): DynamicModule {
    return {
      module: RegistryModule,
      providers: [
        { provide: POLICY, useValue: policy },
        { provide: HEALTH, useValue: health },
        {
          provide: Catalogue,
          useFactory: (settings: Settings) => new Catalogue(settings),
          inject: [SETTINGS],
        },
        {
          provide: Registry,
          useFactory: (...[catalogue, injected, settings, port]: [Catalogue, Policy, Settings, HealthPort]) =>
            new Registry({ catalogue, policy: injected, settings, health: port }),
          inject: [Catalogue, POLICY, SETTINGS, HEALTH],
        },
      ],
      exports: [Registry, Catalogue, POLICY],
    };
  }
}
