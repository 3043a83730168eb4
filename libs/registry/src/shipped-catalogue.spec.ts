import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GatewayError, nameOf } from '@longhaul/contract';
import { Settings, loadSettings } from '@longhaul/settings';
import { Catalogue } from './catalogue';
import { HealthBoard } from './health-board';
import { Lists } from './lists';
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

  it('leaves flat-fee plans unpriced, and states the day and the source of each price that is or was', () => {
    for (const { name, model } of catalogue.listed) {
      if (['kimi', 'ollama_cloud'].includes(model.provider)) expect([name, model.prices]).toEqual([name, []]);
      for (const price of model.prices) {
        expect([name, price.effectiveFrom]).toEqual([name, expect.stringMatching(/^20\d\d-\d\d-\d\d$/)]);
        expect([name, price.source]).toEqual([name, expect.stringMatching(/\S/)]);
      }
    }
  });

  it('makes long inputs dearer, never cheaper', () => {
    const stepped = catalogue.listed.flatMap(({ name, model }) =>
      model.prices.flatMap((price) => (price.steps ?? []).map((step) => ({ name, price, step }))),
    );
    expect(new Set(stepped.map(({ name }) => name.split('/')[0]))).toEqual(
      new Set(['openai', 'anthropic', 'gemini']),
    );
    for (const { name, price, step } of stepped)
      expect([
        name,
        step.inputPerMTok > price.inputPerMTok,
        step.outputPerMTok > price.outputPerMTok,
      ]).toEqual([name, true, true]);
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

describe('the rows of the catalogue that ships', () => {
  const settings = settingsWith({});
  const catalogue = new Catalogue(settings);

  it('are counted as ids, and their aliases apart', () => {
    const text = readFileSync(join(configDir, 'models.toml'), 'utf8');
    const rows = text.match(/^\[\[model\]\]$/gm) ?? [];
    const written = [...text.matchAll(/^aliases = \[(.*)\]$/gm)].flatMap(([, list = '']) => list.split(','));
    const aliases = catalogue.listed.flatMap(({ model }) => model.aliases);
    expect([catalogue.listed.length, aliases.length]).toEqual([rows.length, written.length]);
    const named = [...catalogue.listed.map(({ name }) => name), ...aliases].map((name) => name.toLowerCase());
    expect(new Set(named).size).toBe(rows.length + written.length);
    expect(catalogue.entries.filter(({ model }) => aliases.includes(model.id))).toEqual([]);
  });

  it('lead from each retired or deprecated id that names a successor to one that is served', () => {
    const ending = catalogue.listed.filter(({ model }) => model.status !== 'active');
    for (const entry of ending) {
      const successor = catalogue.namedSuccessor(entry);
      expect([entry.name, successor && catalogue.successorOf(successor)?.model.status]).toEqual([
        entry.name,
        'active',
      ]);
    }
  });

  it('put the default model of each provider first, and say what streams', () => {
    for (const provider of catalogue.providers) {
      const [first] = catalogue.listed.filter((entry) => entry.provider === provider);
      expect([provider.name, first?.model.id]).toEqual([provider.name, provider.defaultModel]);
    }
    for (const { model } of catalogue.listed)
      expect([model.id, model.capabilities]).toEqual([model.id, expect.arrayContaining(['streaming'])]);
  });

  it('have in each group models of at least two providers', () => {
    const groups = new Set(catalogue.listed.flatMap(({ model }) => model.group ?? []));
    expect(groups.size).toBeGreaterThan(0);
    for (const group of groups) {
      const members = catalogue.listed.filter(({ model }) => model.group === group);
      const providers = new Set(members.map(({ provider }) => provider.name));
      expect([group, providers.size >= 2]).toEqual([group, true]);
    }
  });

  it('price what is free at nothing, and nothing else', () => {
    for (const { model } of catalogue.listed) {
      const isZero =
        model.price !== null && model.price.inputPerMTok === 0 && model.price.outputPerMTok === 0;
      expect([model.id, model.free]).toEqual([model.id, isZero]);
    }
  });
});

describe('the tiers that ship', () => {
  const lists = new Lists(new Catalogue(settingsWith({})), settingsWith({}).policy);

  it.each(['fast', 'balanced', 'powerful'] as const)(
    '%s has a served target of every provider that policy may choose',
    (tier) => {
      const providers = lists.tier(tier).map(({ provider }) => provider.name);
      const choosable = settingsWith({}).providers.filter(({ explicitOnly }) => !explicitOnly);
      expect(new Set(providers)).toEqual(new Set(choosable.map(({ name }) => name)));
      for (const { name, model } of lists.tier(tier)) expect([name, model.status]).toEqual([name, 'active']);
      expect(providers.at(-1)).toBe('ollama');
    },
  );

  it('begin as the first notes had it: fast and powerful with Anthropic, balanced with Kimi and then the small OpenAI model', () => {
    const firsts = (['fast', 'balanced', 'powerful'] as const).map(
      (tier) => lists.tier(tier)[0]?.provider.name,
    );
    expect(firsts).toEqual(['anthropic', 'moonshot', 'anthropic']);
    expect(lists.tier('balanced')[1]?.name).toBe('openai/gpt-5.4-mini');
  });
});

it('without any key a tier says which keys would do, also where Ollama is silent', () => {
  const health = new HealthBoard();
  health.refuse('ollama', 'Provider ollama does not answer.');
  const state = buildState(settingsWith({}), { policy: defaultPolicy, health, version: 0 });
  const error = failureOf(() => new Registry(state).route(need(), { model: 'tier:balanced' }));
  expect(error.code).toBe('provider_not_configured');
  expect(error.message).toMatch(/^No target of the tier balanced has a key\..*MOONSHOT_API_KEY/);
});
