import { nameOf } from '@longhaul/contract';
import { chainOf, faultOf, model, need, provider, registryOf, stateOf } from './registry.fixtures';
import { SEEDS, Setup, decided, seedsWith } from './seeds.fixtures';

const chosen = (...asked: Parameters<typeof decided>): string => nameOf(decided(...asked).chain[0]!);
const chain = (...asked: Parameters<typeof decided>): string[] => decided(...asked).chain.map(nameOf);

describe('seed 000: one .env', () => {
  it('A1: ALLOWED_PROVIDERS=KIMI,GLM leaves nobody else, whoever names it', () => {
    const policy = { allowedProviders: ['moonshot', 'kimi', 'glm'] };
    const providers = new Set(decided({}, { policy }).chain.map((link) => link.provider));
    expect([...providers].filter((name) => !policy.allowedProviders.includes(name))).toEqual([]);
    expect(faultOf(() => decided({ model: 'openai/gpt-4o-mini' }, { policy })).message).toContain(
      'Provider openai is not in ALLOWED_PROVIDERS.',
    );
  });

  it('A2, A3: the flash and the quality model of GLM are what a tier means inside GLM', () => {
    const glm = { providers: { glm: { speedModel: 'glm-4.5-flash', qualityModel: 'glm-4.5' } } };
    expect(chosen({ provider: 'glm', model: 'tier:fast' }, glm)).toBe('glm/glm-4.5-flash');
    expect(chosen({ provider: 'glm', model: 'tier:powerful' }, glm)).toBe('glm/glm-4.5');
    expect(
      faultOf(() => decided({}, { providers: { glm: { speedModel: 'glm-4.5-flush' } } })).message,
    ).toContain('"glm-4.5-flush" in GLM_SPEED_MODEL is not in the catalogue');
  });

  it('A4, B13: the default model of Kimi is used when a job names the provider but no model, and only then', () => {
    const kimi = { providers: { moonshot: { defaultModel: 'kimi-k2-0711-preview' } } };
    const decision = decided({ provider: 'moonshot' }, kimi);
    expect([nameOf(decision.chain[0]!), decision.decidedBy]).toEqual([
      'moonshot/kimi-k2-0711-preview',
      'provider_default',
    ]);
    expect(chosen({ provider: 'moonshot', model: 'auto' }, kimi)).toBe('moonshot/kimi-k2-0711-preview');
    expect(chosen({}, kimi)).toBe('moonshot/kimi-k2-0905-preview');
    expect(chosen({ provider: 'moonshot', model: 'kimi-latest' }, kimi)).toBe('moonshot/kimi-latest');
  });

  it('A5: the speed model of Kimi is its fast one', () => {
    const kimi = { providers: { moonshot: { speedModel: 'kimi-k2-0711-preview' } } };
    const decision = decided({ provider: 'moonshot', model: 'tier:fast' }, kimi);
    expect([nameOf(decision.chain[0]!), decision.decidedBy]).toEqual([
      'moonshot/kimi-k2-0711-preview',
      'provider_tier',
    ]);
  });

  it('A6: ROUTER_ENABLED=false lets only what is named run', () => {
    const off = { policy: { routerEnabled: false } };
    expect(faultOf(() => decided({}, off)).code).toBe('no_route');
    expect(faultOf(() => decided({ model: 'tier:fast' }, off)).code).toBe('no_route');
    expect(chain({ model: 'kimi-k2' }, off)).toEqual(['moonshot/kimi-k2-0905-preview']);
  });

  it('A7: a profile that the job names leans to its tier, the configured one only ranks', () => {
    expect(chosen({ routing: { profile: 'powerful' } })).toBe('anthropic/claude-3-5-sonnet-20241022');
    expect(decided({}, { policy: { profile: 'balanced' } }).tier?.cause).toBe('no_signal');
    expect(decided({}, { policy: { profile: 'cost' } }).order[1]).toBe('free_first');
    expect(chosen({}, { policy: { profile: 'cost' } })).toBe('glm/glm-4.5-flash');
  });

  it('A8: WORKFLOWS_PREFER_KIMI puts Kimi first for the types that it is set for', () => {
    const setup: Setup = {
      policy: { providerOrder: ['glm', 'moonshot'], preferredProviders: { audit: ['moonshot', 'kimi'] } },
    };
    expect(chosen({}, setup, need({ type: 'audit' }))).toBe('moonshot/kimi-k2-0905-preview');
    expect(decided({ fallbacks: [] }, setup, need({ type: 'chat' })).chain[0]?.provider).toBe('glm');
  });

  it('A14: a missing key is a reason in words, a key is never shown', () => {
    const setup = { providers: { glm: { key: null } } };
    const { candidates } = decided({}, setup);
    const glm = candidates.find(({ target }) => target.provider === 'glm');
    expect(glm?.refusals).toEqual([
      { rule: 'key-present', reason: 'Provider glm has no key: GLM_API_KEY is not set.' },
    ]);
    expect(JSON.stringify(decided())).not.toContain('sk-fixture');
  });

  it('A16: KIMI_FALLBACK_ORDER follows its provider before any other provider', () => {
    const fallbackOrder = ['kimi-k2-0905-preview', 'kimi-k2-0711-preview'];
    const setup = { providers: { moonshot: { fallbackOrder } } };
    expect(chain({ model: 'kimi-latest' }, setup).slice(0, 3)).toEqual([
      ...['moonshot/kimi-latest', 'moonshot/kimi-k2-0905-preview', 'moonshot/kimi-k2-0711-preview'],
    ]);
    expect(chain({ model: 'glm-4.5' }, setup)[1]).not.toBe('moonshot/kimi-k2-0711-preview');
  });

  it('A17: KIMI_ALLOW_EXPENSIVE_THINKING_FALLBACK=false keeps what thinks out of fallbacks, not out of requests', () => {
    const fallbackOrder = ['kimi-thinking-preview', 'kimi-latest'];
    const shut = { providers: { moonshot: { fallbackOrder, allowExpensiveFallback: false } } };
    const open = { providers: { moonshot: { fallbackOrder, allowExpensiveFallback: true } } };
    expect(chain({ model: 'kimi-k2' }, shut)[1]).toBe('moonshot/kimi-latest');
    expect(chain({ model: 'kimi-k2' }, open)[1]).toBe('moonshot/kimi-thinking-preview');
    expect(chosen({ model: 'kimi-thinking-preview' }, shut)).toBe('moonshot/kimi-thinking-preview');
  });
});

