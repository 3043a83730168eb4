import { DynamicModule, Module } from '@nestjs/common';
import { HealthPort } from '@longhaul/contract';
import { SETTINGS, Settings } from '@longhaul/settings';
import { Catalogue } from './catalogue';
import { Listings } from './listings';
import { POLICY, Policy, defaultPolicy } from './policy';
import { EVERYTHING_WELL, Registry, RegistryParts } from './registry';

/** Nest injection token of the HealthPort. */
export const HEALTH = Symbol('HEALTH');

export interface RegistryOptions {
  /** Another way to choose; see docs/routing.md. */
  readonly policy?: Policy;
  readonly health?: HealthPort;
}

const PART_TOKENS = [Catalogue, POLICY, SETTINGS, HEALTH];
type PartValues = [Catalogue, Policy, Settings, HealthPort];
const partsOf = ([catalogue, policy, settings, health]: PartValues): RegistryParts => ({
  ...{ catalogue, policy, settings, health },
});

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
          useFactory: (...values: PartValues) => new Registry(partsOf(values)),
          inject: PART_TOKENS,
        },
        {
          provide: Listings,
          useFactory: (...values: PartValues) => new Listings(partsOf(values)),
          inject: PART_TOKENS,
        },
      ],
      exports: [Registry, Listings, Catalogue, POLICY],
    };
  }
}
