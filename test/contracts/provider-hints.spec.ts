import { ProviderListing } from '@longhaul/registry';
import { hintsFor } from '../../libs/jobs/src/provider-hints';
import { providerSettings } from '../../libs/providers/src/scripted-upstream.fixtures';

const listed = (changes: Parameters<typeof providerSettings>[0]): ProviderListing => ({
  settings: providerSettings(changes),
  unavailableBecause: null,
});

const GLM = { name: 'glm', keyVariables: ['GLM_API_KEY'] };
const docs_url = 'https://docs.z.ai/api-reference/api-code';

describe('the hints of a provider', () => {
  it('say once for each thing that puts it on ice what to do, and where the vendor tells more', () => {
    expect(hintsFor(listed(GLM), ['quota_exhausted', 'rate_limited', 'quota_exhausted'])).toEqual([
      {
        code: 'quota_exhausted',
        hint: "Top up, wait for the plan's reset, or use another key in GLM_API_KEY.",
        docs_url,
      },
      {
        code: 'rate_limited',
        hint: 'Send fewer at once (MAX_INFLIGHT_GLM, GLM_REQUESTS_PER_MINUTE), or wait.',
        docs_url,
      },
    ]);
  });

  it('say nothing of what a request is at fault for, and of words that are no codes', () => {
    expect(hintsFor(listed(GLM), ['rejected_request', 'context_overflow', 'constructor'])).toEqual([]);
  });

  it('begin with the key that is missing, and name no page that is not known', () => {
    const keyless = listed({ name: 'acme', keyVariables: [], key: null });
    expect(hintsFor(keyless, ['network_error'])).toEqual([
      { code: 'provider_not_configured', hint: 'Set ACME_API_KEY and start Longhaul again.', docs_url: null },
      { code: 'network_error', hint: 'Check ACME_BASE_URL and the network of the workers.', docs_url: null },
    ]);
  });
});
