import { join } from 'node:path';
import { nameOf } from '@longhaul/contract';
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

describe('the names of the first notes', () => {
  const catalogue = new Catalogue(settingsWith({}));
  // The 18 names of Kimi: 14 ids, then 4 aliases. The 6 of GLM.
  const KIMI = [
    ...['kimi-k2-0905-preview', 'kimi-k2-0711-preview', 'kimi-k2-turbo-preview', 'kimi-thinking-preview'],
    ...['moonshot-v1-8k', 'moonshot-v1-32k', 'moonshot-v1-128k', 'kimi-latest', 'kimi-latest-8k'],
    ...['moonshot-v1-8k-vision-preview', 'moonshot-v1-32k-vision-preview', 'moonshot-v1-128k-vision-preview'],
    ...['kimi-latest-32k', 'kimi-latest-128k'],
    ...['kimi-k2-0905', 'kimi-k2', 'kimi-k2-0711', 'kimi-k2-turbo'],
  ];
  const GLM = ['glm-4.6', 'glm-4.5-flash', 'glm-4.5', 'glm-4.5-air', 'glm-4.5v', 'glm-4.5-x'];

  it.each([
    ['moonshot', KIMI, 18],
    ['glm', GLM, 6],
    ['anthropic', ['claude-3-haiku-20240307', 'claude-3-5-sonnet-20241022', 'claude-3-5-sonnet-latest'], 3],
    ['openai', ['gpt-4o-mini'], 1],
    ['gemini', ['gemini-2.0-flash'], 1],
    ['ollama_cloud', ['kimi-k2:1t', 'gpt-oss:120b'], 2],
    ['openrouter', ['openai/gpt-oss-120b:free', 'moonshotai/kimi-k2.6'], 2],
    ['ollama', ['qwen3.5:latest'], 1],
    ['kimi', ['kimi-for-coding'], 1],
  ] as const)('of %s all lead to a model that is served', (name, names, count) => {
    expect(names).toHaveLength(count);
    const provider = catalogue.provider(name)!;
    for (const each of names) {
      const found = catalogue.find(provider, each);
      expect([each, found && catalogue.successorOf(found.entry)?.model.status]).toEqual([
        each,
        expect.stringMatching(/^(active|deprecated)$/),
      ]);
    }
  });
});

describe('the preferred lists of the first notes', () => {
  it('lead to models that are served today', () => {
    const env = {
      KIMI_PREFERRED_MODELS: 'kimi-k2-0905-preview,kimi-k2-turbo-preview,kimi-k2-0711-preview',
      GLM_PREFERRED_MODELS: 'glm-4.5-flash,glm-4.5,glm-4.6',
      ...{ MOONSHOT_API_KEY: 'sk-one-two-three-four', GLM_API_KEY: 'key.of.glm.long' },
    };
    const { chain, decision } = registryWith({ ...env, MAX_RUNGS: '9' }).route(need());
    expect([nameOf(chain[0]), decision.decidedBy]).toEqual(['moonshot/kimi-k2.6', 'provider_preference']);
    const glm = registryWith({ ...env, ALLOWED_PROVIDERS: 'glm' }).route(need(), { model: 'auto' });
    expect(glm.chain.slice(0, 3).map(nameOf)).toEqual(['glm/glm-4.5-flash', 'glm/glm-4.5', 'glm/glm-4.6']);
  });
});
