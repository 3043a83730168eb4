import { GatewayError, nameOf } from '@longhaul/contract';
import { faultOf } from './registry.fixtures';
import { Setup, decided } from './seeds.fixtures';

const chosen = (...asked: Parameters<typeof decided>): string => nameOf(decided(...asked).chain[0]!);
const without = (...names: string[]): Record<string, object> =>
  Object.fromEntries(names.map((name) => [name, { key: null }]));

describe('seed 001: DEFAULT_MODEL', () => {
  const defaults = {
    defaultModels: ['glm/glm-4.5-flash', 'moonshot/kimi-k2-0711-preview', 'openai/gpt-4o-mini'],
  };
  /** A tier of which nothing is left, so that only the default can take the job. */
  const fast = (...gone: string[]): string =>
    chosen({ model: 'tier:fast' }, { policy: defaults, providers: without('anthropic', ...gone) });

  it('B12: is no preference: what the policy ranks stands before it', () => {
    expect(chosen({}, { policy: defaults })).toBe('moonshot/kimi-k2-0905-preview');
    expect(chosen({}, { policy: { ...defaults, allowedProviders: ['glm'] } })).toBe('glm/glm-4.6');
  });

  it('B12: is not used inside a provider', () => {
    expect(chosen({ provider: 'glm' }, { policy: defaults })).toBe('glm/glm-4.6');
  });

  it('B24: is GLM, else Kimi, else the last of all, each only with its key', () => {
    expect([fast(), fast('glm'), fast('glm', 'moonshot')]).toEqual(defaults.defaultModels);
  });

  it('B24: passes through the same rules as everything else', () => {
    const refusal = (policy: Setup['policy']): GatewayError =>
      faultOf(() =>
        decided(
          { model: 'tier:fast' },
          { policy: { ...defaults, ...policy }, providers: without('anthropic') },
        ),
      );
    expect(refusal({ disabledProviders: ['glm', 'moonshot', 'openai'] }).code).toBe('no_route');
    expect(refusal({ maxCostNanoUsd: 0, disabledProviders: ['glm'] }).code).toBe('no_route');
  });

  it('B12: goes last in a chain', () => {
    const setup: Setup = {
      policy: {
        defaultModels: ['ollama/llama3.2:3b', 'glm/glm-4.5-flash'],
        allowedProviders: ['glm', 'ollama'],
      },
    };
    const steps = decided({ model: 'glm-4.6' }, setup).chain.map((link) => [nameOf(link), link.because]);
    expect(steps.at(-1)).toEqual(['ollama/llama3.2:3b', 'default_model']);
    expect(steps.filter(([name]) => name === 'glm/glm-4.5-flash')).toEqual([['glm/glm-4.5-flash', 'rank']]);
  });
});