describe('seed 002: two providers and one family', () => {
  it.each([
    [{ provider: 'kimi' }, 'provider_default'],
    [{ model: 'kimi/kimi-for-coding' }, 'explicit'],
    [{ provider: 'kimi', model: 'kimi-for-coding' }, 'explicit'],
  ])('D2: %j is Kimi For Coding', (request, decidedBy) => {
    const decision = decided(request);
    expect([nameOf(decision.chain[0]!), decision.decidedBy]).toEqual(['kimi/kimi-for-coding', decidedBy]);
  });

  it('D3: the same model at another provider comes before another model', () => {
    const models = [
      model('ollama_cloud/kimi-k2:1t', { group: 'kimi-k2' }),
      model('openrouter/moonshotai/kimi-k2', { group: 'kimi-k2' }),
      model('moonshot/kimi-k2', { group: 'kimi-k2' }),
      model('glm/glm-4.6', { rank: 1 }),
    ];
    const providers = ['glm', 'ollama_cloud', 'openrouter', 'moonshot'].map((name) => provider(name));
    expect(chainOf({ providers, models }, { model: 'kimi-k2:1t' })).toEqual([
      ...['ollama_cloud/kimi-k2:1t', 'moonshot/kimi-k2', 'openrouter/moonshotai/kimi-k2', 'glm/glm-4.6'],
    ]);
  });

  it.each([
    {},
    { model: 'tier:fast' },
    { routing: { prefer: ['kimi'] } },
    { routing: { signals: { combinedScore: 5 } } },
    { provider: 'moonshot' },
    { model: 'glm-4.5' },
  ])('D16: explicit_only is in no ladder that policy builds: %j', (request) => {
    const setup: Setup = {
      providers: {
        moonshot: { fallbackOrder: ['kimi/kimi-for-coding'] },
        glm: { fallbackOrder: ['kimi/kimi-for-coding'] },
      },
      policy: { defaultModels: ['kimi/kimi-for-coding'], preferredProviders: { chat: ['kimi'] } },
    };
    expect(decided(request, setup).chain.filter((link) => link.provider === 'kimi')).toEqual([]);
  });

  it('D17: a ladder has nine rungs at most, each target once', () => {
    const wide = { ...SEEDS, limits: { maxRungs: 50, maxCallsPerJob: 50 } };
    const rungs = chainOf(wide, {});
    expect([rungs.length, new Set(rungs).size]).toEqual([9, 9]);
  });
});

describe('seed 004: prefixes', () => {
  it('F5: bare names of the catalogue need no prefix, and Ollama takes ids that nobody lists behind its own', () => {
    expect(chosen({ model: 'glm-4.6' })).toBe('glm/glm-4.6');
    expect(chosen({ model: 'ollama/llama3.2:3b' })).toBe('ollama/llama3.2:3b');
    expect(chosen({ provider: 'ollama' })).toBe('ollama/qwen3.5:latest');
  });

  it('F5: a bare name that only Ollama has goes there', () => {
    const health = { refusal: () => null, offers: (target: { model: string }) => target.model === 'mine:7b' };
    const registry = registryOf(seedsWith({ policy: { bareModelProvider: 'ollama' } }), { health });
    const { decision } = registry.route(need(), { model: 'mine:7b' });
    expect([nameOf(decision.chain[0]!), decision.decidedBy]).toEqual(['ollama/mine:7b', 'bare_model']);
    expect(decision.notes[0]).toContain('BARE_MODEL_PROVIDER');
    expect(faultOf(() => registry.route(need(), { model: 'yours:7b' })).code).toBe('model_not_found');
  });

  it('F6: cloud/<model> is ollama_cloud', () => {
    const decision = decided({ model: 'cloud/gpt-oss:120b' });
    expect([nameOf(decision.chain[0]!), decision.decidedBy]).toEqual(['ollama_cloud/gpt-oss:120b', 'prefix']);
    expect(chosen({ provider: 'cloud' })).toBe('ollama_cloud/gpt-oss:120b');
  });

  it('F7: only openrouter/ is stripped, the rest passes untouched', () => {
    for (const id of [
      'openai/gpt-oss-120b:free',
      'moonshotai/kimi-k2.6',
      'openrouter/auto-router',
      'a/b/c:nitro',
    ])
      expect(registryOf(SEEDS).route(need(), { model: `openrouter/${id}` }).chain[0].model).toBe(id);
    expect(chosen({ provider: 'openrouter' })).toBe('openrouter/openai/gpt-oss-120b:free');
  });

  it('F9: kimi/<model> is stripped, and the provider is explicit_only', () => {
    const { chain: targets } = registryOf(SEEDS).route(need(), { model: 'kimi/kimi-for-coding' });
    expect(targets[0]).toMatchObject({ provider: 'kimi', model: 'kimi-for-coding' });
    expect(stateOf(SEEDS).catalogue.provider('kimi')?.explicitOnly).toBe(true);
  });
});
