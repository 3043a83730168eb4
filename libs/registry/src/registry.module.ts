import { DynamicModule, Module } from '@nestjs/common';
import { HealthPort } from '@longhaul/contract';
import { SETTINGS, Settings } from '@longhaul/settings';
import { HealthBoard } from './health-board';
import { Listings } from './listings';
import { POLICY, Policy, defaultPolicy } from './policy';
import { Registry } from './registry';
import { buildState } from './state';

/** Nest injection token of the HealthPort. */
export const HEALTH = Symbol('HEALTH');

/** Health before there is any: refuses nothing. */
export const EVERYTHING_WELL: HealthPort = { refusal: () => null };

export interface RegistryOptions {
  /** Another way to choose; see docs/adding-a-rule.md. */
  readonly policy?: Policy;
  /** Absent = a HealthBoard, which refuses nothing until somebody writes on it. */
  readonly health?: HealthPort;
}

/** Needs the SETTINGS token from a global module. */
@Module({})
export class RegistryModule {
  static forRoot({ policy = defaultPolicy, health }: RegistryOptions = {}): DynamicModule {
    return {
      module: RegistryModule,
      providers: [
        { provide: POLICY, useValue: policy },
        { provide: HealthBoard, useFactory: () => new HealthBoard() },
        {
          provide: HEALTH,
          useFactory: (board: HealthBoard) => health ?? board,
          inject: [HealthBoard],
        },
        {
          provide: Registry,
          useFactory: (settings: Settings, chosen: Policy, port: HealthPort) =>
            new Registry(buildState(settings, { policy: chosen, health: port, version: 0 })),
          inject: [SETTINGS, POLICY, HEALTH],
        },
        {
          provide: Listings,
          useFactory: (registry: Registry) => new Listings(registry),
          inject: [Registry],
        },
      ],
      exports: [Registry, Listings, POLICY, HEALTH, HealthBoard],
    };
  }
}
