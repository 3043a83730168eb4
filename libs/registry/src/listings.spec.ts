import { GatewayError } from '@longhaul/contract';
import { Listings } from './listings';
import { WORLD, listingsOf, model, provider } from './registry.fixtures';

const listings = listingsOf(WORLD);
const named = (name: string) => listings.models().find((row) => row.name === name);
const refusal = (look: () => unknown): GatewayError => {
  try {
    look();
  } catch (thrown) {
    return GatewayError.from(thrown);
  }
  throw new Error('nothing was refused');
};

describe('the model list', () => {
  it('shows every row once, in the order of auto, without keys', () => {
    const names = listings.models().map(({ name }) => name);
    expect(names).toHaveLength(WORLD.models.length);
    expect(names.slice(0, 3)).toEqual(['kimi/kimi-for-coding', 'glm/glm-5', 'glm/glm-4.5-x']);
    expect(JSON.stringify(listings.models())).not.toContain('sk-fixture');
  });

  it('says why a job that names a model would be refused, and nothing of one that would be taken', () => {
    expect(named('openai/gpt-5.4')?.unavailableBecause).toBe(
      'Provider openai has no key: OPENAI_API_KEY is not set.',
    );
    expect(named('moonshot/kimi-k2-0905-preview')?.unavailableBecause).toBe(
      'moonshot/kimi-k2-0905-preview is retired; its successor is kimi-k2.6.',
    );
    expect(named('moonshot/kimi-k2.6')).toMatchObject({ unavailableBecause: null, aliases: ['K2'] });
  });

  it('counts an explicit_only model as available: whoever asks by name gets it', () => {
    expect(named('kimi/kimi-for-coding')).toMatchObject({ explicitOnly: true, unavailableBecause: null });
  });

  it('names a provider that is off or not allowed', () => {
    const off = listingsOf({
      providers: [provider('glm', { maxInflight: 0 }), provider('other')],
      models: [model('glm/a'), model('other/b')],
      policy: { disabledProviders: ['other'] },
    });
    expect(off.models().map(({ unavailableBecause }) => unavailableBecause)).toEqual([
      'Provider glm is off: its in-flight cap is 0.',
      'Provider other is in DISABLED_PROVIDERS.',
    ]);
    expect(off.providers().map(({ unavailableBecause }) => unavailableBecause)).toEqual([
      'Provider glm is off: its in-flight cap is 0.',
      'Provider other is in DISABLED_PROVIDERS.',
    ]);
  });
});

describe('one model', () => {
  it.each([
    ['moonshot/kimi-k2.6', 'moonshot/kimi-k2.6'],
    ['KIMI-K2.6', 'moonshot/kimi-k2.6'],
    [' k2 ', 'moonshot/kimi-k2.6'],
    ['cloud/glm-5', 'ollama_cloud/glm-5'],
    ['openrouter/openai/gpt-oss-120b:free', 'openrouter/openai/gpt-oss-120b:free'],
    ['kimi-gone', 'moonshot/kimi-gone'],
  ])('is found by %s', (name, found) => {
    expect(listings.model(name).name).toBe(found);
  });

  it.each([
    ['kimi-k26', 'moonshot/kimi-k2.6'],
    ['moonshot/kimi-k2.7', 'moonshot/kimi-k2.6'],
    ['glm/gml-5', 'glm/glm-5'],
    ['cloud/glm-6', 'ollama_cloud/glm-5'],
  ])('that is not there (%s) is answered with near ones', (name, near) => {
    const error = refusal(() => listings.model(name));
    expect(error.code).toBe('not_found');
    expect(error.detail.extra?.near_matches).toContain(near);
    expect(error.message).toContain(near);
  });

  it('of a provider that takes unlisted ids is told from one that cannot be named', () => {
    expect(refusal(() => listings.model('ollama/mine:7b')).message).toContain(
      'Provider ollama takes ids that are not listed, so a job may name it all the same.',
    );
    expect(refusal(() => listings.model('glm/mine')).message).not.toContain('all the same');
  });

  it.each(['', '/', 'glm/', 'x'.repeat(9000)])('that cannot be one is not found', (name) => {
    expect(refusal(() => listings.model(name)).code).toBe('not_found');
    expect(refusal(() => listings.model(name)).message.length).toBeLessThan(400);
  });
});

describe('one provider', () => {
  it('is found by its name or prefix', () => {
    expect(listings.provider('cloud').settings.name).toBe('ollama_cloud');
    expect(listings.provider('GLM').unavailableBecause).toBeNull();
    expect(listings.provider('ollama_cloud').unavailableBecause).toContain('OLLAMA_CLOUD_KEY');
  });

  it('that is not there is answered with near ones', () => {
    const error = refusal(() => listings.provider('moonshoot'));
    expect([error.code, error.detail.extra]).toEqual(['not_found', { near_matches: ['moonshot'] }]);
  });
});

it('asks the rules of its policy and no others', () => {
  const anything: Listings = listingsOf(WORLD, {
    policy: { name: 'none', rules: [], fallbackRules: [], orders: () => [] },
  });
  expect(anything.models().every(({ unavailableBecause }) => unavailableBecause === null)).toBe(true);
});
