import { Global, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { nameOf } from '@longhaul/contract';
import { SETTINGS } from '@longhaul/settings';
import { Order } from './orders';
import { Policy, defaultPolicy } from './policy';
import { WORLD, need, policySettings } from './registry.fixtures';
import { Registry } from './registry';
import { RegistryModule, RegistryOptions } from './registry.module';

const settings = {
  ...WORLD,
  policy: policySettings(WORLD.policy),
  limits: { maxRungs: 4, maxCallsPerJob: 8, retryAttempts: 1 },
};

@Global()
@Module({ providers: [{ provide: SETTINGS, useValue: settings }], exports: [SETTINGS] })
class FixtureSettings {}

const registryFrom = async (options?: RegistryOptions): Promise<Registry> => {
  const module = await Test.createTestingModule({
    imports: [FixtureSettings, RegistryModule.forRoot(options)],
  }).compile();
  return module.get(Registry);
};

describe('the registry module', () => {
  it('gives a registry with the default policy', async () => {
    const { decision } = (await registryFrom()).route(need());
    expect([decision.policy, decision.decidedBy]).toEqual(['default', 'rank']);
  });

  it('takes another policy, whose order and words then stand in the decision', async () => {
    const window: Order = {
      name: 'window',
      meaning: 'The wider context window.',
      place: ({ model }) => -(model.contextWindow ?? 0),
    };
    const biggestWindow: Policy = {
      ...defaultPolicy,
      name: 'biggest-window',
      orders: (question) => [window, ...defaultPolicy.orders(question)],
    };
    const { chain, decision } = (await registryFrom({ policy: biggestWindow })).route(need());
    expect(nameOf(chain[0])).toBe('glm/glm-5');
    expect([decision.policy, decision.decidedBy]).toEqual(['biggest-window', 'window']);
    expect(decision.order.slice(0, 2)).toEqual(['window', 'preferred_providers']);
  });

  it('asks the health that it is given', async () => {
    const health = { refusal: () => 'Everything is cooling.' };
    const registry = await registryFrom({ health });
    expect(() => registry.route(need())).toThrow(/None of the/);
  });
});
