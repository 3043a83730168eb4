import { PolicySettings } from '@longhaul/settings';
import { WORLD, verdictOf } from '../registry.fixtures';
import { allowedProvider } from './allowed-provider.rule';

const NOT_ALLOWED = 'Provider glm is not in ALLOWED_PROVIDERS.';
const DISABLED = 'Provider glm is in DISABLED_PROVIDERS.';

describe('the allowed providers', () => {
  it.each<[string, Partial<PolicySettings>, string | null]>([
    ['A1: leave everybody when the list is not set', {}, null],
    ['A1: leave one that they name, in any case', { allowedProviders: ['KIMI', 'Glm'] }, null],
    ['A1: leave nobody else', { allowedProviders: ['kimi'] }, NOT_ALLOWED],
    ['leave nobody at all when they are an empty list', { allowedProviders: [] }, NOT_ALLOWED],
    ['do not leave one that is disabled', { disabledProviders: ['GLM'] }, DISABLED],
    [
      'do not leave one that is allowed and disabled',
      { allowedProviders: ['glm'], disabledProviders: ['glm'] },
      DISABLED,
    ],
    ['leave one while another is disabled', { disabledProviders: ['kimi'] }, null],
  ])('%s', (_, policy, sentence) => {
    const fixture = { ...WORLD, policy };
    expect(verdictOf(allowedProvider, fixture, { of: 'glm/glm-5' })).toBe(sentence);
    expect(verdictOf(allowedProvider, fixture, { of: 'glm/glm-5', chosenBy: 'caller' })).toBe(sentence);
  });
});
