import { join } from 'node:path';
import { GatewayError, nameOf } from '@longhaul/contract';
import { Settings, loadSettings } from '@longhaul/settings';
import { Catalogue } from './catalogue';
import { defaultPolicy } from './policy';
import { Registry } from './registry';
import { need } from './registry.fixtures';
import { EVERYTHING_WELL } from './registry.module';
import { buildState } from './state';

const configDir = join(__dirname, '../../../config');
const settingsWith = (env: Record<string, string>): Settings =>
  loadSettings({ env, configDir, homeDir: '/nonexistent' });
const registryWith = (env: Record<string, string>): Registry =>
  new Registry(buildState(settingsWith(env), { policy: defaultPolicy, health: EVERYTHING_WELL, version: 0 }));
const failureOf = (run: () => unknown): GatewayError => {
  try {
    run();
  } catch (thrown) {
    return GatewayError.from(thrown);
  }
  throw new Error('nothing was thrown');
};

describe('the catalogue that ships', () => {
  const settings = settingsWith({});
  const catalogue = new Catalogue(settings);

  it('starts without a warning, and every provider has a default model', () => {
    expect(catalogue.warnings).toEqual([]);
    for (const provider of catalogue.providers)
      expect([provider.name, catalogue.defaultOf(provider)?.listed]).toEqual([provider.name, true]);
  });

  it('has a retired name answered with a successor that is served', () => {
    const retired = catalogue.listed.filter(({ model }) => model.status === 'retired');
    expect(retired.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'moonshot/kimi-k2-0711-preview',
        'moonshot/kimi-k2-0905-preview',
        'moonshot/kimi-k2-turbo-preview',
        'moonshot/kimi-latest-128k',
      ]),
    );
    for (const entry of retired) expect(catalogue.successorOf(entry)?.model.status).toBe('active');
  });

  it('gives reasoning models room for their answer', () => {
    const reasoning = catalogue.listed.filter(({ model }) => model.capabilities.includes('reasoning'));
    for (const entry of reasoning.filter(({ model }) => model.status !== 'retired')) {
      expect([entry.name, entry.model.minOutputTokens]).toEqual([entry.name, 1_500]);
    }
  });

  it('leaves flat-fee plans unpriced, and states a source for each price', () => {
    for (const { model } of catalogue.listed) {
      if (['kimi', 'ollama_cloud'].includes(model.provider))
        expect([model.id, model.price]).toEqual([model.id, null]);
      else if (model.price !== null) expect(model.price.source).not.toBe('');
    }
  });

  it('keeps cached input no dearer than input, and output no cheaper', () => {
    for (const { model } of catalogue.listed.filter(({ model: { price } }) => price !== null)) {
      const { inputPerMTok, cachedInputPerMTok = inputPerMTok, outputPerMTok } = model.price!;
      expect([model.id, cachedInputPerMTok <= inputPerMTok, outputPerMTok >= inputPerMTok]).toEqual([
        model.id,
        true,
        true,
      ]);
    }
  });
});

describe('on a machine with nothing set', () => {
  it('the sandbox answers to its name, and auto never goes there', () => {
    const registry = registryWith({});
    expect(nameOf(registry.route(need(), { model: 'sandbox/reviewer' }).chain[0])).toBe('sandbox/reviewer');
    expect(nameOf(registry.route(need()).chain[0])).toBe('ollama/qwen3.5:latest');
  });

  it('a provider without its key is answered with the variable', () => {
    const error = failureOf(() => registryWith({}).route(need(), { model: 'moonshot/kimi-k2.6' }));
    expect(error.code).toBe('provider_not_configured');
    expect(error.message).toContain('MOONSHOT_API_KEY');
  });
});

describe('with keys', () => {
  const keys = {
    MOONSHOT_API_KEY: 'sk-one-two-three-four',
    KIMI_API_KEY: 'sk-kimi-one-two-three',
    GLM_API_KEY: 'key.of.glm.long',
  };

  it('auto begins with moonshot, goes on to glm, and never takes Kimi For Coding', () => {
    const { chain, decision } = registryWith({ ...keys, MAX_RUNGS: '9' }).route(need());
    expect(nameOf(chain[0])).toBe('moonshot/kimi-k2.6');
    expect(chain.map(({ provider }) => provider)).not.toContain('kimi');
    expect(decision.candidates.find(({ target }) => target.provider === 'kimi')?.refusals).toMatchObject([
      { rule: 'explicit-only' },
    ]);
  });

  it('the names of old configurations go on working, through their successors', () => {
    const env = {
      ...keys,
      KIMI_DEFAULT_MODEL: 'kimi-k2-0711-preview',
      KIMI_FALLBACK_ORDER: 'kimi-k2-0905-preview,glm-4.5-flash',
    };
    const { chain } = registryWith(env).route(need(), { provider: 'moonshot' });
    expect(chain.slice(0, 2).map(nameOf)).toEqual(['moonshot/kimi-k2.6', 'glm/glm-4.5-flash']);
  });
});
