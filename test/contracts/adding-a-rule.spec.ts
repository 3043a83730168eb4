import { Global, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { nameOf } from '@longhaul/contract';
import * as registryLibrary from '@longhaul/registry';
import { Policy, Registry, RegistryModule } from '@longhaul/registry';
import { SETTINGS } from '@longhaul/settings';
import { model, need, provider, settingsOf } from '../../libs/registry/src/registry.fixtures';
import { printedBlocks, runPrinted } from '../support/printed-code';

/** The first block of TypeScript on the page, run as it is printed. */
function printedPolicy(): Policy {
  const [source = ''] = printedBlocks('adding-a-rule.md', 'ts');
  const { policy } = runPrinted(source, { '@longhaul/registry': registryLibrary }) as { policy?: Policy };
  if (policy === undefined) throw new Error('The page exports no policy.');
  return policy;
}

const settings = settingsOf({
  providers: [provider('a'), provider('b')],
  models: [
    model('a/small', { contextWindow: 10_000, rank: 1 }),
    model('a/large', { contextWindow: 90_000, rank: 2 }),
    model('b/free', { contextWindow: 200_000, free: true }),
  ],
});

@Global()
@Module({ providers: [{ provide: SETTINGS, useValue: settings }], exports: [SETTINGS] })
class FixtureSettings {}

const registryWith = async (policy?: Policy): Promise<Registry> => {
  const options = policy === undefined ? {} : { policy };
  const module = await Test.createTestingModule({
    imports: [FixtureSettings, RegistryModule.forRoot(options)],
  }).compile();
  return module.get(Registry);
};

describe('the policy of docs/adding-a-rule.md', () => {
  it('decides in place of the built-in one when the module is given it', async () => {
    const registry = await registryWith(printedPolicy());
    const { chain, decision } = registry.route(need());
    expect(chain.map(nameOf)).toEqual(['b/free', 'a/large', 'a/small']);
    expect(decision).toMatchObject({ policy: 'audits-are-paid', decidedBy: 'largest_window' });
    expect(decision.rules.at(-1)).toBe('paid-audits');
    expect(decision.order[0]).toBe('largest_window');
    const builtIn = (await registryWith()).route(need());
    expect([builtIn.decision.policy, nameOf(builtIn.chain[0])]).toEqual(['default', 'a/small']);
  });

  it('refuses with the sentence that the page shows', async () => {
    const { decision } = (await registryWith(printedPolicy())).route(need({ type: 'audit' }));
    expect(decision.candidates.find(({ target }) => target.model === 'free')?.refusals).toEqual([
      { rule: 'paid-audits', reason: 'b/free is free, and audits are for paid models.' },
    ]);
  });
});
