import { ProviderSettings } from '@longhaul/settings';
import { model, provider, verdictOf } from '../registry.fixtures';
import { keyPresent } from './key-present.rule';

interface Case {
  readonly provider: Partial<ProviderSettings>;
  readonly missing?: readonly string[];
  readonly sentence: string | null;
}

describe('the key of a provider', () => {
  it.each<[string, Case]>([
    ['speaks for it when it is there', { provider: {}, sentence: null }],
    ['is not asked of one that takes none', { provider: { key: null, auth: 'none' }, sentence: null }],
    [
      'E15: that is missing is named by its variable',
      { provider: { key: null }, sentence: 'Provider glm has no key: GLM_API_KEY is not set.' },
    ],
    [
      'that is missing is named by every variable that could hold it, the first one first',
      {
        provider: { key: null, keyVariables: ['GLM_API_KEY', 'ZHIPUAI_API_KEY', 'ZAI_KEY'] },
        sentence: 'Provider glm has no key: GLM_API_KEY (or ZHIPUAI_API_KEY, ZAI_KEY) is not set.',
      },
    ],
    [
      'that is missing and has no variable says so',
      {
        provider: { key: null, keyVariables: [] },
        sentence: 'Provider glm has no key, and names no variable for one.',
      },
    ],
    [
      'can be taken away in thought',
      { provider: {}, missing: ['glm'], sentence: 'Provider glm is assumed to have no key.' },
    ],
    ['stays when another one is taken away', { provider: {}, missing: ['kimi'], sentence: null }],
  ])('%s', (_, { provider: changes, missing = [], sentence }) => {
    const fixture = { providers: [provider('glm', changes)], models: [model('glm/x')] };
    const question = { missingKeys: new Set(missing) };
    expect(verdictOf(keyPresent, fixture, { of: 'glm/x', question })).toBe(sentence);
    expect(verdictOf(keyPresent, fixture, { of: 'glm/x', question, chosenBy: 'caller' })).toBe(sentence);
  });
});
